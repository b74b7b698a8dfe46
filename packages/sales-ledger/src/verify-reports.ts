/**
 * Recomputes every Z from the entries it covers. SPEC.md §5 (ZV).
 *
 * A Z names its entries as runs of a chain, so what it covers is found by walking hashes
 * back; that holds across incarnations and along each branch of a fork.
 *
 * @module
 */

import { canonicalJson, type EntryRef, type HeldEntry, type Json } from "@tillmesh/kernel";
import type { ZBody } from "./bodies.ts";
import { inLedgerOrder, refOf } from "./chain.ts";
import type { ReportDifference, ReportException } from "./exceptions.ts";
import { readEntry } from "./parse-entry-body.ts";
import { emptyTill, foldTill, type TillState, xReport } from "./till.ts";

/** Everything wrong with the Zs among `entries`, of any devices and in any order. Empty if all is well. */
export function verifyReports(entries: readonly HeldEntry[]): readonly ReportException[] {
  const byHash = new Map(entries.map((held) => [held.hash, held]));
  const zs = inLedgerOrder([...byHash.values()]).flatMap((held): readonly Z[] => {
    const read = readEntry(held);
    return read.kind === "z" ? [{ held, body: read.body, ...covered(read.body, byHash) }] : [];
  });
  const grandTotals = new Map(
    zs.map(({ held, body }) => [
      `${held.entry.device}/${body.zNumber}`,
      body.report.grandTotalMinor,
    ]),
  );
  return [
    ...zs.flatMap((z) => reportFaults(z, grandTotals)),
    ...coverageFaults(zs, byHash),
    ...numberFaults(zs),
  ];
}

interface Z {
  readonly held: HeldEntry;
  readonly body: ZBody;
  /** In the order of the runs. */
  readonly entries: readonly HeldEntry[];
  /** Hashes that a run leads to and nobody holds. */
  readonly missing: readonly string[];
}

function covered(
  { report }: ZBody,
  byHash: ReadonlyMap<string, HeldEntry>,
): Pick<Z, "entries" | "missing"> {
  const entries: HeldEntry[] = [];
  const missing: string[] = [];
  for (const { from, through, head } of report.runs) {
    const run: HeldEntry[] = [];
    let hash = head;
    for (let sequence = through; sequence >= from; sequence -= 1) {
      const held = byHash.get(hash);
      if (held === undefined || held.entry.sequence !== sequence) {
        missing.push(hash);
        break;
      }
      run.push(held);
      hash = held.entry.previous;
    }
    entries.push(...run.toReversed());
  }
  return { entries, missing };
}

function reportFaults(z: Z, grandTotals: ReadonlyMap<string, number>): readonly ReportException[] {
  const { held, body, missing } = z;
  const entry = refOf(held.entry);
  const { zNumber, businessDate, report } = body;
  if (missing.length > 0) {
    return missing.map((hash) => ({ type: "ReportIncomplete", entry, zNumber, missing: hash }));
  }
  const before =
    zNumber === 1
      ? 0
      : (grandTotals.get(`${entry.device}/${zNumber - 1}`) ?? report.grandTotalBeforeMinor);
  const state = z.entries.reduce(foldTill, tillBefore(held, before));
  const differences = reportDifferences(report, xReport(state, businessDate));
  const ends = rangeDifferences(z);
  return differences.length + ends.length === 0
    ? []
    : [{ type: "ReportDiffers", entry, zNumber, differences: [...differences, ...ends] }];
}

function tillBefore({ entry }: HeldEntry, grandTotalBeforeMinor: number): TillState {
  const empty = emptyTill(entry.device);
  return { ...empty, day: { ...empty.day, grandTotalBeforeMinor } };
}

/** The members in which two reports differ. */
function reportDifferences(stored: Json, computed: Json): readonly ReportDifference[] {
  const [a, b] = [membersOf(stored), membersOf(computed)];
  return [...new Set([...a.keys(), ...b.keys()])].toSorted().flatMap((key) => {
    const [x, y] = [a.get(key) ?? null, b.get(key) ?? null];
    return canonicalJson(x) === canonicalJson(y)
      ? []
      : [{ pointer: `/report/${key}`, stored: x, computed: y }];
  });
}

// `fromSequence`, `throughSequence` and `businessDate` repeat what the report says in full.
function rangeDifferences({ held, body }: Z): readonly ReportDifference[] {
  const own = body.report.runs.filter((run) => run.incarnation === held.entry.incarnation);
  const expected = {
    businessDate: body.report.businessDate,
    ...(own.length === 0
      ? {}
      : {
          fromSequence: Math.min(...own.map((run) => run.from)),
          throughSequence: Math.max(...own.map((run) => run.through)),
        }),
  };
  return Object.entries(expected).flatMap(([key, computed]) => {
    const stored = membersOf(body).get(key) ?? null;
    return stored === computed ? [] : [{ pointer: `/${key}`, stored, computed }];
  });
}

function membersOf(value: Json): ReadonlyMap<string, Json> {
  const members = Object.entries(value as Readonly<Record<string, Json | undefined>>);
  return new Map(
    members.flatMap(([key, member]) => (member === undefined ? [] : [[key, member] as const])),
  );
}

/** No entry in two Zs; no fact of a chain skipped by the Z that follows it. */
function coverageFaults(
  zs: readonly Z[],
  byHash: ReadonlyMap<string, HeldEntry>,
): readonly ReportException[] {
  const zByEntry = new Map<string, EntryRef>();
  const twice = zs.flatMap((z) =>
    z.entries.flatMap(({ entry, hash }): readonly ReportException[] => {
      const other = zByEntry.get(hash);
      const ref = refOf(z.held.entry);
      if (other === undefined) zByEntry.set(hash, ref);
      return other === undefined
        ? []
        : [{ type: "CoveredTwice", entry: refOf(entry), zs: [other, ref] }];
    }),
  );
  const skipped = zs.flatMap((z) => skippedBy(z, zByEntry, byHash));
  return [...twice, ...skipped];
}

// The engine may write one of these between what the till folded and its Z.
const enginesOwn: ReadonlySet<string> = new Set(["opened", "carry"]);

function skippedBy(
  z: Z,
  zByEntry: ReadonlyMap<string, EntryRef>,
  byHash: ReadonlyMap<string, HeldEntry>,
): readonly ReportException[] {
  const skipped: ReportException[] = [];
  let held = byHash.get(z.held.entry.previous);
  while (held !== undefined && held.entry.kind !== "z") {
    if (!enginesOwn.has(held.entry.kind) && !zByEntry.has(held.hash)) {
      skipped.push({ type: "NotCovered", entry: refOf(held.entry), z: refOf(z.held.entry) });
    }
    held = held.entry.sequence === 1 ? undefined : byHash.get(held.entry.previous);
  }
  return skipped.toReversed();
}

/** Z numbers of a device count up by one across its incarnations; where the first Zs are not held, from there. */
function numberFaults(zs: readonly Z[]): readonly ReportException[] {
  const devices = [...new Set(zs.map(({ held }) => held.entry.device))].toSorted();
  return devices.flatMap((device) => {
    const own = zs
      .filter(({ held }) => held.entry.device === device)
      .toSorted((a, b) => a.body.zNumber - b.body.zNumber);
    return own.flatMap((z, index): readonly ReportException[] => {
      const before = own[index - 1];
      const { zNumber } = z.body;
      if (before === undefined || before.body.zNumber + 1 === zNumber) return [];
      const entries = [refOf(before.held.entry), refOf(z.held.entry)];
      return before.body.zNumber === zNumber
        ? [{ type: "ZNumberRepeated", device, zNumber, entries }]
        : [{ type: "ZNumberGap", device, from: before.body.zNumber + 1, through: zNumber - 1 }];
    });
  });
}
