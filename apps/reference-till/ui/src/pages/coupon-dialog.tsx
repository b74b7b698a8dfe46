/**
 * A coupon: typed or scanned. One that is not taken says why, and does not get into the basket.
 *
 * @module
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Quote } from "../api/shapes.ts";
import { TextField } from "../parts/fields.tsx";
import { FormDialog } from "../parts/form-dialog.tsx";
import { couponObjection } from "../till/coupon-text.ts";
import { withCoupon } from "../till/terms.ts";
import { useWorkplace } from "../till/workplace.ts";
import { useDeciding } from "./use-deciding.ts";

export function CouponDialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const { basket } = useWorkplace();
  const { isBusy, fault, decide } = useDeciding(onClose);
  const [text, setText] = useState("");
  const code = text.trim();
  const add = async () => {
    const order = withCoupon(basket.get().order, code);
    return decide({ type: "order", order }, (quote: Quote) => couponObjection(code, quote));
  };
  return (
    <FormDialog
      title="Coupon"
      action="Use coupon"
      isReady={!isBusy && code !== ""}
      fault={fault}
      onSend={add}
      onClose={onClose}
    >
      <TextField
        label="Code of the coupon"
        value={text}
        onInput={setText}
        maxLength={64}
        autoFocus
        takesScans
      />
    </FormDialog>
  );
}
