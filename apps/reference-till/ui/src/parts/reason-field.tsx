/**
 * Why a price was changed: typed, or one of the usual reasons.
 *
 * @module
 */

import type { JSX } from "preact";
import { TextField } from "./fields.tsx";

export interface ReasonFieldProps {
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly usual?: readonly string[];
}

export function ReasonField({ value, onInput, usual = [] }: ReasonFieldProps): JSX.Element {
  return (
    <div class="stack-tight">
      <TextField label="Reason" value={value} onInput={onInput} isRequired />
      {usual.length > 0 && (
        <div class="chips" role="group" aria-label="Usual reasons">
          {usual.map((reason) => (
            <button
              key={reason}
              type="button"
              class="chip"
              aria-pressed={reason === value}
              onClick={() => onInput(reason)}
            >
              {reason}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
