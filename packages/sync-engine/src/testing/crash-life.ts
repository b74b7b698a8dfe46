/**
 * A till's life on a file layer that fails, and what must be true of whatever is left. SPEC.md §8.
 *
 * @module
 */

import {
  assert,
  type BusinessDate,
  type Clock,
  type Crypto,
  type EntryDraft,
  type HeldEntry,
  type Result,
  type Sku,
  type StaffId,
} from "@tillmesh/kernel";
import { testCrypto } from "@tillmesh/kernel/testing";
import { createOrganisation, inviteDevice, joinOrganisation } from "../node/create-device.ts";
import {
  openReplicaParts,
  type OpenedReplica,
  type OpenReplicaOptions,
} from "../node/open-replica.ts";
import type { Replica } from "../node/replica.ts";
import { acceptPart, wantedParts } from "../replica/accept-part.ts";
import { keyOf, type CoreState } from "../replica/core-state.ts";
import { defaultLimits, type ReplicaLimits } from "../replica/limits.ts";
import { receiveChanges } from "../replica/receive.ts";
import { changesSince, headsOf, lackingFrom, summaryOf } from "../replica/summary.ts";
import { faultFiles, type FaultFiles } from "./fault-files.ts";
import { viewOf } from "./sim-network.ts";

/** Two devices that have never been opened, everything on their disks durable. */
export interface CrashTemplate {
  readonly till: FaultFiles;
  readonly peer: FaultFiles;
  readonly clock: Clock;
}

/** What the till answered for, and what it said it did not record. */
export interface LifeRecord {
  readonly acknowledged: Set<string>;
  readonly published: Set<string>;
  /** Texts in the bodies of drafts that were answered `Full`. */
  readonly full: Set<string>;
  /** What was answered with something else than ok, by type. */
  readonly answers: string[];
}

const crashLimits: ReplicaLimits = {
  ...defaultLimits,
  partEntriesMax: 5,
  setPublicationsMax: 2,
  carryAfterParts: 2,
};

export async function crashTemplate(clock: Clock): Promise<CrashTemplate> {
  const crypto = testCrypto(1);
  const [till, peer] = [faultFiles(), faultFiles()];
  const names = {
    organisationName: "Corner Café",
    locationName: "Corner",
    deviceName: "Till 1",
    currency: "GBP",
    timeZone: "Europe/London",
  };
  const made = must(await createOrganisation(placeOf({ files: till, clock, crypto }), names));
  const request = {
    name: "Till 2",
    roles: ["till"] as const,
    location: made.device.location,
    takenCodes: new Set<string>(),
  };
  const invited = must(await inviteDevice(placeOf({ files: till, clock, crypto }), request));
  must(await joinOrganisation(placeOf({ files: peer, clock, crypto }), invited.text));
  return { till, peer, clock };
}

export function disposeTemplate({ till, peer }: CrashTemplate): void {
  till.dispose();
  peer.dispose();
}

export interface Place {
  readonly files: FaultFiles;
  readonly clock: Clock;
  readonly crypto: Crypto;
}

export function openOn(
  place: Place,
  options: Pick<OpenReplicaOptions, "carryRule"> = {},
): ReturnType<typeof openReplicaParts> {
  return openReplicaParts({ ...placeOf(place), limits: crashLimits, ...options });
}

export function emptyRecord(): LifeRecord {
  return { acknowledged: new Set(), published: new Set(), full: new Set(), answers: [] };
}

/** Opens, sells, publishes, meets a peer, fills and seals parts, saves, trims, closes, opens again. */
export async function liveOn(place: Place, peer: OpenedReplica, record: LifeRecord): Promise<void> {
  const first = await openOn(place);
  if (!first.ok) return void record.answers.push(first.error.type);
  await untilCut(first.value, async ({ replica, parts }) => {
    await sell(replica, record, 3);
    await publish(replica, record);
    learn(peer.parts.state, parts.state);
    await sell(replica, record, 6);
    await replica.checkpoint();
    tell(place.files, parts.state, peer.parts.state);
    await sell(peer.replica, emptyRecord(), 7);
    await peer.replica.checkpoint();
    learn(peer.parts.state, parts.state);
    await publish(replica, record);
    await sell(replica, record, 3);
    await replica.checkpoint();
    await sell(replica, record, 2);
    await publish(replica, record);
  });
  const second = await openOn(place);
  if (!second.ok) return void record.answers.push(second.error.type);
  await untilCut(second.value, async ({ replica, parts }) => {
    await sell(replica, record, 4);
    tell(place.files, parts.state, peer.parts.state);
    await replica.checkpoint();
  });
}

/** After a crash: everything that was answered for is here, numbers go on, and the peer agrees. */
export async function checkLeft(
  place: Place,
  peer: OpenedReplica,
  record: LifeRecord,
): Promise<OpenedReplica> {
  const opened = must(await openOn(place));
  const { replica } = opened;
  checkHeld(replica, record);
  const report = await replica.verify();
  assert(report.differences.length === 0, `verify: ${JSON.stringify(report.differences)}`);
  const before = ownEntries(replica);
  const next = must(await replica.commit(sale(replica, "after")));
  const isFresh = before.every(
    ({ entry }) =>
      entry.incarnation !== next.entry.incarnation || entry.sequence < next.entry.sequence,
  );
  assert(isFresh, `number ${next.entry.sequence} was used before`);
  await meet(opened, peer);
  const forked = replica.ledgers().find(({ isForked }) => isForked);
  assert(!forked, `a crash made a fork: ${JSON.stringify(forked)}`);
  checkHeld(replica, record);
  return opened;
}

/** Exchanges until both show the same. */
export async function meet(one: OpenedReplica, other: OpenedReplica): Promise<void> {
  const [a, b] = [one.parts.state, other.parts.state];
  for (let round = 0; round < 20; round += 1) {
    const isNew = [learn(a, b), learn(b, a)];
    await one.replica.checkpoint();
    await other.replica.checkpoint();
    if (!isNew.includes(true)) break;
  }
  assert(viewOf(a) === viewOf(b), "both show the same");
}

/** One step of what the LAN does. */
export function learn(from: CoreState, to: CoreState): boolean {
  let isNew = learnDocuments(from, to);
  for (const part of wantedParts(to)) {
    const text = from.ports.sealed.read(part);
    if (text !== undefined) isNew = acceptPart(to, part, text).ok || isNew;
  }
  return isNew;
}

/** The same for documents that are live. */
export function learnDocuments(from: CoreState, to: CoreState): boolean {
  let isNew = false;
  for (const chain of from.ports.trust.devices().map(({ certificates }) => certificates)) {
    to.ports.trust.learn(chain);
  }
  for (const name of lackingFrom(to, summaryOf(from))) {
    const key = keyOf(to, name);
    const [ours, theirs] = [from.documents.get(key), to.documents.get(key)];
    if (!ours || !theirs) continue;
    const changes = changesSince(ours, headsOf(theirs), 100_000).map(({ bytes }) => bytes);
    const received = receiveChanges(to, { key, changes }, { peer: from.ports.device });
    isNew = (received.ok && received.value.admitted > 0) || isNew;
  }
  return isNew;
}

export function allEntries(replica: Replica): readonly HeldEntry[] {
  return replica.ledgers().flatMap(({ device, incarnation }) => {
    const all: HeldEntry[] = [];
    for (;;) {
      const after = all.at(-1)?.entry.sequence ?? 0;
      const entries = replica.entries({ device, incarnation, after, limit: 500 });
      if (entries.length === 0) return all;
      all.push(...entries);
    }
  });
}

/** What of `record` is missing. */
export function missingIn(replica: Replica, record: LifeRecord): readonly string[] {
  const hashes = new Set(allEntries(replica).map(({ hash }) => hash));
  const ids = new Set(replica.publications("prices").map(({ id }) => id));
  return [
    ...[...record.acknowledged].filter((hash) => !hashes.has(hash)),
    ...[...record.published].filter((id) => !ids.has(id)),
  ];
}

export function sale(replica: Replica, text: string): EntryDraft {
  const location = replica.location.id;
  return {
    kind: "sale",
    businessDate: "2026-11-22" as BusinessDate,
    by: { staff: "staff_1" as StaffId },
    movements: [{ kind: "sale", location, sku: "C001" as Sku, quantityMilli: -1000 }],
    body: { text },
  };
}

export function must<Value>(result: Result<Value, object>): Value {
  assert(result.ok, result.ok ? "" : JSON.stringify(result.error));
  return result.value;
}

function checkHeld(replica: Replica, record: LifeRecord): void {
  const missing = missingIn(replica, record);
  assert(missing.length === 0, `acknowledged and gone: ${missing.join(" ")}`);
  for (const { entry } of allEntries(replica)) {
    const { text } = entry.body as { readonly text?: string };
    const isThere = text !== undefined && record.full.has(text);
    assert(!isThere, `"${text}" was answered Full and is there`);
  }
}

function ownEntries(replica: Replica): readonly HeldEntry[] {
  return allEntries(replica).filter(({ entry }) => entry.device === replica.device.id);
}

export async function untilCut(
  opened: OpenedReplica,
  life: (opened: OpenedReplica) => Promise<void>,
): Promise<void> {
  try {
    await life(opened);
  } catch (error) {
    // What a process did after the power was cut, no disk and no peer has seen.
    if ((error as { readonly code?: unknown }).code !== "POWERCUT") throw error;
  } finally {
    await opened.replica.close();
  }
}

/** A process without power sends nothing. */
function tell(files: FaultFiles, from: CoreState, to: CoreState): void {
  if (!files.isCut()) learn(from, to);
}

async function sell(replica: Replica, record: LifeRecord, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    const text = `sale ${record.acknowledged.size + record.answers.length}`;
    const committed = await replica.commit(sale(replica, text));
    if (committed.ok) record.acknowledged.add(committed.value.hash);
    else record.answers.push(committed.error.type);
    if (!committed.ok && committed.error.type === "Full") record.full.add(text);
  }
}

async function publish(replica: Replica, record: LifeRecord): Promise<void> {
  const items = [{ key: "k", value: record.published.size }];
  const published = await replica.publish("prices", items);
  if (published.ok) record.published.add(published.value.id);
  else record.answers.push(published.error.type);
}

function placeOf({ files, clock, crypto }: Place) {
  return { directory: `${files.root}/device`, files, clock, crypto };
}

export type CrashKind = "cut" | "EIO" | "ENOSPC";

/**
 * One life that fails at its n-th file operation (0: never), and the checks of what is left. Answers with the
 * number of operations of the life.
 */
export async function crashAt(
  { till: tillFiles, peer: peerTemplate, clock }: CrashTemplate,
  { kind, n }: { readonly kind: CrashKind; readonly n: number },
): Promise<number> {
  const till = tillFiles.crash(1);
  const peerFiles = peerTemplate.crash(1);
  const place = (files: FaultFiles, part: number): Place => {
    return { files, clock, crypto: testCrypto(n * 10 + part) };
  };
  const peer = must(await openOn(place(peerFiles, 1)));
  const record = emptyRecord();
  let left = till;
  try {
    if (n > 0 && kind === "cut") till.cutAt(n);
    if (n > 0 && kind !== "cut") till.failAt(n, kind, n);
    await liveOn(place(till, 2), peer, record);
    const operations = till.operations();
    till.kill();
    if (kind === "cut") left = till.crash(n);
    const first = await checkLeft(place(left, 3), peer, record);
    await first.replica.close();
    const again = must(await openOn(place(left, 4)));
    const isSame = again.replica.incarnation === first.replica.incarnation;
    await again.replica.close();
    assert(isSame, "a restart in order keeps the incarnation");
    assert(n > 0 || record.answers.length === 0, `without a fault: ${record.answers.join(" ")}`);
    return operations;
  } finally {
    await peer.replica.close();
    for (const files of new Set([till, left, peerFiles])) files.dispose();
  }
}
