/**
 * What can be done with the whole basket: a coupon, a discount, whose prices count.
 *
 * @module
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { MenuDialog, type MenuEntry } from "../parts/menu-dialog.tsx";
import { useStore } from "../store.ts";
import { limitText, refusalText } from "../till/permission-text.ts";
import { withGroup } from "../till/terms.ts";
import { useWorkplace } from "../till/workplace.ts";
import { CouponDialog } from "./coupon-dialog.tsx";
import { DiscountDialog } from "./discount-dialog.tsx";

type Step = "menu" | "coupon" | "discount" | "group";

export function OrderMenu({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const { options, basket } = useWorkplace();
  const offered = useStore(options);
  const { order } = useStore(basket);
  const [step, setStep] = useState<Step>("menu");
  if (step === "coupon") return <CouponDialog onClose={onClose} />;
  if (step === "discount") return <DiscountDialog onClose={onClose} />;
  const groups = offered?.customerGroups ?? [];
  if (step === "group") return <GroupDialog groups={groups} onClose={onClose} />;
  const entries: readonly MenuEntry[] = [
    { name: "Coupon …", onChoose: () => setStep("coupon") },
    {
      name: "Order discount …",
      note: limitText("order", offered),
      refusal: refusalText("order", offered),
      onChoose: () => setStep("discount"),
    },
    ...(groups.length === 0
      ? []
      : [
          {
            name: "Customer group …",
            note: order.customerGroup ?? "Any customer",
            onChoose: () => setStep("group"),
          },
        ]),
  ];
  return <MenuDialog title="Whole basket" entries={entries} onClose={onClose} />;
}

interface GroupDialogProps {
  readonly groups: readonly string[];
  readonly onClose: () => void;
}

function GroupDialog({ groups, onClose }: GroupDialogProps): JSX.Element {
  const { basket } = useWorkplace();
  const choose = (group: string) => {
    basket.dispatch({ type: "order", order: withGroup(basket.get().order, group) });
    onClose();
  };
  const entries = ["", ...groups].map((group) => ({
    name: group === "" ? "Any customer" : group,
    onChoose: () => choose(group),
  }));
  return <MenuDialog title="Customer group" entries={entries} onClose={onClose} />;
}
