/**
 * Folds all entries again and compares: with counters, carries and chains (the engine's part), with
 * reports and numbers (the ledger's), and with what the read models say.
 *
 * @module
 */

import {
  canonicalJson,
  entryRefKey,
  type DeviceId,
  type HeldEntry,
  type Json,
} from "@tillmesh/kernel";
import { stepTill, verifyReports, type LedgerException } from "@tillmesh/sales-ledger";
import { secretsOf } from "../fiscal/secrets-of.ts";
import { chainVerifier, type ChainFinding } from "../fiscal/verify-chains.ts";
import { historyMissing, ledgerKey } from "../projection/marks.ts";
import { emptyOwn, foldOwnFiscal, type OwnState } from "./own-state.ts";
import type { Till } from "./till.ts";

export interface VerifyAnswer {
  readonly ok: boolean;
  readonly entries: number;
  readonly ledgers: number;
  readonly devices: number;
  /** Parts that others hold and that have not arrived here. */
  readonly missingParts: number;
  readonly differences: readonly VerifyDifference[];
  /** Facts for a person to look at; nothing is wrong with the records. */
  readonly exceptions: readonly VerifyDifference[];
}

export interface VerifyDifference {
  readonly type: string;
  readonly where: string;
  readonly detail: string;
}

/** In slices: a till that serves goes on selling. */
export async function verifyTill(till: Till): Promise<VerifyAnswer> {
  const engine = await till.replica.verify();
  const differences: VerifyDifference[] = engine.differences.map(
    ({ type, ledger, part, detail }) => {
      return { type, where: `${ledger} part ${part}`, detail };
    },
  );
  const exceptions: VerifyDifference[] = [];
  await catchUp(till);
  const devices = new Set(till.replica.ledgers().map(({ device }) => device));
  let entries = 0;
  for (const device of devices) {
    const held = await entriesOf(till, device);
    entries += held.length;
    // A carry stands for its first entries, which are among the missing parts: nothing to fold yet.
    if (hasCarry(till, device)) continue;
    const found = verifyDevice(till, device, held);
    differences.push(
      ...found.differences,
      ...compareProjection(till, device, { held, state: found.state }),
    );
    exceptions.push(...found.exceptions);
    await turn();
  }
  return {
    ok: differences.length === 0,
    entries,
    ledgers: engine.ledgers,
    devices: devices.size,
    missingParts: engine.missingParts,
    differences: differences.slice(0, listedMax),
    exceptions: exceptions.slice(0, listedMax),
  };
}

/** More than a part has: both branches of a fork come in one page. */
const pageMax = 5000;
const listedMax = 1000;

/** What a ledger says twice and differently; beyond forks, whose branches rightly repeat numbers. */
const wrong: ReadonlySet<LedgerException["type"]> = new Set([
  "EntryFaulty",
  "ShiftExpectedDiffers",
  "ReceiptGap",
  "ReceiptRepeated",
  "ReceiptForeign",
  "ZNumberDiffers",
] as const);

function hasCarry({ replica, projection }: Till, device: DeviceId): boolean {
  return replica.ledgers().some((ledger) => {
    const mark = projection.marks.get(ledgerKey(ledger.device, ledger.incarnation));
    return ledger.device === device && (ledger.heldFrom > 1 || historyMissing(mark) > 0);
  });
}

async function catchUp({ projection }: Till): Promise<void> {
  projection.sync();
  while (projection.catchUp("any")) await turn();
  projection.sync();
}

/** Read from the replica, not from the projection: that one is to be judged. */
async function entriesOf({ replica }: Till, device: DeviceId): Promise<readonly HeldEntry[]> {
  const all: HeldEntry[] = [];
  const ledgers = replica.ledgers().filter((ledger) => ledger.device === device);
  for (const ledger of ledgers.toSorted((a, b) => a.incarnation - b.incarnation)) {
    const { incarnation, heldFrom } = ledger;
    for (let after = heldFrom - 1; ;) {
      const page = replica.entries({ device, incarnation, after, limit: pageMax });
      all.push(...page);
      await turn();
      // A page ends where a part does, so only an empty one is the end.
      const last = page.at(-1)?.entry.sequence;
      if (last === undefined) break;
      after = last;
    }
  }
  return all;
}

interface VerifiedDevice {
  readonly state: OwnState;
  readonly differences: readonly VerifyDifference[];
  readonly exceptions: readonly VerifyDifference[];
}

function verifyDevice(
  { fiscal, replica }: Till,
  device: DeviceId,
  held: readonly HeldEntry[],
): VerifiedDevice {
  const isForked = held.some(({ flags }) => flags.includes("fork"));
  const raised: LedgerException[] = [];
  const isOwn = device === replica.device.id;
  const chains = chainVerifier({
    crypto: fiscal.crypto,
    secretsOf: (config) => (isOwn ? secretsOf(fiscal.keyRing(config), config) : {}),
  });
  let state = emptyOwn(device);
  for (const one of held) {
    const step = stepTill(state.ledger, one);
    state = { ledger: step.state, fiscal: foldOwnFiscal(state.fiscal, one) };
    raised.push(...step.raised);
    chains.step(one);
  }
  const isWrong = ({ type }: LedgerException) => wrong.has(type) && !isForked;
  const ofReports = verifyReports(held).map(told);
  const ofChains = chains.end().findings.map(toldChain);
  const ofWhole = [...ofReports, ...ofChains];
  return {
    state,
    differences: [...raised.filter(isWrong).map(told), ...(isForked ? [] : ofWhole)],
    exceptions: [...raised.filter((one) => !isWrong(one)).map(told), ...(isForked ? ofWhole : [])],
  };
}

function told(exception: { readonly type: string }): VerifyDifference {
  const { type, ...facts } = exception;
  const { entry, ...rest } = facts as { readonly entry?: HeldEntry["entry"] };
  return {
    type,
    where: entry === undefined ? "" : entryRefKey(entry),
    detail: JSON.stringify(rest).slice(0, 500),
  };
}

function toldChain({ stream, number, code, detail }: ChainFinding): VerifyDifference {
  return { type: "FiscalChain", where: `${stream} ${number}`.trim(), detail: `${code}: ${detail}` };
}

function compareProjection(
  till: Till,
  device: DeviceId,
  { held, state }: { readonly held: readonly HeldEntry[]; readonly state: OwnState },
): readonly VerifyDifference[] {
  const { projection } = till;
  const differences: VerifyDifference[] = [];
  const differs = (what: string, folded: number | boolean, found: number | boolean) => {
    if (folded === found) return;
    differences.push({
      type: "Projection",
      where: device,
      detail: `${what}: entries ${folded}, projection ${found}`,
    });
  };
  const count = projection.sql("SELECT count(*) AS n FROM entries WHERE device = ?").get(device);
  differs("number of entries", held.length, Number(count?.["n"]));
  const totals = projection
    .sql("SELECT location, sku, total_milli FROM stock WHERE device = ?")
    .all(device)
    .map((row): [string, number] => [
      `${String(row["location"])}/${String(row["sku"])}`,
      Number(row["total_milli"]),
    ]);
  const found = new Map(totals);
  const folded = foldMovements(held);
  for (const key of new Set([...folded.keys(), ...found.keys()])) {
    differs(key, folded.get(key) ?? 0, found.get(key) ?? 0);
  }
  if (device === till.replica.device.id) {
    const same =
      canonicalJson(state as unknown as Json) === canonicalJson(projection.own as unknown as Json);
    differs("state of the till", true, same);
  }
  return differences;
}

function foldMovements(held: readonly HeldEntry[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { entry, flags } of held) {
    if (flags.includes("revoked")) continue;
    for (const { location, sku, quantityMilli } of entry.movements ?? []) {
      const key = `${location}/${sku}`;
      sums.set(key, (sums.get(key) ?? 0) + quantityMilli);
    }
  }
  return sums;
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
