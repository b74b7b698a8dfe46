/**
 * How far entries have got beyond this shop: what a device with an uplink knows, it passes on. SPEC.md §8a (UL).
 *
 * What lies at the relay is the sender's own word, signed by it, from what the relay signed for it. What HQ holds is
 * HQ's word, passed on as HQ signed it.
 *
 * @module
 */

import { base64url, canonicalJson, fromBase64url, utf8 } from "@tillmesh/kernel";
import type { CoreState } from "../replica/core-state.ts";
import type { TrustedDevice } from "../replica/ports.ts";
import { noteHqWord, ownSource, setAtRelay, spansFrom } from "../replica/horizon.ts";
import type { HqWord } from "../replica/horizon-book.ts";
import type { Span } from "../replica/spans.ts";
import type { ReachedMessage } from "./exchange-message.ts";
import { isSharedText } from "./sharing.ts";
import { send, type Talk } from "./talk.ts";

/** Says what has changed since it was said last; nothing if nothing has. */
export function tellReached(talk: Talk): void {
  const { peer, options, reachedTold } = talk;
  const { state } = options;
  if (!peer || !talk.isAgreed) return;
  const relay = relayNews(state, peer, reachedTold);
  const held = wordNews(state, peer, reachedTold);
  if (relay.length === 0 && held.length === 0) return;
  const reached = { device: state.ports.device, relay, held };
  const signature = base64url(state.ports.signer.sign(reachedBytes(reached)));
  send(talk, { type: "reached", reached, signature });
}

export function takeReached(
  talk: Talk,
  { reached, signature }: ReachedMessage,
): string | undefined {
  const { state } = talk.options;
  const { peer } = talk;
  const isOfPeer = peer !== undefined && peer.id === reached.device;
  if (!isOfPeer || !isSignedBy(state, peer, { reached, signature })) {
    return "reached not signed by the peer";
  }
  for (const { device, incarnation, spans } of reached.relay) {
    if (!isShared(state, peer, { device, incarnation })) continue;
    setAtRelay(state, peer.id, { ledger: `${device}/${incarnation}`, spans });
  }
  for (const word of reached.held) noteHqWord(state, word);
  return undefined;
}

function isSignedBy(
  { ports }: CoreState,
  { publicKey }: TrustedDevice,
  { reached, signature }: Pick<ReachedMessage, "reached" | "signature">,
): boolean {
  const bytes = fromBase64url(signature);
  return bytes.ok && ports.crypto.verify(publicKey, reachedBytes(reached), bytes.value);
}

type Told = Map<string, string>;
type RelayNews = ReachedMessage["reached"]["relay"];

function relayNews(state: CoreState, peer: TrustedDevice, told: Told): RelayNews {
  const now = spansFrom(state, (source) => source.startsWith(ownSource));
  const gone = [...told.keys()].filter(
    (key) => key.startsWith(relayKey) && !now.has(key.slice(relayKey.length)),
  );
  const all: readonly (readonly [string, readonly Span[]])[] = [
    ...now,
    ...gone.map((key) => [key.slice(relayKey.length), []] as const),
  ];
  return all
    .flatMap(([ledger, spans]) => {
      const [device = "", incarnation = ""] = ledger.split("/");
      const place = { device, incarnation: Number(incarnation) };
      const last = spans.slice(-spansMax);
      const text = canonicalJson(last);
      if (!isShared(state, peer, place) || (told.get(relayKey + ledger) ?? "[]") === text)
        return [];
      told.set(relayKey + ledger, text);
      return [{ ...place, spans: last }];
    })
    .slice(0, ledgersMax);
}

function wordNews(state: CoreState, peer: TrustedDevice, told: Told): readonly HqWord[] {
  const words = new Set<HqWord>();
  for (const [ledger, word] of state.horizon.hqWords) {
    const [device = "", incarnation = ""] = ledger.split("/");
    if (!isShared(state, peer, { device, incarnation: Number(incarnation) })) continue;
    if (told.get(wordKey + ledger) === word.signature || words.size >= wordsMax) continue;
    told.set(wordKey + ledger, word.signature);
    words.add(word);
  }
  return [...words];
}

const relayKey = "relay ";
const wordKey = "word ";
/** One stretch as a rule; more only where the relay lost something in between. */
const spansMax = 64;
const ledgersMax = 500;
const wordsMax = 100;

function isShared(
  state: CoreState,
  peer: TrustedDevice,
  { device, incarnation }: { readonly device: string; readonly incarnation: number },
): boolean {
  return isSharedText(state, peer, `ledger/${device}/${incarnation}/1`);
}

function reachedBytes(reached: ReachedMessage["reached"]): Uint8Array {
  return utf8(`tillmesh/reached/1\n${canonicalJson(reached)}`);
}
