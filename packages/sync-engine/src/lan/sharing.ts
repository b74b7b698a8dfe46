/**
 * What two ends of a link may speak of: the documents that both are entitled to. SPEC.md §7 (ET).
 *
 * Both ends judge by the same certificates, so both come to the same list; what
 * falls outside it is as if it were not here, whoever asks for it or offers it.
 *
 * @module
 */

import { documentName, type CoreState } from "../replica/core-state.ts";
import {
  parseDocumentName,
  type DocumentKey,
  type DocumentName,
} from "../documents/document-name.ts";
import { isEntitled, mayKnow, type EntitledDevice } from "../replica/entitlement.ts";
import type { TrustedDevice } from "../replica/ports.ts";
import { summaryOf, type Summary } from "../replica/summary.ts";
import type { Offer } from "./digest.ts";

export function isShared(state: CoreState, peer: EntitledDevice, name: DocumentName): boolean {
  const { device, trust } = state.ports;
  const ownerOf = (id: string): TrustedDevice | undefined => trust.deviceOf(id);
  // What HQ said of a device last counts, whichever of its certificates it shows.
  const readers = [trust.deviceOf(peer.id) ?? peer, trust.deviceOf(device)];
  return readers.every((reader) => reader && isEntitled(name, { reader, ownerOf }));
}

/** The same for a document by its name as text; text that is no name is nobody's. */
export function isSharedText(state: CoreState, peer: EntitledDevice, text: string): boolean {
  const name = parseDocumentName(text);
  return name !== undefined && isShared(state, peer, name);
}

/** What this replica has to tell a peer. */
export function offerFor(state: CoreState, peer: EntitledDevice): Offer {
  const { trust } = state.ports;
  const reader = trust.deviceOf(peer.id) ?? peer;
  const devices = trust.devices().filter((device) => mayKnow(device, reader));
  return { devices, summary: sharedOf(state, peer, summaryOf(state)) };
}

/** What of a summary both ends may speak of. */
export function sharedOf(state: CoreState, peer: EntitledDevice, summary: Summary): Summary {
  const { device, ledgers, documents } = summary;
  return {
    device,
    ledgers: ledgers.filter((ledger) =>
      isSharedText(state, peer, `ledger/${ledger.device}/${ledger.incarnation}/1`),
    ),
    documents: documents.filter(({ name }) => isSharedText(state, peer, name)),
  };
}

/**
 * Whether a live document is synced with a peer as it changes. An epoch of publications that has a
 * successor hardly ever changes: what it lacks is asked for, and a link that opens anew need not speak of it.
 */
export function isSyncedLive(state: CoreState, peer: EntitledDevice, key: DocumentKey): boolean {
  const document = state.documents.get(key);
  if (!document || !isShared(state, peer, documentName(document))) return false;
  if (document.kind === "ledger") return true;
  const { topic, epoch } = document.set.name;
  return !hasEpochAfter(state, topic, epoch);
}

function hasEpochAfter({ documents }: CoreState, topic: string, epoch: number): boolean {
  for (const document of documents.values()) {
    if (document.kind !== "publications") continue;
    if (document.set.name.topic === topic && document.set.name.epoch > epoch) return true;
  }
  return false;
}
