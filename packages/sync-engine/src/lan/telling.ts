/**
 * How far each end is: a digest first, then what differs, then news. SPEC.md §7 (DG, TO).
 *
 * Everything that is said is signed: "this is on my disk" is a claim that others act on.
 *
 * @module
 */

import { base64url, canonicalJson, fromBase64url, utf8 } from "@tillmesh/kernel";
import type { CoreState } from "../replica/core-state.ts";
import { noteHolds } from "../replica/horizon.ts";
import type { TrustedDevice } from "../replica/ports.ts";
import type { Summary } from "../replica/summary.ts";
import { byGroup, digestOf, type Digest } from "./digest.ts";
import type { ExchangeLink } from "./exchange-link.ts";
import type { ExchangeMessage } from "./exchange-message.ts";
import { tellReached } from "./reaching.ts";
import { offerFor } from "./sharing.ts";
import { send, type Talk } from "./talk.ts";
import { addNews, isTooMuch, newsIn } from "./told.ts";

/** Says how far this replica is, as far as the peer does not know. */
export function tell(talk: Talk): void {
  const { peer } = talk;
  if (!peer) return;
  if (talk.isAgreed) {
    tellNews(talk, peer);
    tellReached(talk);
  } else if (!talk.offered) tellDigest(talk, peer);
}

function tellDigest(talk: Talk, peer: TrustedDevice): void {
  const { state } = talk.options;
  talk.offered = offerFor(state, peer);
  const digest = digestOf(talk.offered, state.ports.crypto);
  send(talk, { type: "digest", digest, signature: signatureOf(state, digestBytes(digest)) });
}

/** Devices first: a peer opens no document of a device that it does not know. */
function tellNews(talk: Talk, peer: TrustedDevice): void {
  const { state } = talk.options;
  const { devices, summary } = offerFor(state, peer);
  const unknown = devices.filter(({ id }) => !talk.devicesTold.has(id));
  for (let from = 0; from < unknown.length; from += chainsMax) {
    const some = unknown.slice(from, from + chainsMax);
    send(talk, { type: "devices", chains: some.map(({ certificates }) => certificates) });
  }
  for (const { id } of unknown) talk.devicesTold.add(id);
  for (const frame of inFrames(newsIn(talk.told, summary))) {
    const signature = signatureOf(state, summaryBytes(frame));
    send(talk, { type: "summary", summary: frame, signature });
  }
}

/** Two certificates of at most 4 KiB each fit into a frame so often. */
const chainsMax = 100;

/** At least one, so that an idle peer is heard of. */
function inFrames({ device, ledgers, documents }: Summary): readonly Summary[] {
  const frames: Summary[] = [];
  for (let from = 0; frames.length === 0 || from < Math.max(ledgers.length, documents.length);) {
    const to = from + namesMax;
    frames.push({
      device,
      ledgers: ledgers.slice(from, to),
      documents: documents.slice(from, to),
    });
    from = to;
  }
  return frames;
}

/** Half a thousand names with the heads of a few branches each fit into a frame. */
const namesMax = 500;

export function takeDigest(
  talk: Talk,
  link: ExchangeLink,
  { digest, signature }: Extract<ExchangeMessage, { type: "digest" }>,
): string | undefined {
  const { state, onSummary } = talk.options;
  const { offered } = talk;
  if (talk.isAgreed || !offered) return "second digest";
  if (!isSignedByPeer(talk, { device: digest.device, bytes: digestBytes(digest), signature })) {
    return "digest not signed by the peer";
  }
  // Both ends compare the same two digests, so both leave out the same.
  const own = digestOf(offered, state.ports.crypto);
  const groups = byGroup(offered.summary);
  if (own.devices === digest.devices) {
    for (const { id } of offered.devices) talk.devicesTold.add(id);
  }
  for (const group of ["ledgers", "publications"] as const) {
    if (own[group] !== digest[group]) continue;
    addNews(talk.told, groups[group]);
    addNews(talk.heard, groups[group]);
  }
  talk.offered = undefined;
  talk.isAgreed = true;
  const heard = addNews(talk.heard, { device: digest.device, ledgers: [], documents: [] });
  if (talk.peer) noteHolds(state, talk.peer, heard.ledgers);
  tell(talk);
  onSummary(link, heard);
  return undefined;
}

export function takeSummary(
  talk: Talk,
  link: ExchangeLink,
  { summary, signature }: Extract<ExchangeMessage, { type: "summary" }>,
): string | undefined {
  const { state, onSummary } = talk.options;
  if (!talk.isAgreed) return "summary before digest";
  if (!isSignedByPeer(talk, { device: summary.device, bytes: summaryBytes(summary), signature })) {
    return "summary not signed by the peer";
  }
  if (talk.peer) noteHolds(state, talk.peer, summary.ledgers);
  talk.transfer.missing.clear();
  onSummary(link, addNews(talk.heard, summary));
  return isTooMuch(talk.heard) ? "more names than a replica holds" : undefined;
}

interface SignedWord {
  readonly device: string;
  readonly bytes: Uint8Array;
  readonly signature: string;
}

function isSignedByPeer({ peer, options }: Talk, word: SignedWord): boolean {
  const signature = fromBase64url(word.signature);
  const { crypto } = options.state.ports;
  return (
    peer !== undefined &&
    peer.id === word.device &&
    signature.ok &&
    crypto.verify(peer.publicKey, word.bytes, signature.value)
  );
}

function signatureOf({ ports }: CoreState, bytes: Uint8Array): string {
  return base64url(ports.signer.sign(bytes));
}

function summaryBytes(summary: Summary): Uint8Array {
  return utf8(`tillmesh/summary/1\n${canonicalJson(summary)}`);
}

function digestBytes(digest: Digest): Uint8Array {
  return utf8(`tillmesh/digest/1\n${canonicalJson(digest)}`);
}
