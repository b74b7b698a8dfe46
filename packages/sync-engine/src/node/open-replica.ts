/**
 * Opens a replica on a directory: lock, scan, restore, and only then commit. SPEC.md §6 (OR).
 *
 * @module
 */

import { createHlc, err, hex, ok, type Clock, type Crypto, type Result } from "@tillmesh/kernel";
import { nodeSigner } from "@tillmesh/kernel/node";
import { parseDocumentName } from "../documents/document-name.ts";
import type { ReadIdentityError } from "../identity/identity-directory.ts";
import { openOwnLedger, type CommitError } from "../replica/commit.ts";
import { createCoreState, keyOf, raise, type CoreState } from "../replica/core-state.ts";
import type { CarryRule } from "../replica/carry.ts";
import type { ReplicaLimits } from "../replica/limits.ts";
import type { CoreRecord, TrustError } from "../replica/ports.ts";
import {
  ledgersCutShort,
  restoreChanges,
  restoreMarks,
  restoreRecords,
  settleRestored,
  type LedgerCut,
  type RestoreError,
} from "../replica/restore.ts";
import type { OpenLogError } from "../storage/change-log-errors.ts";
import { openChangeLog, type ChangeLog, type OpenedChangeLog } from "../storage/change-log.ts";
import type { Files } from "../storage/files.ts";
import { openCheckpointStorage } from "../storage/node/checkpoint-storage.ts";
import {
  lockDirectory,
  type DirectoryLock,
  type LockError,
} from "../storage/node/directory-lock.ts";
import { nodeFiles } from "../storage/node/node-files.ts";
import { openSealedStore } from "../storage/node/sealed-store.ts";
import { readCatalogue, type Catalogue, type CatalogueError } from "./catalogue.ts";
import { openChannelKeys, type ChannelKeys, type ChannelKeysError } from "./channel-keys.ts";
import { coreLog } from "./core-log.ts";
import { readDeviceIdentity } from "./create-device.ts";
import type { LanError } from "../lan/lan.ts";
import type { RelayUrlError } from "../relay/node/relay-options.ts";
import { openLinks, type LinkOptions } from "./links.ts";
import type { Replica } from "./replica.ts";
import { createRepoLink } from "./repo-link.ts";
import { followCore, runReplica, type LiveIdentity, type ReplicaParts } from "./run-replica.ts";
import { createSealedTexts } from "./sealed-texts.ts";
import { createCarryStore } from "./carry-store.ts";
import { checkBases } from "./start-ledgers.ts";
import { createTrust } from "./trust-store.ts";

export interface OpenReplicaOptions extends LinkOptions {
  /** What `createOrganisation`, `joinOrganisation` or `restoreDevice` made. */
  readonly directory: string;
  readonly clock: Clock;
  readonly crypto: Crypto;
  readonly logger?: (event: LogEvent) => void;
  /** Default: the real file system. */
  readonly files?: Files;
  /** Default: `defaultLimits`. */
  readonly limits?: ReplicaLimits;
  /**
   * What an app keeps of entries that a carry stands for. Absent: ledgers of others always come from their first entry.
   * An app that gives a rule can begin with a carry (`Replica.carry`).
   */
  readonly carryRule?: CarryRule;
}

/** One thing worth a line in a log. */
export interface LogEvent {
  readonly level: "info" | "warn" | "error";
  readonly event: string;
  readonly [fact: string]: unknown;
}

/** Opens the replica, or says why not and leaves everything as it is. */
export async function openReplica(
  options: OpenReplicaOptions,
): Promise<Result<Replica, OpenReplicaError>> {
  const opened = await openReplicaParts(options);
  return opened.ok ? ok(opened.value.replica) : opened;
}

export interface OpenedReplica {
  readonly replica: Replica;
  readonly parts: ReplicaParts;
}

/** As `openReplica`, with what it is made of: for tests that reach inside. */
export async function openReplicaParts(
  options: OpenReplicaOptions,
): Promise<Result<OpenedReplica, OpenReplicaError>> {
  const lock = lockDirectory(options.directory);
  if (!lock.ok) return lock;
  const opened = await openLocked(options, lock.value).catch((error: unknown) =>
    err({ type: "OpenFailed", message: error instanceof Error ? error.message : String(error) }),
  );
  if (!opened.ok) lock.value.release();
  return opened;
}

/** Entries of this device's own ledger that were durable are gone: restore a backup or another copy. */
export type LedgerCutShort = { readonly type: "LedgerCutShort" } & LedgerCut;

export type OpenReplicaError =
  | LedgerCutShort
  | LockError
  | ReadIdentityError
  | ChannelKeysError
  | CatalogueError
  | OpenLogError
  | TrustError
  | RestoreError
  | LanError
  | RelayUrlError
  | CommitError
  | { readonly type: "OpenFailed"; readonly message: string };

async function openLocked(
  options: OpenReplicaOptions,
  lock: DirectoryLock,
): Promise<Result<OpenedReplica, OpenReplicaError>> {
  const { directory, crypto, clock, files = nodeFiles() } = options;
  const identity = await readDeviceIdentity({ files, directory, crypto });
  if (!identity.ok) return identity;
  const keys = openChannelKeys({ files, directory, crypto }, identity.value);
  if (!keys.ok) return keys;
  const catalogue = readCatalogue({ files, directory, crypto });
  if (!catalogue.ok) return catalogue;
  const log = openChangeLog({
    files,
    directory: `${directory}/log`,
    clock,
    random: crypto.randomBytes,
    isNew: catalogue.value.isFresh,
  });
  if (!log.ok) return log;
  const parts = assemble(options, {
    files,
    lock,
    identity: { ...identity.value },
    keys: keys.value,
    log: log.value,
  });
  const { state } = parts;
  const learned = state.ports.trust.learn(identity.value.chain);
  if (!learned.ok) return learned;

  const restored = await restore(parts, catalogue.value, log.value);
  if (!restored.ok) return restored;
  const reason = reasonToRenew(catalogue.value, log.value);
  followCore(parts);
  const own = openOwnLedger(state, { reason, incarnation: catalogue.value.ownIncarnation });
  if (!own.ok) return own;
  const replica = await runReplica(parts, catalogue.value);
  const linked = await openLinks(parts, options);
  if (!linked.ok) {
    await replica.close();
    return linked;
  }
  return ok({ replica, parts });
}

interface Assembly {
  readonly files: Files;
  readonly lock: DirectoryLock;
  readonly identity: LiveIdentity;
  readonly keys: ChannelKeys;
  readonly log: OpenedChangeLog;
}

function assemble(options: OpenReplicaOptions, assembly: Assembly): ReplicaParts {
  const { directory, crypto, clock, logger = () => undefined } = options;
  const { files, lock, identity, keys, log } = assembly;
  const onFault = (fault: { readonly type: string }): void =>
    // A copy that a power cut kept from being written is no damage.
    logger({ level: isMended(fault) ? "info" : "error", event: "copy-fault", ...fault });
  const sealedStore = openSealedStore({ files, directory: `${directory}/sealed`, onFault });
  const carries = createCarryStore(
    openSealedStore({ files, directory: `${directory}/carries`, onFault }),
  );
  const storage = openCheckpointStorage({ files, directory: `${directory}/checkpoints`, onFault });
  const state = createCoreState(
    {
      organisation: identity.organisation.id,
      device: identity.device.id,
      location: identity.device.location.id,
      get certificates() {
        return identity.chain;
      },
      crypto,
      signer: nodeSigner(identity.privateKeyPem),
      hlc: createHlc(clock),
      trust: createTrust(identity.caCertificate, crypto),
      log: coreLog(log.log),
      sealed: createSealedTexts({
        files,
        directory: `${directory}/sealed`,
        crypto,
        onDamaged: (part) => logger({ level: "error", event: "damaged-sealed-part", ...part }),
      }),
      carries,
      ...(options.carryRule && { carryRule: options.carryRule }),
    },
    hex(crypto.randomBytes(8)),
    options.limits,
  );
  const link = createRepoLink({
    storage,
    peerId: identity.device.id,
    mayHave: (peer, key) => parts.lan?.isSynced(peer, key) ?? false,
  });
  const place = { files, directory, crypto };
  const parts: ReplicaParts = {
    state,
    link,
    log: log.log,
    tailsSetAside: log.tailsSetAside,
    sealedStore,
    carries,
    identity,
    keys,
    place,
    clock,
    logger,
    lock,
    lan: undefined,
    relay: undefined,
    switches: undefined,
    membership: undefined,
    notifyPeers: () => undefined,
  };
  return parts;
}

function isMended(fault: { readonly type: string; readonly fault?: unknown }): boolean {
  return fault.type === "CopyMended" && fault.fault === "missing";
}

/** Checkpoints first, then the log on top of them. */
async function restore(
  parts: ReplicaParts,
  catalogue: Catalogue,
  { log, tail }: OpenedChangeLog,
): Promise<Result<void, RestoreError | LedgerCutShort>> {
  const { state, link } = parts;
  restoreCatalogue(state, catalogue);
  for (const text of catalogue.documents) {
    const restored = await restoreCheckpoint(parts, text);
    if (!restored.ok) return restored;
  }
  const restored = restoreRecords(state, changesIn(log), (name, change) => {
    const key = keyOf(state, name);
    link.start(key, name.kind);
    link.apply(key, [change]);
  });
  if (!restored.ok) return restored;
  for (const cut of ledgersCutShort(state)) {
    if (cut.device === state.ports.device) return err({ type: "LedgerCutShort", ...cut });
    raise(state, { type: "LedgerCutShort", ...cut });
  }
  raiseLostPublications(state, catalogue);
  await checkBases(parts, catalogue);
  settleRestored(state);
  if (tail) raise(state, { type: "TailSetAside", path: tail.path, sizeBytes: tail.sizeBytes });
  return ok(undefined);
}

function restoreCatalogue(state: CoreState, catalogue: Catalogue): void {
  restoreMarks(state, catalogue.ledgers);
  state.ownCarry = catalogue.ownCarry ?? undefined;
  for (const [incarnation, sequence] of Object.entries(catalogue.acknowledged)) {
    state.acknowledged.set(Number(incarnation), sequence);
  }
}

/** Peers have them, but until they are met a price may be an older one. */
function raiseLostPublications(state: CoreState, { publications = {} }: Catalogue): void {
  for (const [text, count] of Object.entries(publications)) {
    const name = parseDocumentName(text);
    const document = name && state.documents.get(keyOf(state, name));
    const held = document?.kind === "publications" ? document.set.nodes.length : 0;
    if (held < count) raise(state, { type: "DamagedFile", path: text, isRepaired: false });
  }
}

function* changesIn(log: ChangeLog): Generator<CoreRecord> {
  for (const record of log.records()) if (record.type === "change") yield record;
}

async function restoreCheckpoint(
  { state, link, logger }: ReplicaParts,
  text: string,
): Promise<Result<void, RestoreError>> {
  const name = parseDocumentName(text);
  if (!name) return ok(undefined);
  const key = keyOf(state, name);
  const changes = await link.load(key);
  if (!changes) {
    logger({ level: "error", event: "checkpoint-missing", document: text });
    link.start(key, name.kind);
  }
  return restoreChanges(state, name, changes ?? []);
}

/** Numbers that may have been used and lost are never used again: the next incarnation begins. */
function reasonToRenew(
  catalogue: Catalogue,
  { tail, tailsSetAside }: OpenedChangeLog,
): "restored" | "tail-set-aside" | undefined {
  if (catalogue.isRestored) return "restored";
  // An earlier start may have set one aside and ended before the incarnation was durable.
  const isNews = tail !== null || tailsSetAside > (catalogue.tailsSetAside ?? 0);
  return isNews ? "tail-set-aside" : undefined;
}
