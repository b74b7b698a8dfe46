/**
 * Where receipts are sealed: one after the other, between what was decided and its commit.
 *
 * Whatever changes the stream happens within `exclusively`. The head is never held here: it is the fold over this device's own
 * entries, up to its last commit. A number is taken by that commit and by nothing else.
 *
 * @module
 */

import {
  assert,
  type BusinessDate,
  err,
  ok,
  type EntryBy,
  type EntryDraft,
  type HeldEntry,
  type JsonObject,
  type Result,
} from "@tillmesh/kernel";
import {
  breakerOf,
  fiscalTimeAt,
  seal,
  type Breaker,
  type DocumentRequest,
  type FiscalCrypto,
  type Period,
  type ReceiptCustomer,
  type Regime,
  type SealContext,
  type Sealed,
  type SealPorts,
  type SealRefused,
  type TillEvent,
} from "@tillmesh/fiscal-queue";
import { createFiscalCrypto, createSystemTimer } from "@tillmesh/fiscal-queue/node";
import { fiscalDraft } from "@tillmesh/sales-ledger";
import type { RequestId } from "../http/route.ts";
import type { Refusal } from "../http/problem.ts";
import type { Logger } from "../logger.ts";
import { present } from "../till/present.ts";
import { commitRefusal } from "../till/commit-refusal.ts";
import type { Till } from "../till/till.ts";
import { clockPolicyOf, isClockConfirmed } from "./clock-check.ts";
import { closingRequests, closingsAnswer, type Occasion } from "./closings.ts";
import type { FiscalState, OpenStream, TillRecord } from "./fiscal-state.ts";
import type { InvoiceNote } from "./invoice-note.ts";
import { isReceipt, keptSeal, type ReceiptBody } from "./kept-seal.ts";
import {
  activationOn,
  readActivations,
  readKeyRing,
  writeActivation,
  type Activation,
  type KeyMaterial,
  type KeyOwner,
  type KeyRing,
} from "./key-files.ts";
import type { LocationRegimes } from "./location-regime.ts";
import { notedKinds, tillEventOf, wantsNotes, type NotedDraft } from "./noted.ts";
import { activationWanted, openWanted } from "./open-wanted.ts";
import { receiptRequest } from "./receipt-request.ts";
import { sealRefusal } from "./refusals.ts";
import { regimeNamed } from "./regimes.ts";

export interface DeskOptions {
  /** The device's. */
  readonly directory: string;
  readonly logger: Logger;
  readonly locations: LocationRegimes;
  /** Up to the last commit. */
  readonly state: () => FiscalState;
  /** Known once the desk is part of it. */
  readonly till: () => Till;
  readonly businessDate: () => BusinessDate;
  readonly today: () => BusinessDate;
}

export class FiscalDesk {
  readonly crypto: FiscalCrypto = createFiscalCrypto();
  readonly #options: DeskOptions;
  readonly #timer = createSystemTimer();
  readonly #rings = new Map<string, KeyRing>();
  /** Closings that were refused since this began, and why. */
  readonly #owed = new Map<Period, string>();
  #activations: readonly Activation[];
  #breaker: Breaker | undefined;
  #stopped: string | undefined;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#activations = readActivations(options.directory);
  }

  get state(): FiscalState {
    return this.#options.state();
  }

  get locations(): LocationRegimes {
    return this.#options.locations;
  }

  /** What holds today. */
  get activation(): Activation | undefined {
    return activationOn(this.#activations, this.today);
  }

  /** Test keys where those are wanted and not there; what holds today. */
  activateAsSaid(): Result<Activation | undefined, Refusal> {
    return activationWanted(this, this.#options.till());
  }

  /** With whose keys and address a stream's documents are delivered: its own, else another of the regime. */
  activationFor({ regime, till, isTest }: KeyOwner): Activation | undefined {
    const ofRegime = this.#activations.filter(
      (one) => one.regime === regime && one.isTest === isTest,
    );
    const ofTill = ofRegime.filter((one) => one.till === till);
    return activationOn(ofTill, this.today) ?? ofTill.at(-1) ?? ofRegime.at(-1);
  }

  /** What begins on a later day. */
  get upcoming(): Activation | undefined {
    return this.#activations.findLast(({ from }) => from > this.today);
  }

  /** By the location's clock. */
  get today(): BusinessDate {
    return this.#options.today();
  }

  get breaker(): Breaker | undefined {
    return this.#breaker;
  }

  /** Why nothing is sealed, if the chain is not sound. */
  get stopped(): string | undefined {
    return this.#stopped ?? faultOf(this.state.stream);
  }

  stop(reason: string): void {
    this.#stopped = reason;
    this.#options.logger.error("fiscal-stopped", { reason });
  }

  /** The stream that this device seals into now. */
  get open(): Open | undefined {
    const { stream } = this.state;
    const { incarnation } = this.#options.till().replica;
    if (stream === null || stream.closed !== undefined) return undefined;
    const regime = regimeNamed(stream.config.regime);
    if (regime === undefined || stream.incarnation !== incarnation) return undefined;
    return { stream, regime, ring: this.keyRing(stream.config) };
  }

  /** One at a time, in the order asked. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#tail.then(work);
    this.#tail = run.catch(() => undefined);
    return run;
  }

  /** Records what the regime wants before an entry of this kind; answers with how many entries that took. */
  async makeReady(
    draft: NotedDraft & Pick<EntryDraft, "businessDate">,
  ): Promise<Result<number, Refusal>> {
    const { kind, businessDate } = draft;
    const till = this.#options.till();
    const isAsked = isReceipt(kind) || readyKinds.has(kind);
    if (!isAsked && !(notedKinds.has(kind) && wantsNotes(till))) return ok(0);
    const before = countOf(till);
    const ready = await openWanted(this, till);
    if (!ready.ok) return ready;
    const closed = await this.#close({ kind, businessDate });
    if (!closed.ok) return closed;
    const event = tillEventOf(draft);
    const noted = event === undefined ? closed : await this.note(event);
    return noted.ok ? ok(countOf(till) - before) : noted;
  }

  /** What the regime wants noted, within `exclusively`; undefined where it does not. */
  async note(event: TillEvent, said: Said = {}): Promise<Result<HeldEntry | undefined, Refusal>> {
    const request = this.open?.regime.noted?.(event);
    if (request === undefined) return ok(undefined);
    const copyOf = event.type === "receipt-copied" ? event.number : undefined;
    return this.record(request, { ...said, ...present({ copyOf }) });
  }

  /** Closings that are due and were not sealed. */
  get closings(): readonly JsonObject[] {
    const at = this.open;
    const businessDate = this.#options.businessDate();
    return at === undefined ? [] : closingsAnswer({ businessDate, owed: this.#owed }, at);
  }

  /** What cannot be sealed is owed, and holds up nothing; only a commit that fails does. */
  async #close(occasion: Omit<Occasion, "owed">): Promise<Result<null, Refusal>> {
    const at = this.open;
    if (at === undefined) return ok(null);
    const isTimer = occasion.kind === "timer";
    for (const request of closingRequests({ ...occasion, owed: this.#owed }, at)) {
      const done = await this.#seal(request, this.open ?? at, { isProbe: isTimer });
      const { closes = "day" } = request;
      if (!done.ok) this.#owe(closes, done.error);
      else if (isTimer && done.value.document.degraded !== undefined) continue;
      else {
        const kept = await this.commit({ type: "sealed", document: done.value.document });
        if (!kept.ok) return kept;
        this.#owed.delete(closes);
      }
    }
    return ok(null);
  }

  #owe(period: Period, refused: SealRefused): void {
    // By a wrong clock nothing is known to be over.
    if (refused.type === "ClockFault") return;
    const { type, detail = type } = sealRefusal(refused);
    if (!this.#owed.has(period)) this.#options.logger.warn("fiscal-closing", { period, detail });
    this.#owed.set(period, detail);
  }

  /** The draft with its seal; as it is where nothing is sealed. `customer` asked for a sale's full invoice. */
  async sealed(
    draft: EntryDraft,
    customer?: ReceiptCustomer,
  ): Promise<Result<EntryDraft, Refusal>> {
    const at = isReceipt(draft.kind) ? this.open : undefined;
    if (at === undefined) return ok(draft);
    const receipt = draft as unknown as ReceiptBody;
    const till = this.#options.till();
    const asked = receiptRequest(till, receipt, { by: draft.by, at, customer });
    const { request, ...named } = asked;
    const done = await this.#seal(request, at);
    if (!done.ok) return err(sealRefusal(done.error));
    const { document } = done.value;
    const { receiptNumber } = receipt.body;
    assert(document.number === receiptNumber, `${document.number} is sealed as ${receiptNumber}`);
    const { config } = at.stream;
    const fiscal = keptSeal(document, { regime: at.regime, config, ...named });
    return ok({ ...draft, body: { ...receipt.body, fiscal } });
  }

  /** A document of the regime's own, within `exclusively`. */
  async record(
    request: DocumentRequest,
    { copyOf, invoice, ...said }: Said & SealedMore = {},
  ): Promise<Result<HeldEntry, Refusal>> {
    const at = this.open;
    assert(at !== undefined, "a document is sealed into an open stream");
    const done = await this.#seal(request, at);
    if (!done.ok) return err(sealRefusal(done.error));
    return this.commit(
      { type: "sealed", document: done.value.document, ...present({ copyOf, invoice }) },
      said,
    );
  }

  /** In this device's own name, unless somebody is named. */
  async commit(record: TillRecord, said: Said = {}): Promise<Result<HeldEntry, Refusal>> {
    const till = this.#options.till();
    const { device, location } = till.replica;
    const { by = { device: device.id }, request } = said;
    const businessDate = this.#options.businessDate();
    const context = { location: location.id, businessDate, by, ...request };
    const committed = await till.replica.commit(fiscalDraft(context, record));
    return committed.ok ? committed : err(commitRefusal(committed.error));
  }

  /**
   * What waits for the signer: the end of an outage as the regime asks for it, then closings. Without a signature that would only lengthen
   * the outage, so it is dropped then and tried again later.
   */
  recover(): Promise<void> {
    return this.exclusively(async () => {
      if (this.stopped !== undefined || !(await this.#recovered())) return;
      const closed = await this.#close({
        kind: "timer",
        businessDate: this.#options.businessDate(),
      });
      if (!closed.ok) this.#options.logger.error("fiscal-closing", { code: closed.error.type });
    });
  }

  async #recovered(): Promise<boolean> {
    const at = this.open;
    if (at?.stream.head.outage === undefined) return true;
    const { logger } = this.#options;
    for (const request of at.regime.recover?.(at.stream.head, at.stream.config) ?? []) {
      const done = await this.#seal(request, at);
      if (!done.ok || done.value.document.degraded !== undefined) return false;
      const { document } = done.value;
      const kept = await this.commit({ type: "sealed", document });
      if (!kept.ok) {
        logger.error("fiscal-recovery", { code: kept.error.type });
        return false;
      }
      logger.info("fiscal-recovered", { number: document.number });
    }
    return true;
  }

  activate(activation: Activation, material: KeyMaterial): void {
    writeActivation(this.#options.directory, activation, material);
    this.#rings.clear();
    this.#breaker = undefined;
    this.#activations = readActivations(this.#options.directory);
  }

  keyRing(of: KeyOwner): KeyRing {
    const name = JSON.stringify([of.regime, of.till, of.isTest]);
    const known = this.#rings.get(name) ?? readKeyRing(this.#options.directory, of);
    this.#rings.set(name, known);
    return known;
  }

  contextOf({ stream, ring }: Open): SealContext {
    return { config: stream.config, secrets: ring.secrets, crypto: this.crypto };
  }

  async #seal(
    request: DocumentRequest,
    at: Open,
    more: Pick<SealPorts, "isProbe"> = {},
  ): Promise<Result<Sealed, SealRefused>> {
    const { head, config } = at.stream;
    const nowMs = this.#options.till().clock.nowMs();
    const breaker = (this.#breaker ??= breakerOf(head, nowMs));
    const { signer } = at.ring;
    const time = fiscalTimeAt(nowMs, config.timeZone);
    const done = await seal(request, time, {
      regime: at.regime,
      head,
      context: this.contextOf(at),
      breaker,
      timer: this.#timer,
      clock: clockPolicyOf(at.stream),
      isClockConfirmed: isClockConfirmed(at.stream),
      ...(signer === undefined ? {} : { signer }),
      ...more,
    });
    if (done.ok) this.#breaker = done.value.breaker;
    else if (done.error.type === "SignerNeeded") this.#breaker = done.error.breaker;
    return done;
  }
}

/** Who says it, and under which key; else this device itself. */
export interface Said {
  readonly by?: EntryBy;
  readonly request?: RequestId;
}

/** What the record of a document says beside it. */
export interface SealedMore {
  /** The receipt that was copied. */
  readonly copyOf?: string;
  readonly invoice?: InvoiceNote;
}

/** Before these the regime is asked, as before receipts. */
const readyKinds: ReadonlySet<string> = new Set(["shift-opened", "z", "invoice"]);

/** The stream that is open, with what it takes to seal. */
export interface Open {
  readonly stream: OpenStream;
  readonly regime: Regime;
  readonly ring: KeyRing;
}

function faultOf(stream: OpenStream | null): string | undefined {
  const fault = stream?.fault;
  if (fault === undefined || stream?.closed !== undefined) return undefined;
  return `Document ${fault.sequence} does not follow on the one before (${fault.code}): ${fault.detail}`;
}

/** Entries that this device has recorded. */
function countOf({ replica }: Till): number {
  const { id } = replica.device;
  return replica
    .ledgers()
    .filter(({ device }) => device === id)
    .reduce((sum, { sequence }) => sum + sequence, 0);
}
