/**
 * A ledger as an engine would write it, without an engine: numbered, chained, in memory.
 *
 * @module
 */

import {
  assert,
  type BusinessDate,
  type DeviceId,
  type Entry,
  type EntryDraft,
  formatInstant,
  type HeldEntry,
  isBusinessDate,
  isHlc,
  type LocationId,
} from "@tillmesh/kernel";
import { testCrypto } from "@tillmesh/kernel/testing";
import { entryHash } from "../chain.ts";
import type { DraftContext } from "../drafts.ts";

export interface TestLedger {
  readonly device: DeviceId;
  readonly location: LocationId;
  readonly incarnation: number;
  readonly sequence: number;
  readonly head: string;
  readonly atMs: number;
  /** In the order they were written. */
  readonly entries: readonly HeldEntry[];
}

export function sha256(data: Uint8Array): Uint8Array {
  return crypto.sha256(data);
}

/** A ledger with its first entry. */
export function testLedger(device: string, location = "loc_1"): TestLedger {
  const empty: TestLedger = {
    device: device as DeviceId,
    location: location as LocationId,
    incarnation: 0,
    sequence: 0,
    head: "",
    atMs: firstMs,
    entries: [],
  };
  return newIncarnation(empty);
}

/** The same device after a restore: the sequence begins again, the chain of before stays. */
export function newIncarnation(ledger: TestLedger): TestLedger {
  const incarnation = ledger.incarnation + 1;
  const next = { ...ledger, incarnation, sequence: 0, head: "" };
  const businessDate = testDate(0);
  return append(next, { kind: "opened", businessDate, by: { device: ledger.device }, body: {} });
}

/** One second after the entry before. `at` is for a clock that is wrong. */
export function append(ledger: TestLedger, draft: EntryDraft, atMs?: number): TestLedger {
  const { device, location, incarnation, head } = ledger;
  const sequence = ledger.sequence + 1;
  const nextMs = ledger.atMs + 1000;
  const at = `${formatInstant(atMs ?? nextMs)}/0000`;
  assert(isHlc(at), "a moment");
  const entry: Entry = {
    v: 1,
    ...draft,
    device,
    location,
    incarnation,
    part: 1,
    sequence,
    previous: head,
    actor: `${device}-${incarnation}`,
    at,
  };
  const held: HeldEntry = { entry, hash: entryHash(entry, sha256), flags: [] };
  const entries = [...ledger.entries, held];
  return { ...ledger, sequence, head: held.hash, atMs: nextMs, entries };
}

/** A staff member at work on `businessDate`. */
export function testContext(ledger: TestLedger, businessDate: BusinessDate): DraftContext {
  return { location: ledger.location, businessDate, by: { device: ledger.device } };
}

/** The first day is 2026-11-02. */
export function testDate(day: number): BusinessDate {
  const date = formatInstant(firstMs + day * 86_400_000).slice(0, 10);
  assert(isBusinessDate(date), "a day");
  return date;
}

const crypto = testCrypto(1);
const firstMs = 1_793_606_400_000;
