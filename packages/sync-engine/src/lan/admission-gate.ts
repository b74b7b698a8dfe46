/**
 * Lets no sync message reach automerge-repo before its changes are admitted. SPEC.md §7 (AG).
 *
 * automerge-repo applies whatever a peer sends. So every change in a message is
 * taken out here first, admitted by the rule of its document and made durable;
 * only a message whose changes are all admitted goes on.
 *
 * @module
 */

import * as Automerge from "@automerge/automerge";
import type { DocumentKey } from "../documents/document-name.ts";
import { genesisOf } from "../documents/genesis.ts";
import type { CoreState } from "../replica/core-state.ts";
import { receiveChanges, type ReceiveError } from "../replica/receive.ts";

/**
 * `pass`: hand it on. `hold`: something must come before it, ask for that.
 * `refuse`: an honest peer never holds this; close the connection.
 */
export type GateVerdict = "pass" | "hold" | "refuse";

/** Admits the changes of one sync message, a slice per turn so that a sale never waits for long. */
export async function admitSyncMessage(
  state: CoreState,
  message: SyncMessage,
): Promise<GateVerdict> {
  const { key, data, peer, doubts } = message;
  const chunks = chunksIn(data);
  if (!chunks) return "refuse";
  // A document as a whole could unfold without end: its changes are asked for instead.
  if (chunks.some((chunk) => chunk[chunkTypeOffset] === documentChunkType)) return "hold";
  const changes = chunks.filter((chunk) => !isGenesis(chunk));
  for (let start = 0; start < changes.length; start += sliceLength) {
    if (start > 0) await nextTurn();
    const slice = changes.slice(start, start + sliceLength);
    const received = receiveChanges(state, { key, changes: slice }, { peer });
    if (!received.ok) return isToBlame(received.error, doubts) ? "refuse" : "hold";
  }
  return "pass";
}

export interface SyncMessage {
  readonly key: DocumentKey;
  readonly data: Uint8Array;
  readonly peer: string;
  /** Of the link with that peer. */
  readonly doubts: Set<string>;
}

/**
 * Whether an honest peer never sends this. A device that signs two things for one place, or
 * holds two keys, makes honest peers hold different ones: they must not turn away from each other. So
 * such a refusal is only noted, up to a bound.
 */
export function isToBlame(error: ReceiveError, doubts: Set<string>): boolean {
  if (benign.has(error.type)) return false;
  if (!heldInGoodFaith.has(error.type)) return true;
  doubts.add(JSON.stringify(error));
  return doubts.size > doubtsMax;
}

/** Something must come first, or this replica cannot take more now. */
const benign: ReadonlySet<ReceiveError["type"]> = new Set([
  "MissingParent",
  "UnknownPublisher",
  "UnknownDocument",
  "Full",
  "LogFailed",
]);

const heldInGoodFaith: ReadonlySet<ReceiveError["type"]> = new Set([
  "EntryTwice",
  "IdTwice",
  "ActorReused",
  "TooManyBranches",
  "BadSignature",
  "Untrusted",
  "NotHq",
]);

const doubtsMax = 32;
const sliceLength = 40;

/** Several changes that a peer sends at once stand one behind the other in one piece of the message. */
function chunksIn(data: Uint8Array): readonly Uint8Array[] | undefined {
  try {
    const pieces = Automerge.decodeSyncMessage(data).changes.map(splitChunks);
    return pieces.includes(undefined) ? undefined : pieces.flatMap((piece) => piece ?? []);
  } catch {
    return undefined;
  }
}

/** Undefined when the stated lengths do not add up to the piece. */
function splitChunks(piece: Uint8Array): readonly Uint8Array[] | undefined {
  const chunks: Uint8Array[] = [];
  let start = 0;
  while (start < piece.length) {
    const size = chunkSize(piece.subarray(start));
    if (size === undefined || size > piece.length - start) return undefined;
    chunks.push(piece.subarray(start, start + size));
    start += size;
  }
  return chunks;
}

/** Magic, checksum and type, then the length of the rest in LEB128. */
function chunkSize(bytes: Uint8Array): number | undefined {
  let length = 0;
  for (let index = 0; index < lengthMaxDigits; index += 1) {
    const byte = bytes[chunkTypeOffset + 1 + index];
    if (byte === undefined) return undefined;
    length += (byte % 128) * 128 ** index;
    if (byte < 128) return chunkTypeOffset + 2 + index + length;
  }
  return undefined;
}

/** 128^5 is beyond any message that is taken. */
const lengthMaxDigits = 5;

/** Byte 8 of a chunk is its type (Automerge binary format). */
const chunkTypeOffset = 8;
const documentChunkType = 0;

/** The frozen changes are in every document already. */
function isGenesis(chunk: Uint8Array): boolean {
  return (["ledger", "publications"] as const).some((kind) => {
    const { change } = genesisOf(kind);
    return chunk.length === change.length && chunk.every((byte, index) => byte === change[index]);
  });
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
