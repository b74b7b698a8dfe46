/**
 * Frames of the live sync: read strictly, and made anew for the stock adapter. PROTOCOL.md §3 (SA).
 *
 * automerge-repo believes whatever members a message has: a storage id in `join` that is the name of a method of
 * every object ends its process at the next sync. So nothing goes on but what this made.
 *
 * @module
 */

import { cbor, isValidDocumentId, type DocumentId } from "@automerge/automerge-repo";
import { unreachable } from "@tillmesh/kernel";

/** A message in which every member that counts is of its form. */
export type SyncFrame =
  | { readonly type: "join" | "peer" | "unused"; readonly senderId: string }
  | { readonly type: "doc-unavailable"; readonly senderId: string; readonly documentId: DocumentId }
  | SyncDataFrame;

/** What carries changes. */
export interface SyncDataFrame {
  readonly type: "sync" | "request";
  readonly senderId: string;
  readonly documentId: DocumentId;
  readonly data: Uint8Array;
}

/** Undefined for what is no message of automerge-repo's protocol "1". No bytes make it throw. */
export function readSyncFrame(bytes: Uint8Array): SyncFrame | undefined {
  try {
    return toSyncFrame(cbor.decode(new Uint8Array(bytes)));
  } catch {
    return undefined;
  }
}

/** The same message with nothing in it that its sender made up. */
export function writeSyncFrame(frame: SyncFrame, own: string): Uint8Array {
  const { type, senderId } = frame;
  const address = { senderId, targetId: own };
  switch (type) {
    case "join":
      // Who stores what under which id is of no use here: sync states are rebuilt at each contact.
      return cbor.encode({ type, senderId, peerMetadata: {}, supportedProtocolVersions: ["1"] });
    case "peer":
      return cbor.encode({ type, ...address, peerMetadata: {}, selectedProtocolVersion: "1" });
    case "doc-unavailable":
      return cbor.encode({ type, ...address, documentId: frame.documentId });
    case "sync":
    case "request":
      return cbor.encode({ type, ...address, documentId: frame.documentId, data: frame.data });
    case "unused":
      return cbor.encode({ type, senderId });
    default:
      return unreachable(type);
  }
}

function toSyncFrame(message: unknown): SyncFrame | undefined {
  if (typeof message !== "object" || message === null) return undefined;
  const { type, senderId, ...members } = message as { readonly [name: string]: unknown };
  if (typeof type !== "string" || typeof senderId !== "string") return undefined;
  if (type === "join" || type === "peer") return { type, senderId };
  if (isOfDocument(type)) return aboutDocument({ type, senderId }, members);
  return unusedTypes.has(type) ? { type: "unused", senderId } : undefined;
}

function isOfDocument(type: string): type is DocumentHead["type"] {
  return type === "sync" || type === "request" || type === "doc-unavailable";
}

interface DocumentHead {
  readonly type: "sync" | "request" | "doc-unavailable";
  readonly senderId: string;
}

function aboutDocument(
  { type, senderId }: DocumentHead,
  { documentId, data }: { readonly [name: string]: unknown },
): SyncFrame | undefined {
  if (!isDocument(documentId)) return undefined;
  if (type === "doc-unavailable") return { type, senderId, documentId };
  return data instanceof Uint8Array ? { type, senderId, documentId, data } : undefined;
}

/** The rest of the protocol: ephemeral messages and gossip have no use here. */
const unusedTypes: ReadonlySet<string> = new Set([
  "leave",
  "error",
  "ephemeral",
  "remote-subscription-change",
  "remote-heads-changed",
]);

function isDocument(id: unknown): id is DocumentId {
  return typeof id === "string" && isValidDocumentId(id);
}
