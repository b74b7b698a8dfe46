/**
 * A new device that starts from a carry on a file layer that fails, and what must be true of whatever is left. SPEC.md §8.
 *
 * @module
 */

import { assert, type Clock, type Entry, type HeldEntry, type Movement } from "@tillmesh/kernel";
import { testCrypto } from "@tillmesh/kernel/testing";
import type { OpenedReplica } from "../node/open-replica.ts";
import type { CarrySlice } from "../node/read-carry.ts";
import type { Replica } from "../node/replica.ts";
import { acceptPart, wantedByHaste } from "../replica/accept-part.ts";
import { takeCarry, wantedCarries } from "../replica/carry-base.ts";
import {
  crashTemplate,
  learnDocuments,
  must,
  openOn,
  sale,
  untilCut,
  type CrashKind,
  type CrashTemplate,
  type Place,
} from "./crash-life.ts";
import type { FaultFiles } from "./fault-files.ts";

/** The second device has sold through many parts and written carries; the first was never opened. */
export async function carryTemplate(clock: Clock): Promise<CrashTemplate> {
  const template = await crashTemplate(clock);
  const owner = must(await openOn(placeAt(template.peer, clock, 9), { carryRule }));
  for (let n = 0; n < 48; n += 1) {
    const draft = sale(owner.replica, `sale ${n}`);
    const kind = n % 9 === 4 ? "count" : "sale";
    must(await owner.replica.commit({ ...draft, kind }));
    if (n % 4 === 3) await owner.replica.checkpoint();
  }
  await owner.replica.close();
  return template;
}

const carryRule = { name: "crash/1", keeps: ({ kind }: Entry) => kind === "count" };

/**
 * One life that fails at its n-th file operation (0: never), and the checks of what is left. Answers with the
 * number of operations of the life.
 */
export async function crashCarryAt(
  { till: newcomerFiles, peer, clock }: CrashTemplate,
  { kind, n }: { readonly kind: CrashKind; readonly n: number },
): Promise<number> {
  const files = newcomerFiles.crash(1);
  const ownerFiles = peer.crash(1);
  const owner = must(await openOn(placeAt(ownerFiles, clock, n * 10 + 1), { carryRule }));
  let left = files;
  try {
    if (n > 0 && kind === "cut") files.cutAt(n);
    if (n > 0 && kind !== "cut") files.failAt(n, kind, n);
    await live(placeAt(files, clock, n * 10 + 2), owner);
    const operations = files.operations();
    files.kill();
    if (kind === "cut") left = files.crash(n);
    const opened = must(await openOn(placeAt(left, clock, n * 10 + 3), { carryRule }));
    await checkLeft(opened, owner);
    await opened.replica.close();
    return operations;
  } finally {
    await owner.replica.close();
    for (const one of new Set([files, left, ownerFiles])) one.dispose();
  }
}

/** Opens, hears of the owner, takes its carry, then what follows, then the history, and opens again in between. */
async function live(place: Place, owner: OpenedReplica): Promise<void> {
  const first = await openOn(place, { carryRule });
  if (!first.ok) return;
  await untilCut(first.value, async (newcomer) => {
    await give(owner, newcomer, "nothing");
    await give(owner, newcomer, "soon");
    await newcomer.replica.commit(sale(newcomer.replica, "own"));
    await give(owner, newcomer, "soon");
    await give(owner, newcomer, "history");
  });
  const second = await openOn(place, { carryRule });
  if (!second.ok) return;
  await untilCut(second.value, async (newcomer) => {
    for (let step = 0; step < 4; step += 1) await give(owner, newcomer, "history");
  });
}

/** What is shown is what the owner recorded up to there; the rest comes, and then all is the same. */
async function checkLeft(newcomer: OpenedReplica, owner: OpenedReplica): Promise<void> {
  await checkShown(newcomer, owner);
  for (let step = 0; step < stepsMax && !isWhole(newcomer, owner); step += 1) {
    await give(owner, newcomer, "history");
    await checkShown(newcomer, owner);
  }
  const text = JSON.stringify(newcomer.replica.ledgers());
  assert(isWhole(newcomer, owner), `the history came: ${text}`);
  const report = await newcomer.replica.verify();
  assert(report.differences.length === 0, `verify: ${JSON.stringify(report.differences)}`);
  assert(report.missingParts === 0, "no part is missing");
}

const stepsMax = 60;

function isWhole({ replica }: OpenedReplica, owner: OpenedReplica): boolean {
  const { id } = owner.replica.device;
  const [here, there] = [replica, owner.replica].map((one) =>
    one.ledgers().find(({ device }) => device === id),
  );
  return here?.heldFrom === 1 && here.sequence === there?.sequence;
}

async function checkShown({ replica }: OpenedReplica, owner: OpenedReplica): Promise<void> {
  const { id } = owner.replica.device;
  const through = replica.ledgers().find(({ device }) => device === id)?.sequence ?? 0;
  const shown = await knownOf(replica, id, through);
  const recorded = await knownOf(owner.replica, id, through);
  assert(shown === recorded, `through ${through}: shows ${shown}, recorded ${recorded}`);
}

/** Sums and kept entries of a device's ledger through an entry, as text. */
async function knownOf(replica: Replica, device: string, through: number): Promise<string> {
  const carry = await replica.carry({ device, incarnation: 1 });
  const slices: CarrySlice[] = [];
  for await (const slice of carry?.slices ?? []) slices.push(slice);
  const entries = entriesAfter(replica, device, carry?.throughSequence ?? 0).filter(
    ({ entry }) => entry.sequence <= through,
  );
  const kept = slices.flatMap((slice) => slice.kept);
  const hashes = [...kept, ...entries.filter(({ entry }) => carryRule.keeps(entry))].map(hashOf);
  const sums = [
    ...slices.flatMap(({ totals }) => totals.map(({ totalMilli }) => totalMilli)),
    ...entries.flatMap(({ entry }) => (entry.movements ?? []).map(quantityOf)),
  ];
  return `${sums.reduce((sum, milli) => sum + milli, 0)} ${hashes.join(" ")}`;
}

function hashOf({ hash }: HeldEntry): string {
  return hash;
}

function quantityOf({ quantityMilli }: Movement): number {
  return quantityMilli;
}

function entriesAfter(replica: Replica, device: string, first: number): readonly HeldEntry[] {
  const all: HeldEntry[] = [];
  for (let after = first; ;) {
    const page = replica.entries({ device, incarnation: 1, after, limit: 500 });
    const last = page.at(-1);
    if (!last) return all;
    all.push(...page);
    after = last.entry.sequence;
  }
}

/** Open documents, then carries and the parts after them, and of the history one part. Then what upkeep does. */
async function give(
  from: OpenedReplica,
  to: OpenedReplica,
  upTo: "nothing" | "soon" | "history",
): Promise<void> {
  const { state } = to.parts;
  learnDocuments(from.parts.state, state);
  for (const wanted of upTo === "nothing" ? [] : wantedCarries(state).slice(0, 1)) {
    const { device, incarnation, ref } = wanted;
    const bytes = await from.parts.carries.read({ device, incarnation, sha256: ref.sha256 });
    if (bytes) takeCarry(state, wanted, bytes);
  }
  const { soon, late } = wantedByHaste(state);
  const parts = upTo === "soon" ? soon : [...soon, ...late].slice(0, 1);
  for (const part of upTo === "nothing" ? [] : parts) {
    const text = from.parts.state.ports.sealed.read(part);
    if (text !== undefined) acceptPart(state, part, text);
  }
  await to.replica.checkpoint();
}

function placeAt(files: FaultFiles, clock: Clock, seed: number): Place {
  return { files, clock, crypto: testCrypto(seed) };
}
