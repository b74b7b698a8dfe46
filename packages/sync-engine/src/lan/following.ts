/**
 * What follows from a peer's words: the live sync does its work, and the rest is asked for. SPEC.md §7 (EL).
 *
 * @module
 */

import { formatDocumentName, type DocumentName } from "../documents/document-name.ts";
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
  const summary = sharedOf(state, peer, heard);
  const lacking = lackingNames(state, summary).slice(0, wantsMax);
  for (const name of lacking) {
    const text = formatDocumentName(name);
    // There is no live sync yet of a document that is new here.
    if (!state.documents.has(keyOf(state, name))) link.want(text);
    else if (!info.wanting.has(text)) wantLater(net, link, { summary, name });
  }
  wantParts(net);
  net.parts.notifyPeers();
}

/** Time for the live sync to bring something before it is asked for. */
const wantDelayMs = 400;
/** Documents asked for after one summary; the next one brings the rest. */
const wantsMax = 500;

/** Asks for what the live sync did not bring by then. */
function wantLater(
  { parts, links }: Net,
  link: ExchangeLink,
  { summary, name }: { readonly summary: Summary; readonly name: DocumentName },
): void {
  const wanting = links.get(link)?.wanting;
  const text = formatDocumentName(name);
  const documents = summary.documents.filter((document) => document.name === text);
  const ask = setTimeout(() => {
    wanting?.delete(text);
    if (lackingNames(parts.state, { ...summary, documents }).length > 0) link.want(text);
  }, wantDelayMs);
  wanting?.set(text, ask);
}

export function wantParts(net: Net): void {
  for (const link of net.links.keys()) {
    const busy = new Set([...net.links.keys()].flatMap((one) => one.fetching() ?? []));
    link.wantParts(busy);
  }
}
