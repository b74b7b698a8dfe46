/**
 * Delivers sealed documents: at the start, after each sale, on a timer and when asked; one request at a time.
 *
 * Nothing here decides what may be sent when: `deliverStep` does, from what is kept. Whatever ends this loop, the documents stay.
 *
 * @module
 */

import {
  deliverStep,
  fiscalTimeAt,
  initialDelivery,
  mayDeliver,
  requeueInflight,
  type DeliveryStep,
  type FiscalRecord,
  type OutboxStore,
  type RegimeDelivery,
  type Transport,
} from "@tillmesh/fiscal-queue";
import { createHttpTransport } from "@tillmesh/fiscal-queue/node";
import { errorFacts, type Logger } from "../logger.ts";
import { present } from "../till/present.ts";
import type { Till, TillEvent } from "../till/till.ts";
import { checkHead } from "./check-head.ts";
import { credentialsFor } from "./delivery-credentials.ts";
import { createDepositor } from "./deposits.ts";
import { sealIn } from "./kept-seal.ts";
import { regimeNamed } from "./regimes.ts";
import { createSqliteOutbox } from "./sqlite-outbox.ts";
import { knownStreams, type KnownStream } from "./streams.ts";

export interface DeliveryLoop {
  /** Something may have been sealed. */
  see(event: TillEvent | { readonly type: "started" }): void;
  /** Sends what may be sent now. */
  deliver(): Promise<Delivered>;
  store(stream: KnownStream): OutboxStore;
  close(): void;
}

export interface Delivered {
  /** Documents that have an answer now. */
  readonly answered: number;
  /** Why it went no further, by stream. */
  readonly streams: readonly { readonly stream: string; readonly state: string }[];
}

/** A loop that begins by itself, and looks after the signer as it does after documents. */
export function startDelivery(till: Till, logger: Logger): DeliveryLoop {
  const loop = createDeliveryLoop(till, logger, "by-itself");
  loop.see({ type: "started" });
  return loop;
}

/** When requests go out: as documents come and authorities let, or only when somebody asks for it. */
export type DeliveryPace = "by-itself" | "when-asked";

export function createDeliveryLoop(
  till: Till,
  logger: Logger,
  pace: DeliveryPace = "when-asked",
): DeliveryLoop {
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  let tail: Promise<unknown> = Promise.resolve();
  let headChecked: Promise<void> | undefined;
  const recovered = new Set<string>();
  const store = outboxesOf(till, () => isClosed);
  const deposit = createDepositor(till, logger);
  const run = async (): Promise<Delivered> => {
    const streams: { stream: string; state: string }[] = [];
    let [answered, nextMs] = [0, timerMs];
    if (!till.isOwnRead) {
      later(readingMs);
      return { answered, streams };
    }
    headChecked ??= checkHead(till, () => isClosed).catch((error: unknown) => {
      if (!isClosed) till.fiscal.stop(`Its documents cannot be read: ${String(error)}`);
    });
    await till.fiscal.recover();
    await deposit();
    for (const known of waitingStreams(till)) {
      const outbox = store(known);
      if (!recovered.has(known.stream)) await requeueInflight(outbox, known.stream);
      recovered.add(known.stream);
      const done = await deliverStream(till, known, { outbox, isOver: () => isClosed });
      answered += done.answered;
      streams.push({ stream: known.stream, state: done.state });
      if (done.untilMs !== undefined)
        nextMs = Math.min(nextMs, Math.max(done.untilMs - till.clock.nowMs(), soonestMs));
    }
    later(nextMs);
    return { answered, streams };
  };
  const deliver = () => {
    const work = tail.then(run);
    tail = work.catch((error: unknown) => {
      if (!isClosed) logger.error("fiscal-delivery", errorFacts(error));
      later(timerMs);
    });
    return work;
  };
  const later = (ms: number) => {
    clearTimeout(timer);
    if (isClosed || pace === "when-asked") return;
    timer = setTimeout(() => void deliver().catch(() => undefined), ms);
    timer.unref();
  };
  return {
    store,
    deliver,
    see: (event) => {
      if (isOccasion(event)) later(soonestMs);
    },
    close: () => {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

function outboxesOf(till: Till, isClosed: () => boolean): DeliveryLoop["store"] {
  const commit = async (record: FiscalRecord) => {
    if (isClosed()) throw new Error("the till is closed");
    const done = await till.fiscal.exclusively(() => till.fiscal.commit(record));
    if (!done.ok) throw new Error(done.error.type);
  };
  return ({ config }) => {
    const { initialThrottle } = deliveryOf(config.regime) ?? nothingKnown;
    const initial = initialDelivery(initialThrottle);
    return createSqliteOutbox({ tables: till.projection, commit, initial });
  };
}

/** Something was sealed, or a device has come that may have to deliver. */
function isOccasion(event: Parameters<DeliveryLoop["see"]>[0]): boolean {
  if (event.type !== "applied") return event.type === "started" || event.type === "devices";
  return event.applied.some(({ held }) => sealIn(held.entry.body)?.regime !== undefined);
}

const timerMs = 30_000;
const readingMs = 200;
/** Sales that come together are looked at once. */
const soonestMs = 50;
/** In one go, of one stream; the next go follows at once. */
const stepsMax = 1000;
const answerMaxMs = 30_000;
const answerMaxBytes = 4_194_304;

const nothingKnown = { initialThrottle: { notBeforeMs: 0, waitMs: 0, lastSentMs: 0 } };

function deliveryOf(regime: string): RegimeDelivery | undefined {
  return regimeNamed(regime)?.delivery;
}

/** Streams with something that waits, and that this device knows it may deliver. */
function waitingStreams({ projection, replica }: Till): readonly KnownStream[] {
  projection.sync();
  const rows = projection
    .sql("SELECT DISTINCT stream FROM fiscal_outbox WHERE state IN ('queued', 'inflight')")
    .all();
  const waiting = new Set(rows.map((row) => String(row["stream"])));
  const own = replica.device.id;
  return knownStreams(projection).filter(
    ({ stream, device, handOvers }) =>
      waiting.has(stream) && (device === own || handOvers.some(({ to }) => to === own)),
  );
}

interface Going {
  readonly outbox: OutboxStore;
  readonly isOver: () => boolean;
}

interface Gone {
  readonly answered: number;
  readonly state: string;
  readonly untilMs?: number;
}

async function deliverStream(
  till: Till,
  known: KnownStream,
  { outbox, isOver }: Going,
): Promise<Gone> {
  const { config } = known;
  const delivery = deliveryOf(config.regime);
  const transport = transportTo(till, known);
  if (delivery === undefined || transport === undefined)
    return { answered: 0, state: "no-address" };
  const ports = {
    config,
    delivery,
    store: deliverable(till, known, outbox),
    transport,
    now: () => fiscalTimeAt(till.clock.nowMs(), config.timeZone),
    random: till.random,
  };
  let answered = 0;
  for (let steps = 0; steps < stepsMax && !isOver(); steps += 1) {
    const step = await deliverStep(ports);
    if (step.type === "answered") answered += step.verdicts.length;
    else if (step.type !== "parked") return { answered, ...endOf(step) };
  }
  return { answered, state: "more", untilMs: 0 };
}

function endOf(
  step: Exclude<DeliveryStep, { type: "answered" | "parked" }>,
): Omit<Gone, "answered"> {
  return step.type === "waiting"
    ? { state: step.type, untilMs: step.untilMs }
    : { state: step.type };
}

/** Only what this device, by all it knows, is to deliver. */
function deliverable(
  { replica }: Till,
  { config, device: owner, handOvers }: KnownStream,
  outbox: OutboxStore,
): OutboxStore {
  const capabilities = regimeNamed(config.regime)?.capabilities;
  const device = replica.device.id;
  if (capabilities === undefined) return outbox;
  const isOurs = (sequence: number) =>
    mayDeliver(sequence, { device, owner, handOvers, capabilities }).ok;
  return {
    ...outbox,
    page: async (stream, query) => {
      const page = await outbox.page(stream, query);
      return { ...page, waiting: page.waiting.filter(({ document }) => isOurs(document.sequence)) };
    },
  };
}

/** No address: nothing leaves. */
function transportTo(till: Till, known: KnownStream): Transport | undefined {
  const credentials = credentialsFor(till, known);
  if (credentials === undefined) return undefined;
  const { address: baseUrl, client: clientCertificate, headers } = credentials;
  return createHttpTransport({
    baseUrl,
    timeoutMs: answerMaxMs,
    maxBytes: answerMaxBytes,
    ...present({ clientCertificate, headers }),
  });
}
