/**
 * Asking for what did not come, and giving what others ask for. SPEC.md §8a (WA).
 *
 * @module
 */

import { parseDocumentName, formatDocumentName } from "../documents/document-name.ts";
import { wantedParts } from "../replica/accept-part.ts";
import { documentName, keyOf } from "../replica/core-state.ts";
import type { WantItem, Wanted } from "../relay-protocol/bundle-item.ts";
import type { ChannelName } from "../relay-protocol/channel.ts";
import { laneOf, type ChannelLane } from "./channels.ts";
import { channelNamed, isOfChannel, type CourierState } from "./courier-state.ts";
import { uncover } from "./coverage.ts";
import { othersWaitMs } from "./plan.ts";
import type { ItemContext } from "./item-place.ts";

/** What of a channel's documents is not here though its lanes were read to their ends. */
export function wantsOf(courier: CourierState, channel: ChannelName): readonly Wanted[] {
  const { state } = courier.ports;
  const wants: Wanted[] = wantedParts(state)
    .filter(({ name }) => isOfChannel(state, name.device, channel))
    .map(({ name: { device, incarnation, part }, sha256 }) => {
      return { what: "part", device, incarnation, part, sha256 };
    });
  for (const { what, lane } of courier.waiting) {
    if (!("type" in what) || !lane.startsWith(`${channel}:`)) continue;
    if (what.type === "publications") wants.push({ what: "publications", document: what.document });
    const name = what.type === "entries" ? parseDocumentName(what.document) : undefined;
    if (name?.kind !== "ledger") continue;
    const { device, incarnation } = name;
    const after = state.ledgers.get(`${device}/${incarnation}`)?.deliveredThrough ?? 0;
    wants.push({ what: "ledger", device, incarnation, after });
  }
  const byText = new Map(wants.map((want) => [JSON.stringify(want), want]));
  return [...byText.values()].slice(0, wantsMax);
}

const wantsMax = 100;

/** Publishes again what is asked for and is here. One device is heard every ten seconds. */
export function answerWant(
  courier: CourierState,
  { what }: WantItem,
  { lane, from }: ItemContext,
): void {
  const { nowMs, state } = courier.ports;
  if (from.id === state.ports.device) return;
  if ((courier.deafUntilMs.get(from.id) ?? 0) > nowMs()) return;
  courier.deafUntilMs.set(from.id, nowMs() + deafMs);
  for (const want of what.slice(0, wantsMax)) giveAgain(courier, lane, want);
}

const deafMs = 10_000;

function giveAgain(courier: CourierState, { channel }: ChannelLane, want: Wanted): void {
  const { state } = courier.ports;
  switch (want.what) {
    case "part": {
      const lane = laneOf(channel, 3);
      const ledger = state.ledgers.get(`${want.device}/${want.incarnation}`);
      if (lane && ledger?.sealed.has(want.sha256)) {
        uncover(lane.coverage, { facts: [], things: [want.sha256] });
      }
      return;
    }
    case "ledger":
      giveLedger(courier, channel.name, want);
      return;
    case "publications":
      giveDocument(courier, "org", { document: want.document, after: 0 });
      return;
    default:
      // Of a later version.
      return;
  }
}

function giveLedger(
  courier: CourierState,
  channel: ChannelName,
  { device, incarnation, after }: Extract<Wanted, { what: "ledger" }>,
): void {
  const { state } = courier.ports;
  if (!isOfChannel(state, device, channel)) return;
  for (const document of state.documents.values()) {
    const name = documentName(document);
    if (name.kind !== "ledger" || name.device !== device || name.incarnation !== incarnation)
      continue;
    giveDocument(courier, channel, { document: formatDocumentName(name), after });
  }
}

function giveDocument(
  courier: CourierState,
  channelName: ChannelName,
  { document, after }: { readonly document: string; readonly after: number },
): void {
  const { state, nowMs, random } = courier.ports;
  const channel = channelNamed(courier, channelName);
  const name = parseDocumentName(document);
  const open = name && state.documents.get(keyOf(state, name));
  const lane = channel?.lanes[0];
  if (!channel || !lane || !open) return;
  const nodes = open.kind === "ledger" ? open.part.nodes : open.set.nodes;
  const hashes = nodes
    .filter(({ signed }) => signed.fact.sequence > after)
    .map(({ signed }) => signed.hash);
  if (hashes.length === 0) return;
  uncover(lane.coverage, { facts: [{ document, hashes }], things: [] });
  channel.lacking.set(document, nowMs() + othersWaitMs + Math.floor(random() * othersWaitMs));
}
