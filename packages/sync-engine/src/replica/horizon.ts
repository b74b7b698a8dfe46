/**
 * How far entries have got: other devices, the relay, HQ. SPEC.md §5 (HZ).
 *
 * A step is claimed only on what its receiver signed after its own sync, and only of entries that are known here by
 * the hash that it named. Where a ledger is forked nothing is claimed from the fork on: the receiver may hold the
 * other branch.
 *
 * @module
 */

import { canonicalJson, fromBase64url, utf8, type Json } from "@tillmesh/kernel";
import type { TrustedDevice } from "./ports.ts";
import { emit, type CoreState } from "./core-state.ts";
import type { Holder, HqWord } from "./horizon-book.ts";
import type { Ledger } from "./ledger.ts";
import { addSpan, countInSpans, isInSpans, type Span } from "./spans.ts";
import { holdsEntry, type LedgerSummary } from "./summary.ts";

export interface EntryHorizon {
  readonly device: boolean;
  readonly peers: readonly string[];
  readonly relay: boolean;
  readonly hq: boolean;
}

/** Of this device's own entries, of all its incarnations. */
export interface HorizonCounts {
  readonly entries: number;
  readonly onlyHere: number;
  readonly peers: number;
  readonly relay: number;
  readonly hq: number;
}

/** A device has signed that all this is on its disk. */
export function noteHolds(
  state: CoreState,
  { id, roles }: Pick<TrustedDevice, "id" | "roles">,
  ledgers: readonly LedgerSummary[],
): void {
  if (id === state.ports.device) return;
  let isNews = false;
  for (const claim of ledgers) {
    const key = ledgerKey(claim);
    const holders = state.horizon.holders.get(key) ?? new Map<string, Holder>();
    const holder = holders.get(id) ?? {
      isHq: roles.includes("hq"),
      provenThrough: 0,
      claimed: undefined,
    };
    if (claim.sequence <= holder.provenThrough) continue;
    holder.claimed = { sequence: claim.sequence, hash: claim.hash };
    holders.set(id, holder);
    state.horizon.holders.set(key, holders);
    isNews = prove(state, key, holder) || isNews;
  }
  if (isNews) emit(state, { type: "horizon" });
}

/** HQ's signed word, whoever brought it. Says whether it is one. */
export function noteHqWord(state: CoreState, word: HqWord): boolean {
  const { summary } = word;
  const device = state.ports.trust.deviceOf(summary.device);
  if (!device?.roles.includes("hq") || !isSignedBy(state, device, word)) return false;
  const { hqWords } = state.horizon;
  for (const claim of summary.ledgers) {
    const key = ledgerKey(claim);
    const known = hqWords.get(key)?.summary.ledgers.find((one) => ledgerKey(one) === key);
    if ((known?.sequence ?? 0) < claim.sequence) hqWords.set(key, word);
  }
  noteHolds(state, device, summary.ledgers);
  return true;
}

function isSignedBy(
  { ports }: CoreState,
  { publicKey }: TrustedDevice,
  { summary, signature }: HqWord,
): boolean {
  const bytes = fromBase64url(signature);
  return bytes.ok && ports.crypto.verify(publicKey, summaryBytes(summary), bytes.value);
}

/** What a device signs of what it holds: on the LAN and over a relay alike. */
export function summaryBytes(summary: Json): Uint8Array {
  return utf8(`tillmesh/summary/1\n${canonicalJson(summary)}`);
}

/** These entries lie at the relay, as `source` says. */
export function noteAtRelay(
  state: CoreState,
  source: string,
  { ledger, span }: { readonly ledger: string; readonly span: Span },
): void {
  const { atRelay } = state.horizon;
  const spans = atRelay.get(source) ?? new Map<string, readonly Span[]>();
  atRelay.set(source, spans);
  const before = spans.get(ledger) ?? [];
  const after = addSpan(before, span);
  spans.set(ledger, after);
  if (JSON.stringify(before) !== JSON.stringify(after)) emit(state, { type: "horizon" });
}

/** What a peer says of a ledger now; whatever it said before no longer counts. Spans of other entries are left out. */
export function setAtRelay(
  state: CoreState,
  source: string,
  { ledger, spans }: { readonly ledger: string; readonly spans: readonly Span[] },
): void {
  const { atRelay } = state.horizon;
  const all = atRelay.get(source) ?? new Map<string, readonly Span[]>();
  atRelay.set(source, all);
  all.set(ledger, spans.reduce<readonly Span[]>(addSpan, []));
  emit(state, { type: "horizon" });
}

/** The source knows nothing any more: its log is another. */
export function forgetAtRelay(state: CoreState, source: string): void {
  if (state.horizon.atRelay.delete(source)) emit(state, { type: "horizon" });
}

export function horizonOf(
  state: CoreState,
  ref: { readonly device: string; readonly incarnation: number; readonly sequence: number },
): EntryHorizon {
  const key = ledgerKey(ref);
  const ledger = state.ledgers.get(key);
  const { sequence } = ref;
  if (!ledger || sequence < 1 || sequence > ledger.deliveredThrough) return nowhere;
  const holders = [...holdersOf(state, ledger)].filter(([, through]) => through >= sequence);
  const isHq = (id: string): boolean => state.horizon.holders.get(key)?.get(id)?.isHq === true;
  return {
    device: true,
    peers: holders.map(([id]) => id).filter((id) => !isHq(id)),
    relay: sequence < ledger.forkedFrom && isInSpans(spansOf(state, ledger), sequence),
    hq: isOwnHq(state) || holders.some(([id]) => isHq(id)),
  };
}

const nowhere: EntryHorizon = { device: false, peers: [], relay: false, hq: false };

export function horizonCounts(state: CoreState): HorizonCounts {
  const own = [...state.ledgers.values()].filter(({ device }) => device === state.ports.device);
  const sum = (of: (ledger: Ledger) => number): number =>
    own.reduce((total, ledger) => total + of(ledger), 0);
  const { horizon } = state;
  const through = (ledger: Ledger, isHq: boolean): number =>
    Math.max(
      0,
      ...[...holdersOf(state, ledger)]
        .filter(([id]) => horizon.holders.get(ledgerKey(ledger))?.get(id)?.isHq === isHq)
        .map(([, proven]) => proven),
    );
  const elsewhere = (ledger: Ledger): number => {
    const others = Math.max(
      through(ledger, true),
      through(ledger, false),
      state.acknowledged.get(ledger.incarnation) ?? 0,
    );
    return countInSpans([...spansOf(state, ledger), { from: 1, through: others }], limitOf(ledger));
  };
  return {
    entries: sum(({ deliveredThrough }) => deliveredThrough),
    onlyHere: sum((ledger) => ledger.deliveredThrough - elsewhere(ledger)),
    peers: sum((ledger) => Math.min(ledger.deliveredThrough, through(ledger, false))),
    relay: sum((ledger) => countInSpans(spansOf(state, ledger), limitOf(ledger))),
    hq: isOwnHq(state)
      ? sum(({ deliveredThrough }) => deliveredThrough)
      : sum((ledger) => Math.min(ledger.deliveredThrough, through(ledger, true))),
  };
}

function limitOf({ deliveredThrough, forkedFrom }: Ledger): number {
  return Math.min(deliveredThrough, forkedFrom - 1);
}

/** What lies at the relay by what this device itself was told by it: for its peers. */
export function spansFrom(
  { horizon }: CoreState,
  isSource: (source: string) => boolean,
): ReadonlyMap<string, readonly Span[]> {
  const all = new Map<string, readonly Span[]>();
  for (const [source, ledgers] of horizon.atRelay) {
    if (!isSource(source)) continue;
    for (const [ledger, spans] of ledgers) {
      all.set(ledger, spans.reduce(addSpan, all.get(ledger) ?? []));
    }
  }
  return all;
}

export function ledgerKey({
  device,
  incarnation,
}: {
  readonly device: string;
  readonly incarnation: number;
}): string {
  return `${device}/${incarnation}`;
}

/** Every span of which the last entry is one of those here. */
function spansOf(state: CoreState, ledger: Ledger): readonly Span[] {
  const key = ledgerKey(ledger);
  const all: Span[] = [];
  for (const [source, ledgers] of state.horizon.atRelay) {
    for (const span of ledgers.get(key) ?? []) {
      const isKnown =
        source.startsWith(ownSource) ||
        holdsEntry(state, ledger, { sequence: span.through, hash: span.hash });
      if (isKnown) all.push(span);
    }
  }
  return all;
}

/** Sources that are this device's own link to the relay; what it sent it knows. */
export const ownSource = "own/";

function* holdersOf(state: CoreState, ledger: Ledger): Generator<readonly [string, number]> {
  const key = ledgerKey(ledger);
  for (const [id, holder] of state.horizon.holders.get(key) ?? []) {
    prove(state, key, holder);
    const through = Math.min(holder.provenThrough, ledger.forkedFrom - 1);
    if (through > 0) yield [id, through];
  }
}

/** Compares what was claimed with what is here, as soon as it is. */
function prove(state: CoreState, key: string, holder: Holder): boolean {
  const ledger = state.ledgers.get(key);
  const { claimed } = holder;
  if (!claimed || !ledger || claimed.sequence > ledger.deliveredThrough) return false;
  holder.claimed = undefined;
  if (!holdsEntry(state, ledger, claimed)) return false;
  holder.provenThrough = Math.max(holder.provenThrough, claimed.sequence);
  if (ledger.device === state.ports.device) {
    const through = Math.min(claimed.sequence, ledger.forkedFrom - 1);
    const known = state.acknowledged.get(ledger.incarnation) ?? 0;
    state.acknowledged.set(ledger.incarnation, Math.max(known, through));
  }
  return true;
}

function isOwnHq({ ports }: CoreState): boolean {
  return ports.trust.deviceOf(ports.device)?.roles.includes("hq") === true;
}
