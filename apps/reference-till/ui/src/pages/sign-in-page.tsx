/**
 * Sign in by PIN: pad or keyboard.
 *
 * @module
 */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { sentenceOf } from "../api/problem.ts";
import { Fault } from "../parts/fields.tsx";
import { NumberPad } from "../parts/number-pad.tsx";
import { useWorkplace } from "../till/workplace.ts";

export interface SignInPageProps {
  /** A request from before waits for its answer. */
  readonly isWaiting: boolean;
}

export function SignInPage({ isWaiting }: SignInPageProps): JSX.Element {
  const { pin, press, enter, fault, isBusy } = usePin();
  return (
    <main class="sign-in" id="main">
      <form
        class="sign-in-card"
        onSubmit={(event) => {
          event.preventDefault();
          void enter();
        }}
      >
        <h1>Sign in</h1>
        {isWaiting ? (
          <p>A sale or request is waiting for its answer. Sign in, and it is asked again first.</p>
        ) : (
          <p>Key in your PIN.</p>
        )}
        <output class="pin" aria-label={`${pin.length} digits keyed`}>
          {Array.from({ length: Math.max(4, pin.length) }, (_, index) => (
            <span key={index} class={index < pin.length ? "pin-dot full" : "pin-dot"} />
          ))}
        </output>
        <div class="fault-place">
          <Fault>{fault}</Fault>
        </div>
        <NumberPad last="clear" onPress={press} isDisabled={isBusy} />
        <button type="submit" class="main-button" disabled={isBusy || pin.length < 4}>
          {isBusy ? "Signing in …" : "Sign in"}
        </button>
      </form>
    </main>
  );
}

const pinMaxLength = 12;

function usePin() {
  const { signIn } = useWorkplace();
  const [pin, setPin] = useState("");
  const [fault, setFault] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const press = (key: string) => {
    setFault(undefined);
    if (key === "back") setPin((keyed) => keyed.slice(0, -1));
    else if (key === "clear") setPin("");
    else setPin((keyed) => (keyed + key).slice(0, pinMaxLength));
  };
  const enter = async () => {
    if (isBusy || pin.length < 4) return;
    setBusy(true);
    const answered = await signIn(pin);
    setBusy(false);
    setPin("");
    if (!answered.ok) setFault(sentenceOf(answered.error));
  };
  const latest = useRef({ press, enter });
  latest.current = { press, enter };
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (/^\d$/.test(event.key)) latest.current.press(event.key);
      else if (event.key === "Backspace") latest.current.press("back");
      else if (event.key === "Enter" && !(event.target instanceof HTMLButtonElement)) {
        void latest.current.enter();
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  return { pin, press, enter, fault, isBusy };
}
