/**
 * What headquarters has said about each key of a topic. SPEC.md §4 (PB).
 *
 * A book takes publications in any order and any number of times; what it hands out
 * never changes afterwards. It is a handle and not a value, because a copy of 60,000
 * articles per publication would cost more than the shop has time for.
 *
 * @module
 */

import { assert, type Json, type Publication, type Result } from "@tillmesh/kernel";
import type { Fault, FaultsError } from "./faults.ts";
import { hasSeen, lastWriterByHq, type PublicationRef, type Writer } from "./last-writer-by-hq.ts";

/**
 * An empty book. It takes only publications that were verified: signed by a device that had role
 * HQ, one content per id.
 */
export function createBook<V extends Json>(options: BookOptions<V>): Book<V> {
  const pages: Pages<V> = {
    options,
    publicationById: new Map(),
    slotByKey: new Map(),
    unreadableByKey: new Map(),
    withdrawnKeys: new Set(),
    contestedKeys: new Set(),
  };
  return {
    topic: options.topic,
    apply: (publication) => apply(pages, publication),
    inForce: (key) => inForce(pages, key),
    keys: () => [...pages.slotByKey.keys()].filter((key) => isInForce(pages, key)).toSorted(),
    publications: () =>
      Array.from(pages.publicationById.values(), ({ ref }) => ref).toSorted(lastWriterByHq),
    withdrawn: () =>
      [...pages.withdrawnKeys]
        .toSorted()
        .map((key) => ({ key, publication: slotOf(pages, key).writer.ref })),
    unreadable: () =>
      [...pages.unreadableByKey.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1)),
    conflicts: () => [...pages.contestedKeys].toSorted().flatMap((key) => conflictOf(pages, key)),
  };
}

export interface BookOptions<V extends Json> {
  readonly topic: string;
  /** Reads the value of a key; answers with the same object. */
  readonly read: (key: string, value: Json) => Result<V, FaultsError>;
  /** Called while a publication is applied, for each key whose value in force changes. */
  readonly onChange?: (key: string, now: V | undefined, before: V | undefined) => void;
}

export interface Book<V extends Json> {
  readonly topic: string;
  /** False when it was applied before, and nothing changed. */
  apply(publication: Publication): boolean;
  /** Undefined for a key that was never set, is withdrawn or has an unreadable value. */
  inForce(key: string): InForce<V> | undefined;
  /** Keys in force, sorted. */
  keys(): readonly string[];
  /** All that were applied, lowest precedence first. */
  publications(): readonly PublicationRef[];
  withdrawn(): readonly Withdrawn[];
  /** Keys whose last writer said something that this version cannot read: nothing is in force there. */
  unreadable(): readonly Unreadable[];
  /** Keys set by publications that did not see each other, until one that saw them sets the key. */
  conflicts(): readonly Conflict[];
}

export interface InForce<V> {
  readonly value: V;
  readonly publication: PublicationRef;
}

export interface Withdrawn {
  readonly key: string;
  readonly publication: PublicationRef;
}

export interface Unreadable {
  readonly key: string;
  readonly publication: PublicationRef;
  readonly value: Json;
  readonly faults: readonly Fault[];
}

/** `claims` are those that no other claim has seen; the first is the one in force. */
export interface Conflict {
  readonly key: string;
  readonly claims: readonly Claim[];
}

/** `value` null: the publication withdrew the key. */
export interface Claim {
  readonly value: Json;
  readonly publication: PublicationRef;
}

// Most keys are set once: the winner lies in the slot itself, to keep 100,000 of them small.
interface Slot<V> {
  writer: Writer;
  /** Null: withdrawn. Undefined: unreadable, and kept in `unreadableByKey`. */
  value: V | null | undefined;
  others: PastClaim[] | undefined;
}

interface PastClaim {
  readonly writer: Writer;
  readonly value: Json;
}

interface Pages<V extends Json> {
  readonly options: BookOptions<V>;
  readonly publicationById: Map<string, Writer>;
  readonly slotByKey: Map<string, Slot<V>>;
  readonly unreadableByKey: Map<string, Unreadable>;
  readonly withdrawnKeys: Set<string>;
  readonly contestedKeys: Set<string>;
}

function apply<V extends Json>(pages: Pages<V>, publication: Publication): boolean {
  assert(publication.topic === pages.options.topic, `a publication of ${pages.options.topic}`);
  if (pages.publicationById.has(publication.id)) return false;
  const { id, sequence, publisher, at, seen } = publication;
  const writer: Writer = { ref: { id, sequence, publisher, at }, seen };
  pages.publicationById.set(id, writer);
  // Backwards, so that of two items with one key the last is the one that is kept.
  for (const { key, value } of publication.items.toReversed()) claim(pages, key, { writer, value });
  return true;
}

function claim<V extends Json>(pages: Pages<V>, key: string, made: PastClaim): void {
  const slot = pages.slotByKey.get(key);
  if (slot === undefined) {
    const fresh: Slot<V> = { writer: made.writer, value: null, others: undefined };
    pages.slotByKey.set(key, fresh);
    settle(pages, key, made);
    return;
  }
  if (slot.writer === made.writer || slot.others?.some(({ writer }) => writer === made.writer))
    return;
  if (isContested(slot, made.writer)) pages.contestedKeys.add(key);
  slot.others ??= [];
  if (lastWriterByHq(made.writer.ref, slot.writer.ref) < 0) {
    slot.others.push(made);
    return;
  }
  slot.others.push({ writer: slot.writer, value: rawValue(pages, key, slot) });
  slot.writer = made.writer;
  settle(pages, key, made);
}

/** Puts the value of the winning claim in force, or notes why it is not. */
function settle<V extends Json>(pages: Pages<V>, key: string, made: PastClaim): void {
  const slot = slotOf(pages, key);
  const before = slot.value ?? undefined;
  pages.unreadableByKey.delete(key);
  pages.withdrawnKeys.delete(key);
  slot.value = made.value === null ? null : read(pages, key, made);
  if (slot.value === null) pages.withdrawnKeys.add(key);
  const now = slot.value ?? undefined;
  if (now !== before) pages.options.onChange?.(key, now, before);
}

function read<V extends Json>(pages: Pages<V>, key: string, made: PastClaim): V | undefined {
  const parsed = pages.options.read(key, made.value);
  if (parsed.ok) return parsed.value;
  const { faults } = parsed.error;
  const publication = made.writer.ref;
  pages.unreadableByKey.set(key, { key, publication, value: made.value, faults });
  return undefined;
}

function inForce<V extends Json>(pages: Pages<V>, key: string): InForce<V> | undefined {
  const slot = pages.slotByKey.get(key);
  if (slot === undefined || slot.value === null || slot.value === undefined) return undefined;
  return { value: slot.value, publication: slot.writer.ref };
}

function isInForce<V extends Json>(pages: Pages<V>, key: string): boolean {
  const { value } = slotOf(pages, key);
  return value !== null && value !== undefined;
}

function slotOf<V extends Json>(pages: Pages<V>, key: string): Slot<V> {
  const slot = pages.slotByKey.get(key);
  assert(slot !== undefined, `"${key}" was set`);
  return slot;
}

function rawValue<V extends Json>(pages: Pages<V>, key: string, slot: Slot<V>): Json {
  return slot.value === undefined ? (pages.unreadableByKey.get(key)?.value ?? null) : slot.value;
}

// Publications of one publisher follow each other, unless it was cloned and used a number twice.
function isContested<V>(slot: Slot<V>, writer: Writer): boolean {
  const writers = [slot.writer, ...(slot.others ?? []).map((other) => other.writer)];
  return writers.some(
    ({ ref }) => ref.publisher !== writer.ref.publisher || ref.sequence === writer.ref.sequence,
  );
}

function conflictOf<V extends Json>(pages: Pages<V>, key: string): readonly Conflict[] {
  const slot = slotOf(pages, key);
  const claims = [
    { writer: slot.writer, value: rawValue(pages, key, slot) },
    ...(slot.others ?? []),
  ];
  const heads = claims.filter((one) => !claims.some((other) => hasSeen(other.writer, one.writer)));
  if (heads.length < 2) return [];
  const sorted = heads.toSorted((a, b) => lastWriterByHq(b.writer.ref, a.writer.ref));
  return [{ key, claims: sorted.map(({ writer, value }) => ({ value, publication: writer.ref })) }];
}
