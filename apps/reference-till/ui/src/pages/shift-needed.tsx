/**
 * No shift is open: open one, with the float that lies in the drawer.
 *
 * @module
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { readMoney } from "../money.ts";
import { Fault, TextField } from "../parts/fields.tsx";
import { useRecording } from "../parts/recording.ts";
import { useStore } from "../store.ts";
import { useWorkplace } from "../till/workplace.ts";

export function ShiftNeeded(): JSX.Element {
  const workplace = useWorkplace();
  const status = useStore(workplace.status);
  const { isBusy, fault, record } = useRecording();
  const [text, setText] = useState("");
  const float = readMoney(text, status?.currency ?? "GBP");
  const open = async () => {
    if (float === undefined) return;
    const answered = await record("/shifts", { float }, "Opening of the shift");
    if (answered?.ok === true) workplace.refreshStatus();
  };
  const isTill = status?.roles.includes("till") !== false;
  return (
    <section class="shift-needed" aria-label="Open a shift">
      <form
        class="card"
        onSubmit={(event) => {
          event.preventDefault();
          void open();
        }}
      >
        <h1>{isTill ? "Open a shift" : "This device does not sell"}</h1>
        {isTill ? (
          <>
            <p>Count the float in the drawer; selling begins with it.</p>
            <TextField
              label={`Float in ${status?.currency ?? ""}`}
              value={text}
              onInput={setText}
              isNumeric
              autoFocus
              hint="For example 50 or 50.00"
            />
            <Fault>{fault}</Fault>
            <button type="submit" class="main-button" disabled={isBusy || float === undefined}>
              Open shift
            </button>
          </>
        ) : (
          <p>Its role is headquarters: stock, products and sync are in the pages above.</p>
        )}
      </form>
    </section>
  );
}
