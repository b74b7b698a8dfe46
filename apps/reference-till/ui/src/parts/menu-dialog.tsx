/**
 * A dialog of things that can be done; what may not be done says who may.
 *
 * @module
 */

import type { JSX } from "preact";
import { Dialog } from "./dialog.tsx";

export interface MenuEntry {
  readonly name: string;
  /** What is in force now, or how far one may go. */
  readonly note?: string | undefined;
  /** Why it cannot be done. */
  readonly refusal?: string | undefined;
  readonly onChoose: () => void;
}

export interface MenuDialogProps {
  readonly title: string;
  readonly entries: readonly MenuEntry[];
  readonly onClose: () => void;
}

export function MenuDialog({ title, entries, onClose }: MenuDialogProps): JSX.Element {
  return (
    <Dialog title={title} onClose={onClose}>
      <ul class="menu">
        {entries.map(({ name, note, refusal, onChoose }) => (
          <li key={name}>
            <button
              type="button"
              class="menu-entry"
              disabled={refusal !== undefined}
              onClick={onChoose}
            >
              <strong>{name}</strong>
              {(refusal ?? note) !== undefined && <small>{refusal ?? note}</small>}
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
