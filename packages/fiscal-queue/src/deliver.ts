/**
 * One step of delivery: at most one group goes out, and nothing is forgotten wherever the process ends. SPEC.md §6 (FDE).
 *
 * Whoever calls it calls it again until it says to wait; a loop, a lock and a timer are the app's.
 *
 * @module
 */

import { assert, unreachable, type Random } from "@tillmesh/kernel";
import { backOffMs, defaultBackOff, type BackOff } from "./back-off.ts";
import type { DeliveryGroup, Interpreted, RegimeDelivery, Throttle, Verdict } from "./delivery.ts";
import { streamIdOf, type FiscalTime, type StreamConfig } from "./document.ts";
import { encodeGroup } from "./encode-group.ts";
import { outboxItemAfter, type OutboxEvent, type OutboxItem } from "./outbox.ts";
import type { OutboxPage, OutboxStore, StreamDelivery, Waiting } from "./outbox-store.ts";
import type { Transport, WireAnswer, WireRequest } from "./ports.ts";
import type { SequenceVerdict } from "./records.ts";
import { settleDuplicates, type Settled } from "./settle-duplicates.ts";
import { duePage, rebasedDelivery } from "./waits.ts";

export interface DeliverPorts {
  readonly config: StreamConfig;
  readonly delivery: RegimeDelivery;
  readonly store: OutboxStore;
  readonly transport: Transport;
  /** Asked before and after the request. */
  readonly now: () => FiscalTime;
  readonly random: Random;
  readonly backOff?: BackOff;
}

export type DeliveryStep =
  /** Nothing is queued. */
  | { readonly type: "idle" }
  | { readonly type: "waiting"; readonly untilMs: number }
  | { readonly type: "paused"; readonly code: string; readonly detail: string }
  /** One answer, or none, was taken down; there may be more to do at once. */
  | { readonly type: "answered"; readonly verdicts: readonly SequenceVerdict[] }
  /** Documents that cannot be encoded were set aside. */
  | { readonly type: "parked"; readonly sequences: readonly number[] };

export async function deliverStep(ports: DeliverPorts): Promise<DeliveryStep> {
  const { config, delivery, store } = ports;
  const stream = streamIdOf(config);
  const now = ports.now();
  const known = await knownDelivery(ports, stream, now.epochMs);
  if (known.paused !== undefined) return { type: "paused", ...known.paused };
  if (known.notBeforeMs > now.epochMs) return { type: "waiting", untilMs: known.notBeforeMs };
  const page = await duePage(store, stream, {
    limit: delivery.pendingMax,
    nowMs: now.epochMs,
    backOff: ports.backOff ?? defaultBackOff,
  });
  const pending = smallEnough(page.waiting, delivery.pendingMax);
  if (pending.length === 0) return nothingDue(page);
  const plan = delivery.plan(
    pending.map(({ document }) => document),
    { now, throttle: known.throttle, waitingCount: page.waitingCount, config },
  );
  if (plan.type === "wait") return { type: "waiting", untilMs: plan.untilMs };
  const group = chosen(plan.group, pending);
  const encoded = encodeGroup(plan.group, delivery, config);
  if (encoded.type === "unencodable") return park(encoded.faults, { group, ports, stream });
  const throttle = throttleWhileSending(known.throttle, now.epochMs);
  const items = group.map(({ item }) => outboxItemAfter(item, sent));
  await store.apply({ stream, items, delivery: { ...known, throttle } });
  const answer = await sendSafely(ports.transport, encoded.request);
  return takeDown(answer, { group, known, plan: plan.group, ports, stream });
}

/** At start: what was in flight has an answer that nobody read. */
export async function requeueInflight(store: OutboxStore, stream: string): Promise<number> {
  const items = await store.inflight(stream);
  if (items.length === 0) return 0;
  const event = { type: "found-inflight" } as const;
  await store.apply({ stream, items: items.map((item) => outboxItemAfter(item, event)) });
  return items.length;
}

/** Somebody looked at the set-up and says that it is right now. */
export async function resumeDelivery(store: OutboxStore, stream: string): Promise<void> {
  const { paused: _, ...delivery } = await store.delivery(stream);
  await store.apply({ stream, items: [], delivery: { ...delivery, failures: 0, notBeforeMs: 0 } });
}

/** An operator sends a rejected or parked document once more, unchanged. */
export async function releaseParked(
  store: OutboxStore,
  { atMs, sequence, stream }: { stream: string; sequence: number; atMs: number },
): Promise<boolean> {
  const found = await store.find(stream, sequence);
  const item = found && outboxItemAfter(found.item, { type: "released" });
  if (item === undefined || item.state !== "queued") return false;
  await store.apply({
    stream,
    items: [item],
    record: { type: "released", stream, sequence, atMs },
  });
  return true;
}

interface Sending {
  readonly group: readonly Waiting[];
  readonly ports: DeliverPorts;
  readonly stream: string;
}

const sent: OutboxEvent = { type: "sent" };

/** A document that fails alone so often lets others go first. */
const asideAfterAttempts = 5;

async function knownDelivery(
  { backOff = defaultBackOff, store }: DeliverPorts,
  stream: string,
  nowMs: number,
): Promise<StreamDelivery> {
  const known = await store.delivery(stream);
  const rebased = rebasedDelivery(known, nowMs, backOff);
  if (rebased !== known) await store.apply({ stream, items: [], delivery: rebased });
  return rebased;
}

/**
 * A document that makes the authority stumble takes its whole group with it. So a group goes out once more as it was, and each further
 * failure quarters it until the document is alone; the others go without it.
 */
function smallEnough(waiting: readonly Waiting[], pendingMax: number): readonly Waiting[] {
  const [first] = waiting;
  if (first === undefined) return [];
  const sizeMax = Math.max(1, Math.floor(pendingMax / 4 ** Math.max(0, first.item.attempts - 1)));
  return waiting.slice(0, sizeMax);
}

function nothingDue({ nextMs }: OutboxPage): DeliveryStep {
  return nextMs === undefined ? { type: "idle" } : { type: "waiting", untilMs: nextMs };
}

function chosen(group: DeliveryGroup, pending: readonly Waiting[]): readonly Waiting[] {
  const bySequence = new Map(pending.map((one) => [one.document.sequence, one]));
  return group.documents.map(({ sequence }) => {
    const found = bySequence.get(sequence);
    assert(found !== undefined, `the plan takes ${sequence} from what is pending`);
    return found;
  });
}

/** On disk before the request leaves: should the answer find nobody, the wait since this send holds all the same. */
function throttleWhileSending(throttle: Throttle, nowMs: number): Throttle {
  const notBeforeMs = Math.max(throttle.notBeforeMs, nowMs + throttle.waitMs);
  return { ...throttle, notBeforeMs, lastSentMs: nowMs };
}

async function park(
  faults: readonly { readonly sequence: number; readonly detail: string }[],
  { group, ports, stream }: Sending,
): Promise<DeliveryStep> {
  const atMs = ports.now().epochMs;
  for (const { detail, sequence } of faults) {
    const one = group.find(({ document }) => document.sequence === sequence);
    assert(one !== undefined, `${sequence} is of the group`);
    const item = outboxItemAfter(one.item, { type: "unencodable", detail });
    const code = "unencodable";
    const record = { type: "parked", stream, sequence, code, detail, atMs } as const;
    await ports.store.apply({ stream, items: [item], record });
  }
  return { type: "parked", sequences: faults.map(({ sequence }) => sequence) };
}

// A transport that throws breaks its contract, and the request may have left all the same.
async function sendSafely(transport: Transport, request: WireRequest): Promise<WireAnswer> {
  try {
    return await transport.send(request);
  } catch (cause) {
    return { type: "lost", reason: cause instanceof Error ? cause.message : "transport failed" };
  }
}

async function takeDown(
  answer: WireAnswer,
  sending: Sending & { readonly known: StreamDelivery; readonly plan: DeliveryGroup },
): Promise<DeliveryStep> {
  const { group, known, plan, ports, stream } = sending;
  const interpreted = understood(answer, { known, plan, ports });
  const settled = await settleDuplicates(interpreted.verdicts, { group, ports });
  const atMs = ports.now().epochMs;
  const outcome = { atMs, interpreted, settled, answer };
  const delivery = deliveryAfter(known, outcome, ports);
  const items = itemsAfter(sending, outcome, delivery.notBeforeMs);
  const verdicts = settled.flatMap((verdict, index) => recorded(verdict, group[index]));
  const { throttle } = interpreted;
  const record = { type: "answered", stream, verdicts, throttle, atMs } as const;
  const change = { stream, items, delivery };
  await ports.store.apply(verdicts.length === 0 ? change : { ...change, record });
  return { type: "answered", verdicts };
}

interface Outcome {
  readonly answer: WireAnswer;
  readonly interpreted: Interpreted;
  /** `interpreted.verdicts`, duplicates looked into. */
  readonly settled: readonly Settled[];
  readonly atMs: number;
}

/** Bytes of others: whatever they do to a regime's reading, the documents stay. */
function understood(
  answer: WireAnswer,
  { known, plan, ports }: { known: StreamDelivery; plan: DeliveryGroup; ports: DeliverPorts },
): Interpreted {
  const { config, delivery, now } = ports;
  const { throttle } = known;
  const mayBeDuplicate = answer.type !== "unsent";
  const nothing = (reason: string): Interpreted => ({
    verdicts: plan.documents.map(() => ({ type: "retry", reason, mayBeDuplicate })),
    throttle,
  });
  try {
    const found = delivery.interpret(plan, answer, { config, nowMs: now().epochMs, throttle });
    const isWhole = found.verdicts.length === plan.documents.length;
    return isWhole ? found : { ...nothing("the answer tells of other documents"), ...rest(found) };
  } catch (cause) {
    return nothing(cause instanceof Error ? `unreadable: ${cause.message}` : "unreadable");
  }
}

function rest({ authorityMs, throttle }: Interpreted): Omit<Interpreted, "verdicts"> {
  return authorityMs === undefined ? { throttle } : { throttle, authorityMs };
}

function deliveryAfter(
  known: StreamDelivery,
  { atMs, interpreted, settled }: Outcome,
  { backOff = defaultBackOff, random }: DeliverPorts,
): StreamDelivery {
  const isFruitless = settled.every(({ type }) => type === "retry");
  const failures = isFruitless ? known.failures + 1 : 0;
  const fatal = settled.find(({ type }) => type === "fatal-config");
  const { authorityMs, throttle } = interpreted;
  const skewMs = authorityMs === undefined ? known.skewMs : authorityMs - atMs;
  return {
    throttle,
    failures,
    notBeforeMs: isFruitless ? atMs + backOffMs(failures, random, backOff) : 0,
    ...(skewMs === undefined ? {} : { skewMs }),
    ...(fatal?.type === "fatal-config"
      ? { paused: { code: fatal.code, detail: fatal.detail, sinceMs: atMs } }
      : {}),
  };
}

function itemsAfter(
  { group, ports }: Sending,
  { answer, atMs, settled }: Outcome,
  streamNotBeforeMs: number,
): readonly OutboxItem[] {
  const { backOff = defaultBackOff, random } = ports;
  // What never left, or was turned away unread, is no attempt.
  const left = group.map(({ item }, index) => {
    const verdict = settled[index];
    const isUnread = verdict?.type === "retry" && !verdict.mayBeDuplicate;
    return answer.type === "unsent" || isUnread ? item : outboxItemAfter(item, sent);
  });
  const attempts = Math.max(...left.map((item) => item.attempts));
  const isFruitless = settled.every(({ type }) => type === "retry");
  const isAside = !isFruitless || (group.length === 1 && attempts >= asideAfterAttempts);
  // One draw for all: documents that failed together go out together, in their order.
  const asideMs = isAside ? backOffMs(attempts, random, backOff) : 0;
  const notBeforeMs = Math.max(atMs, streamNotBeforeMs) + asideMs;
  return left.map((item, index) => {
    const verdict = settled[index];
    assert(verdict !== undefined, "each document has a verdict");
    return outboxItemAfter(item, eventOf(verdict, notBeforeMs));
  });
}

function eventOf(verdict: Settled, notBeforeMs: number): OutboxEvent {
  switch (verdict.type) {
    case "accepted":
    case "same-duplicate":
    case "other-duplicate":
      return verdict;
    case "accepted-warn":
      return { ...verdict, type: "flagged" };
    case "rejected-fixable":
    case "rejected-final":
      return { ...verdict, type: "rejected" };
    case "retry":
      return { ...verdict, notBeforeMs };
    case "fatal-config":
      return { type: "retry", reason: verdict.detail, mayBeDuplicate: false, notBeforeMs: 0 };
    default:
      return unreachable(verdict);
  }
}

/** What the ledger keeps: answers, not failures to get one. */
function recorded(verdict: Settled, one: Waiting | undefined): readonly SequenceVerdict[] {
  assert(one !== undefined, "each verdict has a document");
  const { sequence } = one.document;
  if (verdict.type === "retry" || verdict.type === "fatal-config") return [];
  const isDuplicate = verdict.type === "same-duplicate" || verdict.type === "other-duplicate";
  return [{ sequence, verdict: isDuplicate ? duplicateVerdict(verdict, one) : verdict }];
}

function duplicateVerdict(
  verdict: Extract<Settled, { type: "same-duplicate" | "other-duplicate" }>,
  { document }: Waiting,
): Verdict {
  if (verdict.type === "other-duplicate") return { type: "duplicate", hash: verdict.found };
  const { receiptId } = verdict;
  return {
    type: "duplicate",
    hash: document.hash,
    ...(receiptId === undefined ? {} : { receiptId }),
  };
}
