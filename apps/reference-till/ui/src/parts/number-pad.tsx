/**
 * The number pad: always the same keys in the same place.
 *
 * @module
 */

import type { JSX } from "preact";

export interface NumberPadProps {
  /** Gets "0" to "9", the last key's name, or "back". */
  readonly onPress: (key: string) => void;
  readonly last: "00" | "." | "clear";
  readonly isDisabled?: boolean;
}

export function NumberPad({ onPress, last, isDisabled = false }: NumberPadProps): JSX.Element {
  const keys = ["7", "8", "9", "4", "5", "6", "1", "2", "3", last, "0", "back"];
  return (
    <div class="number-pad" role="group" aria-label="Number pad">
      {keys.map((key) => (
        <button
          key={key}
          type="button"
          class="pad-key"
          disabled={isDisabled}
          aria-label={names[key]}
          onClick={() => onPress(key)}
        >
          {faces[key] ?? key}
        </button>
      ))}
    </div>
  );
}

const names: Readonly<Record<string, string>> = {
  back: "Delete last digit",
  clear: "Clear",
  ".": "Decimal point",
};
const faces: Readonly<Record<string, string>> = { back: "⌫", clear: "C" };
