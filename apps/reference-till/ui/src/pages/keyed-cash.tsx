/**
 * An amount that is keyed: taken in cash, or as a tip; with the keyboard as well as with the pad.
 *
 * @module
 */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { moneyText } from "../money.ts";
import { NumberPad } from "../parts/number-pad.tsx";
import { pressDigits } from "../till/cash.ts";
import type { Rest } from "../till/tendering.ts";

export interface KeyedCashProps {
  readonly keyed: number;
  readonly rest: Rest;
  readonly currency: string;
  readonly isReady: boolean;
  readonly isBusy: boolean;
  readonly onKeyed: (minor: number) => void;
  readonly onTake: () => void;
  readonly onTip: () => void;
}

export function KeyedCash(props: KeyedCashProps): JSX.Element {
  const { keyed, rest, currency, isReady, isBusy, onKeyed, onTake, onTip } = props;
  const amount = useRef<HTMLOutputElement>(null);
  const take = () => {
    if (isReady && keyed > 0) onTake();
  };
  const press = (key: string) => {
    amount.current?.focus();
    onKeyed(pressDigits(keyed, key));
  };
  useKeyboard({ onKey: press, onEnter: keyed > 0 ? take : undefined });
  return (
    <form
      class="pay-keyed"
      onSubmit={(event) => {
        event.preventDefault();
        take();
      }}
    >
      <output ref={amount} tabIndex={-1} class="keyed-field" aria-label="Amount given">
        {moneyText({ minor: keyed, currency })}
      </output>
      <p class="pay-rest" aria-live="polite">
        {restText(keyed, rest.dueInCashMinor, currency)}
      </p>
      <NumberPad last="00" onPress={press} />
      <div class="pay-actions">
        <button type="button" class="quiet-button" disabled={keyed === 0} onClick={onTip}>
          As tip
        </button>
        <button type="submit" class="main-button" disabled={!isReady || keyed === 0}>
          {isBusy ? "Recording …" : "Take cash"}
        </button>
      </div>
    </form>
  );
}

/** A hint while keying; the change on the receipt is the service's. */
function restText(keyed: number, dueMinor: number, currency: string): string {
  if (keyed === 0) return "Key in what was given.";
  const rest = keyed - dueMinor;
  const text = moneyText({ minor: Math.abs(rest), currency });
  return rest < 0 ? `${text} still to pay` : `${text} change`;
}

interface Keyboard {
  readonly onKey: (key: string) => void;
  /** Undefined where Enter means the button that has the focus. */
  readonly onEnter: (() => void) | undefined;
}

/** Keys work as well as the pad: once an amount is keyed, Enter takes that and no other cash. */
function useKeyboard(keyboard: Keyboard): void {
  const latest = useRef(keyboard);
  latest.current = keyboard;
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const { onKey, onEnter } = latest.current;
      if (/^\d$/.test(event.key)) onKey(event.key);
      if (event.key === "Backspace") onKey("back");
      if (event.key !== "Enter" || onEnter === undefined || isOtherButton(event.target)) return;
      event.preventDefault();
      onEnter();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
}

/** One that somebody went to with the keyboard, and that does something else with the amount. */
function isOtherButton(target: EventTarget | null): boolean {
  return target instanceof HTMLButtonElement && !target.matches(".exact, .note");
}
