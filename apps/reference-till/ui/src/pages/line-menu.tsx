/**
 * What can be done with a line: quantity, discount, price, giving it away; and why it costs what it costs.
 *
 * @module
 */

import { unreachable } from "@tillmesh/kernel";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Dialog } from "../parts/dialog.tsx";
import { MenuDialog, type MenuEntry } from "../parts/menu-dialog.tsx";
import { quantityText } from "../money.ts";
import { useStore } from "../store.ts";
import type { BasketLine } from "../till/basket.ts";
import { limitText, refusalText } from "../till/permission-text.ts";
import { isPlain } from "../till/terms.ts";
import { useWorkplace } from "../till/workplace.ts";
import { CompDialog } from "./comp-dialog.tsx";
import { DiscountDialog } from "./discount-dialog.tsx";
import { LinePriceDialog } from "./line-price-dialog.tsx";
import { QuantityDialog } from "./quantity-dialog.tsx";
import { WhyPrice } from "./why-price.tsx";

export interface LineMenuProps {
  readonly line: BasketLine;
  readonly onClose: () => void;
}

type Step = "menu" | "quantity" | "discount" | "price" | "comp" | "why";

export function LineMenu({ line, onClose }: LineMenuProps): JSX.Element {
  const { products, basket } = useWorkplace();
  const list = useStore(products);
  const { customerGroup } = useStore(basket).order;
  const [step, setStep] = useState<Step>("menu");
  const openPrice = list.items.find(({ sku }) => sku === line.sku)?.openPrice;
  switch (step) {
    case "quantity":
      return <QuantityDialog wanted={{ line }} onClose={onClose} />;
    case "discount":
      return <DiscountDialog line={line} onClose={onClose} />;
    case "price":
      return <LinePriceDialog line={line} openPrice={openPrice} onClose={onClose} />;
    case "comp":
      return <CompDialog line={line} onClose={onClose} />;
    case "why":
      return (
        <Dialog title={`Why ${line.name} costs this`} onClose={onClose}>
          <WhyPrice
            sku={line.sku}
            quantityMilli={line.quantityMilli}
            customerGroup={customerGroup}
          />
        </Dialog>
      );
    case "menu":
      return (
        <Menu line={line} isOpen={openPrice !== undefined} onStep={setStep} onClose={onClose} />
      );
    default:
      return unreachable(step);
  }
}

interface MenuProps extends LineMenuProps {
  readonly isOpen: boolean;
  readonly onStep: (step: Step) => void;
}

function Menu({ line, isOpen, onStep, onClose }: MenuProps): JSX.Element {
  const { basket, options } = useWorkplace();
  const offered = useStore(options);
  const { key, name, terms, quantityMilli } = line;
  const withdraw = () => {
    const price = isOpen ? terms?.price : undefined;
    basket.dispatch({ type: "terms", key, terms: price === undefined ? {} : { price } });
    onClose();
  };
  const isChanged = !isPlain(terms) && !(isOpen && Object.keys(terms ?? {}).length === 1);
  const entries: readonly MenuEntry[] = [
    { name: "Quantity …", note: quantityText(quantityMilli), onChoose: () => onStep("quantity") },
    {
      name: "Discount …",
      note: limitText("line", offered),
      refusal: refusalText("line", offered),
      onChoose: () => onStep("discount"),
    },
    {
      name: "Price …",
      note: isOpen ? undefined : limitText("price", offered),
      onChoose: () => onStep("price"),
    },
    {
      name: "Give away …",
      refusal: refusalText("comp", offered),
      onChoose: () => onStep("comp"),
    },
    ...(isChanged ? [{ name: "Back to the list’s price", onChoose: withdraw }] : []),
    { name: "Why this price", onChoose: () => onStep("why") },
  ];
  return <MenuDialog title={name} entries={entries} onClose={onClose} />;
}
