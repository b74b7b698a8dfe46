/**
 * How a connection ends: with a code and a reason, and not later than the other end likes. SPEC.md §7 (EL).
 *
 * @module
 */

import type { WebSocket } from "ws";

/** One link is enough; not now; broke the rules or is not let in; something went wrong here. */
export const closeCodes = { second: 4_001, notNow: 4_002, refused: 4_003, anew: 4_004 } as const;

/** The reason that a peer is told that sends more than an honest one ever does. */
export const flood = "flood";

/**
 * Says why, and does not wait for ever for the other end to agree. What it still sends is for nobody: readers look
 * whether their socket is open.
 */
export function endSocket(socket: WebSocket, code: number, reason: string): void {
  if (socket.readyState !== socket.OPEN) return;
  endedHere.add(socket);
  socket.close(code, closeReason(reason));
  const deadline = setTimeout(() => socket.terminate(), closeMs);
  socket.on("close", () => clearTimeout(deadline));
}

/** Whether it was this end that gave the code. */
export function wasEndedHere(socket: WebSocket): boolean {
  return endedHere.has(socket);
}

const endedHere = new WeakSet<WebSocket>();
const closeMs = 1_000;

/** What a close frame can hold: at most 123 bytes. */
function closeReason(reason: string): string {
  return reason.replaceAll(/[^ -~]/g, "?").slice(0, 100);
}
