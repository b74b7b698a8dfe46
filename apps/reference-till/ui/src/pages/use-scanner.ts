/**
 * A scan works wherever the focus is.
 *
 * The keys of a scan land in whatever has the focus; what they typed there is taken back, unless
 * it is a field for codes that are no products.
 *
 * @module
 */

import { useLayoutEffect, useRef } from "preact/hooks";
import { scanStart, stepScan, withoutScan, type ScanState } from "../till/scan.ts";

export function useScanner(onScan: (code: string) => void): void {
  const latest = useRef(onScan);
  latest.current = onScan;
  // Before the next key can come: a scanner does not wait for a page to settle.
  useLayoutEffect(() => {
    let state: ScanState = scanStart;
    const onKey = (event: KeyboardEvent) => {
      const step = stepScan(state, event.key, event.timeStamp);
      state = step.state;
      if (step.scanned === undefined || isOwnOf(event.target)) return;
      event.preventDefault();
      event.stopPropagation();
      if (event.target instanceof HTMLInputElement) takeBack(event.target, step.scanned);
      latest.current(step.scanned);
    };
    window.addEventListener("keydown", onKey, { capture: true });
    return () => window.removeEventListener("keydown", onKey, { capture: true });
  }, []);
}

function isOwnOf(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.dataset["takesScans"] !== undefined;
}

function takeBack(field: HTMLInputElement, scanned: string): void {
  field.value = withoutScan(field.value, scanned);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
