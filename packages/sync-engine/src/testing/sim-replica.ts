/**
 * Replicas without files, sockets or timers: the core over arrays for a disk. SPEC.md §8.
 *
 * `startReplica` forgets all memory and folds what the disk holds; `exchange` carries
 * what one replica lacks from another, as the LAN does, one bounded step at a time.
 *
 * @module
 */

import {
  createHlc,
  err,
  hex,
  ok,
  type Clock,
  type Crypto,
  type DeviceId,
  type LocationId,
  type OrganisationId,
  type Result,
  type Signer,
} from "@tillmesh/kernel";
import { testSigner } from "@tillmesh/kernel/testing";
import { formatDocumentName, parseDocumentName } from "../documents/document-name.ts";
import type { SealedPart } from "../documents/sealed-part.ts";
import { acceptPart, wantedByHaste } from "../replica/accept-part.ts";
import {
  announceBase,
  readTaken,
  rootAtCarries,
  settleTaken,
  takeCarry,
  wantedCarries,
} from "../replica/carry-base.ts";
import type { CarryRule } from "../replica/carry.ts";
import { openOwnLedger } from "../replica/commit.ts";
import { composeCarry, noteCarry, planCarry } from "../replica/compose-carry.ts";
import {
  createCoreState,
  deliverNext,
  documentName,
  keyOf,
  type CoreState,
  type OwnCarry,
} from "../replica/core-state.ts";
import { defaultLimits, type ReplicaLimits } from "../replica/limits.ts";
import type { CoreLogError, CoreRecord, Trust, TrustedDevice } from "../replica/ports.ts";
import { receiveChanges } from "../replica/receive.ts";
import type { Revocations } from "../replica/revocation.ts";
import {
  ledgerMarks,
  restoreChanges,
  restoreMarks,
  restoreRecords,
  settleRestored,
  type LedgerMark,
} from "../replica/restore.ts";
import { finishSeal } from "../replica/seal.ts";
import { changesSince, headsOf, lackingFrom, summaryOf } from "../replica/summary.ts";

/** What survives a restart: the catalogue with its checkpoints, the log since, and the sealed texts. */
export interface SimDisk {
  readonly records: CoreRecord[];
  readonly sealed: Map<string, string>;
  /** By hash. */
  readonly carries: Map<string, Uint8Array>;
  catalogue: SimCatalogue;
  /** `full`: nothing more fits. A number: the next append keeps so many of its records, and fails. */
  fault: "full" | number | undefined;
}

export interface SimCatalogue {
  /** Saved changes, by document name. */
  readonly documents: ReadonlyMap<string, readonly Uint8Array[]>;
  readonly marks: readonly LedgerMark[];
  readonly ownIncarnation: number | undefined;
  readonly ownCarry: OwnCarry | undefined;
}

export interface SimDevice {
  readonly id: DeviceId;
  readonly roles: readonly ("till" | "hq")[];
  readonly signer: Signer;
  readonly location?: LocationId;
}

/** What all replicas of a test share. */
export interface SimWorld {
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly devices: readonly SimDevice[];
  readonly limits?: ReplicaLimits;
  /** Absent: nobody starts from a carry. */
  readonly carryRule?: CarryRule;
}

export function emptyDisk(): SimDisk {
  return {
    records: [],
    sealed: new Map(),
    carries: new Map(),
    catalogue: {
      documents: new Map(),
      marks: [],
      ownIncarnation: undefined,
      ownCarry: undefined,
    },
    fault: undefined,
  };
}

/** Limits that a few dozen entries cross. */
export function smallLimits(partEntriesMax: number): ReplicaLimits {
  return { ...defaultLimits, partEntriesMax, setPublicationsMax: 3 };
}

/** A disk as a backup or a clone of another. */
export function copyDisk({ records, sealed, carries, catalogue }: SimDisk): SimDisk {
  return {
    records: [...records],
    sealed: new Map(sealed),
    carries: new Map(carries),
    catalogue,
    fault: undefined,
  };
}

export interface StartOptions {
  readonly disk: SimDisk;
  readonly reason?: "restored" | "tail-set-aside";
  /** Sees every event of the replica, from before its first entry on. */
  readonly onStarting?: (state: CoreState) => void;
}

/** Starts a replica of `device` on what `disk` holds. */
export function startReplica(
  world: SimWorld,
  device: SimDevice,
  { disk, reason, onStarting }: StartOptions,
): CoreState {
  const actor = hex(world.crypto.randomBytes(8));
  const state = createCoreState(
    simPorts(world, device, disk),
    actor,
    world.limits ?? defaultLimits,
  );
  restoreMarks(state, disk.catalogue.marks);
  state.ownCarry = disk.catalogue.ownCarry;
  for (const [text, changes] of disk.catalogue.documents) {
    const name = parseDocumentName(text);
    if (name) must(restoreChanges(state, name, changes));
  }
  must(restoreRecords(state, disk.records));
  settleRestored(state);
  onStarting?.(state);
  must(openOwnLedger(state, { reason, incarnation: disk.catalogue.ownIncarnation }));
  writeCatalogue(state, disk);
  finishSeals(state, disk);
  return state;
}

/**
 * Writes the sealed texts that are queued, and then the catalogue that names them; then carries: the one that is
 * due, and those that came.
 */
export function finishSeals(state: CoreState, disk: SimDisk): void {
  for (const { part, text } of Array.from(state.sealing)) {
    disk.sealed.set(part.sha256, text);
    finishSeal(state, part);
    while (deliverNext(state, part.name)) continue;
    writeCatalogue(state, disk);
  }
  writeCarry(state, disk);
  startFromCarries(state, disk);
  if (disk.catalogue.ownIncarnation !== state.own?.incarnation) writeCatalogue(state, disk);
}

/** Due by the number of parts only. */
function writeCarry(state: CoreState, disk: SimDisk): void {
  const plan = planCarry(state, 0);
  if (!plan) return;
  const before = plan.before && disk.carries.get(plan.before.ref.sha256);
  const composed = atOnce(composeCarry(state, plan, before));
  if (!composed) return;
  const sha256 = hex(state.ports.crypto.sha256(composed.bytes));
  disk.carries.set(sha256, composed.bytes);
  noteCarry(state, composed, { sha256, at: state.ports.hlc.now() });
  writeCatalogue(state, disk);
}

/** The base is in the catalogue before anybody is told. */
function startFromCarries(state: CoreState, disk: SimDisk): void {
  for (const taken of state.takenCarries.splice(0)) {
    const head = atOnce(readTaken(state, taken));
    if (!head) continue;
    disk.carries.set(taken.ref.sha256, taken.bytes);
    settleTaken(state, taken, head);
  }
  for (const ledger of rootAtCarries(state)) {
    writeCatalogue(state, disk);
    announceBase(state, ledger);
    while (deliverNext(state, ledger)) continue;
  }
}

function atOnce<Value>(steps: Generator<undefined, Value, undefined>): Value {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Saves every document, and lets go of the log. */
export function checkpoint(state: CoreState, disk: SimDisk): void {
  const documents = [...state.documents.values()].map((document) => {
    const { nodes } = document.kind === "ledger" ? document.part : document.set;
    const name = formatDocumentName(documentName(document));
    return [name, nodes.map(({ change }) => change.bytes)] as const;
  });
  disk.catalogue = { ...disk.catalogue, documents: new Map(documents) };
  writeCatalogue(state, disk);
  disk.records.length = 0;
}

/** The catalogue is small and written as a whole; documents that were retired leave it. */
export function writeCatalogue(state: CoreState, disk: SimDisk): void {
  const live = new Set(
    [...state.documents.values()].map((document) => formatDocumentName(documentName(document))),
  );
  disk.catalogue = {
    documents: new Map([...disk.catalogue.documents].filter(([name]) => live.has(name))),
    marks: ledgerMarks(state),
    ownIncarnation: state.own?.incarnation,
    ownCarry: state.ownCarry,
  };
}

/**
 * One step of `to` learning from `from`: every document it lacks something of, up to `sizeMaxBytes` of changes each, and
 * every carry and sealed part it wants; history when it wants nothing else. Says whether anything came.
 */
export function exchange(
  from: { readonly state: CoreState; readonly disk: SimDisk },
  to: { readonly state: CoreState; readonly disk: SimDisk },
  sizeMaxBytes = 100_000,
): boolean {
  let isNew = false;
  for (const name of lackingFrom(to.state, summaryOf(from.state))) {
    const key = keyOf(to.state, name);
    const ours = from.state.documents.get(key);
    const theirs = to.state.documents.get(key);
    if (!ours || !theirs) continue;
    const changes = changesSince(ours, headsOf(theirs), sizeMaxBytes).map(({ bytes }) => bytes);
    const peer = from.state.ports.device;
    const received = receiveChanges(to.state, { key, changes }, { peer });
    isNew = (received.ok && received.value.admitted > 0) || isNew;
  }
  const carries = giveCarries(from.disk, to.state);
  const { soon, late } = wantedByHaste(to.state);
  const parts = giveParts(from.disk, to.state, soon);
  isNew = carries || parts || isNew;
  return isNew || giveParts(from.disk, to.state, late);
}

export function giveCarries(from: SimDisk, to: CoreState): boolean {
  const given = wantedCarries(to).map((wanted) => {
    const bytes = from.carries.get(wanted.ref.sha256);
    return bytes !== undefined && takeCarry(to, wanted, bytes).ok;
  });
  return given.includes(true);
}

export function giveParts(from: SimDisk, to: CoreState, parts: readonly SealedPart[]): boolean {
  const given = parts.map((part) => {
    const text = from.sealed.get(part.sha256);
    return text !== undefined && acceptPart(to, part, text).ok;
  });
  return given.includes(true);
}

function must(result: Result<unknown, object>): void {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
}

function simPorts(world: SimWorld, device: SimDevice, disk: SimDisk): CoreState["ports"] {
  return {
    organisation: "org_sim" as OrganisationId,
    device: device.id,
    location: device.location ?? simLocation,
    certificates: [device.id],
    crypto: world.crypto,
    signer: device.signer,
    hlc: createHlc(world.clock),
    trust: simTrust(world),
    log: {
      reserve: () => (disk.fault === "full" ? err(full) : ok(undefined)),
      append: (records) => append(disk, records),
    },
    sealed: {
      read: ({ sha256 }) => disk.sealed.get(sha256),
    },
    ...(world.carryRule && { carryRule: world.carryRule }),
  };
}

const simLocation = "loc_sim" as LocationId;
/** The CA's key. */
export const simCa: Signer = testSigner(999);
const full: CoreLogError = { type: "Full", freeBytes: 0 };

function append(disk: SimDisk, records: readonly CoreRecord[]): Result<void, CoreLogError> {
  if (disk.fault === "full") return err(full);
  if (disk.fault === undefined) return ok(void disk.records.push(...records));
  disk.records.push(...records.slice(0, disk.fault));
  disk.fault = undefined;
  return err({ type: "LogFailed", operation: "append", code: "POWERCUT" });
}

/** The "certificate" of a simulated device is its id; identity has tests of its own. */
function simTrust({ devices, crypto }: SimWorld): Trust {
  const deviceOf = (id: string): TrustedDevice | undefined => {
    const device = devices.find((one) => one.id === id);
    return (
      device && {
        id: device.id,
        roles: device.roles,
        location: device.location ?? simLocation,
        publicKey: device.signer.publicKey,
        certificates: [device.id],
      }
    );
  };
  const read: Trust["read"] = ([id = ""]) => {
    const device = deviceOf(id);
    return device ? ok(device) : err({ type: "Untrusted", reason: "unknown" });
  };
  let revocations: Revocations = new Map();
  return {
    deviceOf,
    devices: () => devices.flatMap(({ id }) => deviceOf(id) ?? []),
    learn: read,
    read,
    isSignedByCa: (data, signature) => crypto.verify(simCa.publicKey, data, signature),
    revocationOf: (id) => revocations.get(id),
    setRevocations: (all) => {
      revocations = all;
    },
  };
}
