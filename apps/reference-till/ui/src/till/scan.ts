/**
 * Tells a keyboard-wedge scanner from a person: characters in quick succession, then Enter.
 *
 * @module
 */

export interface ScanState {
  readonly text: string;
  readonly lastAtMs: number;
}

export const scanStart: ScanState = { text: "", lastAtMs: 0 };

/** Scanners send a character every few milliseconds; nobody types four and Enter this fast. */
const gapMaxMs = 60;
const lengthMin = 4;
const lengthMax = 48;

export interface ScanStep {
  readonly state: ScanState;
  /** The barcode, when this key ended one. */
  readonly scanned?: string;
}

/** Moments are those of the events: a page that is busy does not stretch a scan. */
export function stepScan(state: ScanState, key: string, atMs: number): ScanStep {
  const isQuick = atMs - state.lastAtMs <= gapMaxMs;
  if (key === "Enter" || key === "Tab") {
    const isScan = isQuick && state.text.length >= lengthMin;
    return isScan ? { state: scanStart, scanned: state.text } : { state: scanStart };
  }
  if (key.length !== 1) return { state };
  const text = isQuick ? state.text + key : key;
  return { state: { text: text.slice(-lengthMax), lastAtMs: atMs } };
}

/** What stood in a field before a scan was typed into it. */
export function withoutScan(value: string, scanned: string): string {
  const at = value.lastIndexOf(scanned);
  return at === -1 ? value : value.slice(0, at) + value.slice(at + scanned.length);
}
