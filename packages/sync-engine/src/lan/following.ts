/**
 * What follows from a peer's words: the live sync does its work, and the rest is asked for. SPEC.md §7 (EL).
 *
 * @module
 */

import { formatDocumentName } from "../documents/document-name.ts";
import { keyOf } from "../replica/core-state.ts";
import { lackingNames, type Summary } from "../replica/summary.ts";
import type { ExchangeLink } from "./exchange-link.ts";
import type { Net } from "./net.ts";
import { sharedOf } from "./sharing.ts";

/** Lets the live sync do its work; asks for what it did not bring. */
export function followSummary(net: Net, link: ExchangeLink, heard: Summary): void {
  const info = net.links.get(link);
  const peer = link.peer();
  if (!info || !peer) return;
  const { state } = net.parts;
  info.heard = sharedOf(state, peer, heard);
  const lacking = lackingNames(state, info.heard).slice(0, wantsMax);
  for (const name of lacking) {
    const text = formatDocumentName(name);
    // There is no live sync yet of a document that is new here.
    if (!state.documents.has(keyOf(state, name))) link.want(text);
    if (!info.wanting.has(text)) wantLater(net, link, { text, delayMs: wantDelayMs });
  }
  wantParts(net);
  net.parts.notifyPeers();
}

/** Time for the live sync to bring something before it is asked for; then for an answer, ever longer. */
const wantDelayMs = 400;
const wantDelayMaxMs = 20_000;
/** Documents asked for after one summary; the next one brings the rest. */
const wantsMax = 500;

interface Wanted {
  readonly text: string;
  readonly delayMs: number;
}

/** Asks for what did not come by then of all that the peer has said by then, until it is here. */
function wantLater(net: Net, link: ExchangeLink, { text, delayMs }: Wanted): void {
  const ask = (): void => {
    const info = net.links.get(link);
    info?.wanting.delete(text);
    if (!info?.heard) return;
    const documents = info.heard.documents.filter(({ name }) => name === text);
    if (lackingNames(net.parts.state, { ...info.heard, documents }).length === 0) return;
    link.want(text);
    wantLater(net, link, { text, delayMs: Math.min(delayMs * 2, wantDelayMaxMs) });
  };
  net.links.get(link)?.wanting.set(text, setTimeout(ask, delayMs));
}

export function wantParts(net: Net): void {
  for (const link of net.links.keys()) {
    const busy = new Set([...net.links.keys()].flatMap((one) => one.fetching() ?? []));
    link.wantParts(busy);
  }
}
