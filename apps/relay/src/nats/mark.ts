/**
 * What stands in the headers of a stored envelope, so that chains, places and usage can be told without its bytes.
 *
 * @module
 */

import { fromHex, hex } from "@tillmesh/kernel";
import { headers, type MsgHdrs } from "@nats-io/transport-node";

export interface Mark {
  /** In the chain. */
  readonly sequence: number;
  /** SHA-256 of the envelope. */
  readonly hash: Uint8Array;
  readonly sizeBytes: number;
  /** Envelopes and bytes of the chain up to and with this one, whatever was released since. */
  readonly chainCount: number;
  readonly chainBytes: number;
  /** 0: the message is the envelope. Otherwise it is the JSON list of the places of so many pieces. */
  readonly pieces: number;
}

export function markHeaders(mark: Mark): MsgHdrs {
  const { sequence, hash, sizeBytes, chainCount, chainBytes, pieces } = mark;
  const made = headers();
  made.set(
    markHeader,
    [1, sequence, hex(hash), sizeBytes, chainCount, chainBytes, pieces].join(" "),
  );
  return made;
}

/** Undefined for a message that no relay wrote. */
export function readMark(from: MsgHdrs | undefined): Mark | undefined {
  const text = from?.get(markHeader) ?? "";
  const found = /^1 (\d{1,16}) ([0-9a-f]{64}) (\d{1,16}) (\d{1,16}) (\d{1,16}) (\d{1,4})$/.exec(
    text,
  );
  const hash = fromHex(found?.[2] ?? "");
  if (!found || !hash.ok) return undefined;
  const [sequence, sizeBytes, chainCount, chainBytes, pieces] = [1, 3, 4, 5, 6].map((index) =>
    Number(found[index]),
  ) as [number, number, number, number, number];
  return { sequence, hash: hash.value, sizeBytes, chainCount, chainBytes, pieces };
}

const markHeader = "Tillmesh-Mark";
