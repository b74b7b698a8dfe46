/**
 * What HQ may tell the relay to let go, and what it publishes again so that it may. SPEC.md §8a (RL).
 *
 * @module
 */

import { parseDocumentName } from "../documents/document-name.ts";
import { keyOf } from "../replica/core-state.ts";
import { ledgerKey } from "../replica/horizon.ts";
import { sealedAt } from "../replica/ledger.ts";
import { laneOf, type ChannelLane } from "./channels.ts";
import type { CourierState } from "./courier-state.ts";
import { lackingFacts, uncover, type FactNode } from "./coverage.ts";
import { keepingBack, releasable } from "./release.ts";
import { firstWaiting } from "./waiting.ts";

/** The relay may forget what lies below `through`. */
export interface Release {
  readonly lane: ChannelLane;
  readonly through: number;
}

/** At most one; none while something keeps it back. What does is published again. */
export function releaseOf(courier: CourierState, lane: ChannelLane): readonly Release[] {
  if (lane.releases.length === 0 || lane.log === undefined || !lane.isCaughtUp) return [];
  noteRepeated(courier, lane);
  const nowMs = courier.ports.nowMs();
  const waitingFrom = firstWaiting(courier.waiting, lane.key)?.offset ?? Number.POSITIVE_INFINITY;
  const isElsewhere = (document: string, through: number): boolean =>
    isHistory(courier, lane, document) || isRepeated(lane, document, through);
  for (const document of keepingBack(lane.releases, { nowMs, isElsewhere })) {
    repeat(courier, lane, document);
  }
  const through = releasable(lane.releases, { nowMs, waitingFrom, isElsewhere });
  return through > lane.releasedThrough ? [{ lane, through }] : [];
}

/** Every text of the part is sealed here, and lies in the history lane; no branch of it is open. */
function isHistory(courier: CourierState, lane: ChannelLane, document: string): boolean {
  const { state } = courier.ports;
  const name = parseDocumentName(document);
  const history = laneOf(lane.channel, 3)?.coverage.things;
  if (name?.kind !== "ledger" || !history || nodesOf(courier, document)) return false;
  const ledger = state.ledgers.get(ledgerKey(name));
  const sealed = ledger ? sealedAt(ledger, name.part) : [];
  return sealed.length > 0 && sealed.every(({ sha256 }) => history.has(sha256));
}

function isRepeated({ repeats }: ChannelLane, document: string, through: number): boolean {
  const repeated = repeats.get(document);
  return repeated?.isDone === true && repeated.after >= through;
}

/** All of it, as it stands: it comes behind everything that is in the log by now. */
function repeat(courier: CourierState, lane: ChannelLane, document: string): void {
  const under = lane.repeats.get(document);
  const nodes = nodesOf(courier, document);
  if (!nodes || under?.isDone === false) return;
  const hashes = nodes.map(({ signed }) => signed.hash);
  uncover(lane.coverage, { facts: [{ document, hashes }], things: [] });
  lane.channel.lacking.set(document, courier.ports.nowMs());
  lane.repeats.set(document, { after: lane.next, isDone: false });
}

function noteRepeated(courier: CourierState, lane: ChannelLane): void {
  for (const [document, one] of lane.repeats) {
    const nodes = nodesOf(courier, document);
    const underWay = lane.coverage.facts.get(document)?.underWay.size ?? 0;
    // Sealed meanwhile: then history must have it.
    if (!nodes) lane.repeats.delete(document);
    else if (underWay === 0 && lackingFacts(lane.coverage, document, nodes).length === 0) {
      one.isDone = true;
    }
  }
}

function nodesOf({ ports }: CourierState, document: string): readonly FactNode[] | undefined {
  const name = parseDocumentName(document);
  const open = name && ports.state.documents.get(keyOf(ports.state, name));
  return open?.kind === "ledger" ? open.part.nodes : undefined;
}
