/**
 * A dialog that asks for something and records it: fields, what was wrong, one button.
 *
 * @module
 */

import type { ComponentChildren, JSX } from "preact";
import { Dialog } from "./dialog.tsx";
import { Fault } from "./fields.tsx";

export interface FormDialogProps {
  readonly title: string;
  /** On the button. */
  readonly action: string;
  readonly isReady: boolean;
  /** Why the last attempt was not recorded. */
  readonly fault?: ComponentChildren;
  /** The action cannot be undone. */
  readonly isGrave?: boolean;
  readonly onSend: () => Promise<void>;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  /** Below the form. */
  readonly after?: ComponentChildren;
}

export function FormDialog(props: FormDialogProps): JSX.Element {
  const { title, action, isReady, fault, isGrave = false, onSend, onClose, children } = props;
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void onSend();
        }}
      >
        {children}
        <Fault>{fault}</Fault>
        <button
          type="submit"
          class={isGrave ? "main-button grave" : "main-button"}
          disabled={!isReady}
        >
          {action}
        </button>
      </form>
      {props.after}
    </Dialog>
  );
}
