/**
 * Read models of everything this device holds, kept in step with the replica.
 *
 * Entries that arrive wait in a bounded queue and are applied in one transaction: before any
 * read, so that one's own writes are seen, and otherwise in short slices between requests. What
 * the queue cannot hold, and what was missed while the service was off, is read again from the
 * replica, ledger by ledger. Losing this file loses nothing.
 *
 * @module
 */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { HeldEntry, Random } from "@tillmesh/kernel";
import type { Replica } from "../till/replica.ts";
import { createApplier, nothingTouched, type Applier, type Touched } from "./apply.ts";
import { createBacklog, type Backlog, type LedgerPlace } from "./backlog.ts";
import { beginLedger } from "./begin-ledger.ts";
import {
  createProjectionFile,
  durably,
  openProjectionFile,
  type ProjectionFile,
} from "./database.ts";
import { createFresh, type Fresh } from "./fresh.ts";
import { deriveExceptions, raisedTransfers } from "./derive.ts";
import type { Raised } from "./exceptions.ts";
import { historyMissing, ledgerKey, readMarks, type LedgerMark, type Marks } from "./marks.ts";
import {
  closeCarry,
  isSuperseded,
  missingBefore,
  nextHistory,
  readHistory,
  type HistoryPage,
} from "./history.ts";
import { findKeyed, type KeyedEntry } from "./keys.ts";
import { reasonToStartAnew } from "./start-anew.ts";
import { readOwnState, saveOwnState } from "./own-state.ts";
import { noteRevision } from "./revision.ts";
import type { ToldTransfers } from "./told-transfers.ts";
import { isDamage, readKnown, type Known, type Tables } from "./tables.ts";

export interface ProjectionOptions<State> {
  readonly file: string;
  readonly replica: Replica;
  readonly random: Random;
  /** What headquarters says was shipped: filled before this is made. */
  readonly told: ToldTransfers;
  /** A fold over this device's own entries, kept with the tables it belongs to. */
  readonly fold: OwnFold<State>;
  /** After each transaction: the entries that are new, and the exceptions they raised. */
  readonly onApplied: (applied: readonly Applied[], raised: readonly Raised[]) => void;
}

export interface OwnFold<State> {
  readonly initial: State;
  step(state: State, held: HeldEntry): State;
}

export interface Applied {
  /** Numbers entries in the order in which they arrived here. */
  readonly n: number;
  readonly held: HeldEntry;
}

interface AppliedSome {
  readonly applied: readonly Applied[];
  readonly raised: readonly Raised[];
}

export class Projection<State> implements Tables {
  readonly #options: ProjectionOptions<State>;
  #file: ProjectionFile;
  #marks!: Marks;
  #known!: Known;
  #applier!: Applier;
  #state!: State;
  readonly #statements = new Map<string, StatementSync>();
  readonly #backlog: Backlog;
  readonly #waitingByKey = new Map<string, HeldEntry>();
  #ownWaiting: HeldEntry[] = [];
  #waiting: HeldEntry[] = [];
  readonly #fresh: Fresh;
  /** Read from the replica and not applied yet. */
  #history: HistoryPage | undefined;

  constructor(options: ProjectionOptions<State>) {
    this.#options = options;
    this.#backlog = createBacklog(options.replica, () => this.#marks);
    const { file, replica, random } = options;
    this.#fresh = createFresh(replica);
    this.#file = openProjectionFile({ file, owner: replica.device.id, random });
    try {
      this.#load();
      const reason = reasonToStartAnew(this, replica);
      if (reason !== undefined) this.startAnew(reason);
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.startAnew("damaged");
    }
    this.#backlog.find();
    noteRevision(this, replica);
    // A crash may have come between headquarters' word and what follows from it.
    this.deriveTransfers(raisedTransfers(this.#known));
  }

  get #db(): DatabaseSync {
    return this.#file.db;
  }

  /** Names this file: another one has other arrival numbers. */
  get epoch(): string {
    return this.#file.epoch;
  }

  /** Why it was made anew, if it was. */
  get madeAnew(): string | undefined {
    return this.#file.madeAnew;
  }

  /** The fold over this device's own entries, as far as they are applied. */
  get own(): State {
    return this.#state;
  }

  get known(): Known {
    return this.#known;
  }

  get told(): ToldTransfers {
    return this.#options.told;
  }

  isWhole(location: string): boolean {
    const { device, location: own } = this.#options.replica;
    return location === own.id || device.roles.includes("hq");
  }

  /** More is said of these transfers: what follows from them is derived again. */
  deriveTransfers(transfers: readonly string[]): void {
    if (transfers.length === 0) return;
    const touched: Touched = { ...nothingTouched(), transfers: new Set(transfers) };
    const raised = this.#within(() => deriveExceptions(this, touched, []));
    if (raised.length > 0) this.#options.onApplied([], raised);
  }

  get marks(): ReadonlyMap<string, LedgerMark> {
    return this.#marks;
  }

  /** Entries known to be missing or waiting. */
  get behindEntries(): number {
    return this.#backlog.entries() + this.#ownWaiting.length + this.#waiting.length;
  }

  /** Entries before those that are shown: on their way here, or not read yet. */
  get missingHistory(): number {
    return missingBefore(this.#options.replica, this.#marks);
  }

  /** All is to be read again: branches came to light below a carry. */
  get isSuperseded(): boolean {
    return isSuperseded(this.#options.replica, this.#marks);
  }

  /** Prepared once per text. */
  sql(text: string): StatementSync {
    const known = this.#statements.get(text);
    if (known !== undefined) return known;
    const made = this.#db.prepare(text);
    this.#statements.set(text, made);
    return made;
  }

  /** Takes entries to apply later. Own ones always fit: each was a commit of its own. */
  add(entries: readonly HeldEntry[]): void {
    for (const held of entries) {
      const { device, incarnation, key } = held.entry;
      if (device === this.#options.replica.device.id) {
        if (key !== undefined) this.#waitingByKey.set(key, held);
        this.#ownWaiting.push(held);
      } else if (this.#waiting.length < waitingMax) this.#waiting.push(held);
      else this.#backlog.fall(device, incarnation);
    }
  }

  get hasWaiting(): boolean {
    return this.#ownWaiting.length + this.#waiting.length > 0;
  }

  /**
   * Before a read: applies all that this device recorded, and as much of the others' as a moment
   * allows. What they did arrives when it arrives; a read must not wait for it.
   */
  sync(): void {
    const startedAtMs = performance.now();
    while (this.#ownWaiting.length > 0) this.applySlice();
    while (this.hasWaiting && performance.now() - startedAtMs < syncMaxMs) this.applySlice();
  }

  /** Applies the oldest that wait, own ones first: one short transaction. */
  applySlice(): void {
    const own = this.#ownWaiting.slice(0, sliceMax);
    const others = this.#waiting.slice(0, sliceMax - own.length);
    const lasts = new Map<string, number>();
    this.#apply([...own, ...others].filter((held) => this.#isNext(held, lasts)));
    this.#ownWaiting = this.#ownWaiting.slice(own.length);
    this.#waiting = this.#waiting.slice(others.length);
    if (this.#ownWaiting.length === 0) this.#waitingByKey.clear();
  }

  /** An own entry by its idempotency key, applied or waiting. */
  findKey(key: string): KeyedEntry | undefined {
    const waiting = this.#waitingByKey.get(key);
    if (waiting !== undefined) return { bodyHash: waiting.entry.bodyHash ?? "", held: waiting };
    return findKeyed(this, key);
  }

  isBehind(whose: "own" | "any"): boolean {
    return this.#backlog.next(whose) !== undefined;
  }

  /** A ledger that begins with a carry which is not read yet. */
  nextCarry(): LedgerPlace | undefined {
    return this.#backlog.nextCarry();
  }

  /** Reads the carry; false if the replica has none any more, or cannot read it now. */
  async begin(place: LedgerPlace): Promise<boolean> {
    const file = this.#file;
    const carry = await this.#options.replica.carry(place);
    if (carry === undefined) return false;
    await beginLedger(
      {
        tables: this,
        applier: this.#applier,
        within: (work) => this.#within(work),
        tell: this.#options.onApplied,
        isOver: () => this.#file !== file || !file.db.isOpen,
      },
      carry,
    );
    this.#backlog.fall(place.device, place.incarnation);
    return true;
  }

  /** There is more to apply, of which nothing is waited for. */
  get hasMore(): boolean {
    const isHistoryHere = nextHistory(this.#options.replica, this.#marks) !== undefined;
    return this.hasWaiting || this.isBehind("any") || isHistoryHere;
  }

  /** Applies one slice of what was missed, history last; false when nothing was left to read. */
  catchUp(whose: "own" | "any"): boolean {
    const next = this.#backlog.next(whose);
    if (next === undefined) return whose === "any" && this.#applyHistory();
    const slice = this.#backlog.read(next, sliceMax);
    this.#apply(slice);
    this.#backlog.settle(next, slice);
    return true;
  }

  #applyHistory(): boolean {
    const { replica } = this.#options;
    const mark = nextHistory(replica, this.#marks);
    if (mark === undefined) return false;
    const { entries } = this.#history?.mark === mark ? this.#history : readHistory(replica, mark);
    const slice = entries.slice(0, sliceMax);
    const last = slice.at(-1);
    if (last === undefined) return false;
    const after = { ...mark, history: last.entry.sequence };
    const { applied, raised } = this.#within(() => {
      const done = this.#applyAll(slice, (held, touched) =>
        this.#applier.applyCarried(held, touched),
      );
      this.#applier.setMark(after);
      if (historyMissing(after) === 0) closeCarry(this, after);
      return done;
    });
    this.#history = { mark: after, entries: entries.slice(slice.length) };
    if (applied.length > 0) this.#options.onApplied(applied, raised);
    return true;
  }

  /** After damage: an empty file, and everything to be read again. */
  startAnew(reason: string): void {
    this.#makeAnew(reason);
    this.#fresh.forget();
    this.#load();
    [this.#ownWaiting, this.#waiting] = [[], []];
    this.#waitingByKey.clear();
    this.#backlog.find();
    noteRevision(this, this.#options.replica);
  }

  close(): void {
    this.#db.close();
  }

  /** One durable transaction of somebody who keeps more in these tables than entries say. */
  write<T>(work: () => T): T {
    return durably(this.#db, () => this.#within(work));
  }

  #makeAnew(reason: string): void {
    const { file, replica, random } = this.#options;
    try {
      this.#db.close();
    } catch {
      // A damaged file may refuse even that; it is removed next.
    }
    this.#file = createProjectionFile({ file, owner: replica.device.id, random }, reason);
    this.#statements.clear();
  }

  /** What is kept in memory of the file. */
  #load(): void {
    const own = this.#options.replica.device.id;
    this.#marks = readMarks(this.#db);
    this.#known = readKnown(this.#db);
    const kept = { marks: this.#marks, known: this.#known, isFresh: this.#fresh.isFresh };
    this.#applier = createApplier(this.#db, own, kept);
    this.#state = (readOwnState(this) as State | undefined) ?? this.#options.fold.initial;
  }

  /** An entry after a gap is left to `catchUp`, which reads the gap as well. */
  #isNext({ entry }: HeldEntry, lasts: Map<string, number>): boolean {
    const key = ledgerKey(entry.device, entry.incarnation);
    if (this.#backlog.has(key)) return false;
    const last = lasts.get(key) ?? this.#marks.get(key)?.sequence ?? 0;
    if (entry.sequence > last + 1) {
      this.#backlog.fall(entry.device, entry.incarnation);
      return false;
    }
    lasts.set(key, Math.max(last, entry.sequence));
    return true;
  }

  #apply(entries: readonly HeldEntry[]): void {
    if (entries.length === 0) return;
    const { applied, raised } = this.#within(() => this.#applyWithin(entries));
    if (applied.length > 0) this.#options.onApplied(applied, raised);
  }

  /** One transaction: all of it or nothing. */
  #within<T>(work: () => T): T {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      const done = work();
      this.#db.exec("COMMIT");
      return done;
    } catch (error) {
      this.#undo();
      throw error;
    }
  }

  #applyWithin(entries: readonly HeldEntry[]): AppliedSome {
    const { fold, replica } = this.#options;
    const before = this.#state;
    const done = this.#applyAll(entries, (held, touched) => this.#applier.apply(held, touched));
    for (const { held } of done.applied) {
      if (held.entry.device === replica.device.id) this.#state = fold.step(this.#state, held);
    }
    if (this.#state !== before) saveOwnState(this, this.#state);
    return done;
  }

  #applyAll(
    entries: readonly HeldEntry[],
    apply: (held: HeldEntry, touched: Touched) => number | undefined,
  ): AppliedSome {
    const touched = nothingTouched();
    const applied = entries.flatMap((held): readonly Applied[] => {
      const n = apply(held, touched);
      return n === undefined ? [] : [{ n, held }];
    });
    const fresh = applied.map(({ held }) => held);
    return { applied, raised: deriveExceptions(this, touched, fresh) };
  }

  #undo(): void {
    if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
    this.#load();
  }
}

const waitingMax = 2000;
const syncMaxMs = 10;
/** Entries in one transaction: some milliseconds. */
const sliceMax = 32;
