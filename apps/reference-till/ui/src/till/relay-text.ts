/**
 * The relay link in words.
 *
 * @module
 */

import type { Lane, Relay } from "../api/shapes.ts";

export function relayStateText(state: Relay["state"]): string {
  return states[state] ?? state;
}

const states: Readonly<Record<string, string>> = {
  connected: "connected",
  connecting: "not reached, trying",
  refused: "refused by the relay",
  revoked: "refused: this device was revoked",
  off: "switched off",
};

export function laneText(lane: Lane): string {
  return lanes[lane];
}

const lanes: Readonly<Record<Lane, string>> = {
  0: "Control, prices",
  1: "Sales, stock",
  2: "Fiscal evidence",
  3: "History",
};

/** `"812 B"`, `"14 kB"`, `"2.3 MB"`: for a glance, not for a bill. */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const unit = bytes < 1e6 ? 1000 : 1e6;
  const name = unit === 1000 ? "kB" : "MB";
  const tenths = Math.round(bytes / (unit / 10));
  return tenths < 100
    ? `${Math.floor(tenths / 10)}.${tenths % 10} ${name}`
    : `${Math.round(tenths / 10)} ${name}`;
}
