/**
 * Envelopes that arrive over one connection: out of their fragments, with what may be allowed next. PROTOCOL.md §4 (SW).
 *
 * The other end sends each lane in order, so that no more envelopes are begun at a time than there are lanes, and no
 * more bytes are kept than it sent.
 *
 * @module
 */

import { err, ok, type Result } from "@tillmesh/kernel";
import { lanes, type Fragment } from "./frame.ts";

/** Mutable: owned by one connection. */
export interface Receiving {
  readonly windowBytes: number;
  readonly begun: Map<number | string, Begun>;
  receivedBytes: number;
  /** Of what came, done with: it makes room. */
  takenBytes: number;
  allowedBytes: number;
}

interface Begun {
  readonly sizeBytes: number;
  bytes: Uint8Array;
  arrivedBytes: number;
}

/** `windowBytes` is what the other end may send at first. */
export function createReceiving(windowBytes: number): Receiving {
  return {
    windowBytes,
    begun: new Map(),
    receivedBytes: 0,
    takenBytes: 0,
    allowedBytes: windowBytes,
  };
}

/**
 * The whole envelope, once its last fragment came. `stream` is what its fragments have in common. After an error the
 * connection is of no use.
 */
export function receiveFragment(
  receiving: Receiving,
  stream: number | string,
  { offset, size, data }: Fragment,
): Result<Uint8Array | undefined, ReceiveError> {
  receiving.receivedBytes += data.length;
  if (receiving.receivedBytes > receiving.allowedBytes) return err({ type: "BeyondCredit" });
  const begun = receiving.begun.get(stream) ?? begin(receiving, stream, { offset, size });
  if (!begun || begun.sizeBytes !== size || begun.arrivedBytes !== offset) {
    return err({ type: "OutOfPlace", offset });
  }
  const end = offset + data.length;
  if (end > size) return err({ type: "OutOfPlace", offset });
  if (end === size && offset === 0) {
    receiving.begun.delete(stream);
    return ok(data);
  }
  makeRoom(begun, end);
  begun.bytes.set(data, offset);
  begun.arrivedBytes = end;
  if (end < size) return ok(undefined);
  receiving.begun.delete(stream);
  return ok(begun.bytes.subarray(0, size));
}

export type ReceiveError =
  | { readonly type: "BeyondCredit" }
  | { readonly type: "OutOfPlace"; readonly offset: number };

/** So many bytes are done with: passed on, stored or thrown away. */
export function release(receiving: Receiving, sizeBytes: number): void {
  receiving.takenBytes += sizeBytes;
}

/**
 * What to put into a `credit` frame; undefined while there is nothing worth a frame: less than a quarter of the window,
 * or, when `isDue`, some milliseconds after the first release, less than `creditMinBytes`.
 */
export function nextCredit(receiving: Receiving, isDue: boolean): number | undefined {
  const through = receiving.takenBytes + receiving.windowBytes;
  const more = through - receiving.allowedBytes;
  const quarter = receiving.windowBytes / 4;
  if (more < (isDue ? Math.min(creditMinBytes, quarter) : quarter)) return undefined;
  receiving.allowedBytes = through;
  return through;
}

/**
 * Half of what any sender keeps under way: it never waits for less, and one small envelope now and then is not worth
 * a frame in return.
 */
export const creditMinBytes = 2_048;

function begin(
  { begun }: Receiving,
  stream: number | string,
  { offset, size }: Pick<Fragment, "offset" | "size">,
): Begun | undefined {
  if (offset !== 0 || begun.size >= lanes.length) return undefined;
  const one = { sizeBytes: size, bytes: new Uint8Array(0), arrivedBytes: 0 };
  begun.set(stream, one);
  return one;
}

/** Grows with what came, not with what was announced. */
function makeRoom(begun: Begun, sizeBytes: number): void {
  if (sizeBytes <= begun.bytes.length) return;
  const larger = new Uint8Array(Math.min(begun.sizeBytes, Math.max(2 * sizeBytes, 16_384)));
  larger.set(begun.bytes);
  begun.bytes = larger;
}
