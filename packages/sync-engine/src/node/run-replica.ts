/**
 * Keeps a replica going: live documents follow the core, full parts are sealed, the log is trimmed. SPEC.md §6 (RR).
 *
 * @module
 */

import type { Clock, Crypto } from "@tillmesh/kernel";
import type { Identity } from "../identity/identity.ts";
import type { DocumentKey } from "../documents/document-name.ts";
import { commitEntry } from "../replica/commit.ts";
import { documentName, type CoreState } from "../replica/core-state.ts";
import type { MadeChange } from "../documents/change-plan.ts";
import type { CoreEvent } from "../replica/events.ts";
import { entriesFollowing, ledgerState } from "../replica/ledger.ts";
import { publicationsOf, publishItems } from "../replica/publish.ts";
import { revisionOf } from "../replica/revocation.ts";
import type { ChangeLog } from "../storage/change-log.ts";
import type { DirectoryLock } from "../storage/node/directory-lock.ts";
import type { SealedStore } from "../storage/node/sealed-store.ts";
import { backupReplica } from "./backup-device.ts";
import type { Catalogue, CataloguePlace } from "./catalogue.ts";
import type { ChannelKeys } from "./channel-keys.ts";
import type { Lan } from "../lan/lan.ts";
import type { RelayLink } from "../relay/node/relay-link.ts";
import { horizonCounts, horizonOf } from "../replica/horizon.ts";
import { closeLinks, type LinkSwitches } from "./links.ts";
import { listDevices } from "./device-list.ts";
import { startMembership, type Membership } from "./membership.ts";
import type { LogEvent } from "./open-replica.ts";
import type { Replica, ReplicaEvent, ReplicaStatus } from "./replica.ts";
import type { RepoLink } from "./repo-link.ts";
import type { CarryStore } from "./carry-store.ts";
import { readCarry } from "./read-carry.ts";
import { openForDevice, sealForDevice } from "./secrets-for-devices.ts";
import { createUpkeep } from "./upkeep.ts";
import { verifyReplica } from "./verify-replica.ts";

/** Its chain changes when HQ renews it, without a restart. */
export type LiveIdentity = Omit<Identity, "chain"> & { chain: readonly string[] };

/** Everything an open replica is made of. */
export interface ReplicaParts {
  readonly state: CoreState;
  readonly link: RepoLink;
  readonly log: ChangeLog;
  readonly tailsSetAside: number;
  readonly sealedStore: SealedStore;
  readonly carries: CarryStore;
  readonly identity: LiveIdentity;
  readonly keys: ChannelKeys;
  readonly place: CataloguePlace & { readonly crypto: Crypto };
  readonly clock: Clock;
  readonly logger: (event: LogEvent) => void;
  readonly lock: DirectoryLock;
  lan: Lan | undefined;
  relay: RelayLink | undefined;
  switches: LinkSwitches | undefined;
  /** Set before the first link. */
  membership: Membership | undefined;
  /** Tells those who watch that a peer came, went or acknowledged. */
  notifyPeers: () => void;
}

/** From here on live documents follow the core. Before the first commit. */
export function followCore(parts: ReplicaParts): void {
  const { state, link } = parts;
  for (const [key, document] of state.documents) link.start(key, documentName(document).kind);
  state.listeners.add((event) => followEvent(parts, event));
}

/** Starts the background work and hands out the replica. */
export async function runReplica(parts: ReplicaParts, catalogue: Catalogue): Promise<Replica> {
  const { state, link } = parts;
  const listeners = new Set<(event: ReplicaEvent) => void>();
  const upkeep = createUpkeep(parts, catalogue);
  parts.notifyPeers = () => {
    void link.wake(keysOfLedgers(state));
    for (const listener of listeners) listener({ type: "peers" });
  };
  state.listeners.add((event) => {
    const told = toReplicaEvent(event);
    if (told) for (const listener of listeners) listener(told);
    if (isWork(event)) upkeep.schedule();
    if (event.type === "retired") upkeep.retire(event.key, event.name);
  });
  await upkeep.begin();
  const membership = startMembership(parts);
  parts.membership = membership;
  return {
    organisation: parts.identity.organisation,
    device: parts.identity.device,
    location: parts.identity.device.location,
    get incarnation() {
      return state.own?.incarnation ?? 0;
    },
    commit: async (draft) => commitEntry(state, draft),
    publish: async (topic, items) => publishItems(state, topic, items),
    ledgers: () => [...state.ledgers.values()].map(ledgerState),
    entries: ({ device, incarnation, after, limit }) => {
      const ledger = state.ledgers.get(`${device}/${incarnation}`);
      if (!ledger || after >= ledger.deliveredThrough) return [];
      return entriesFollowing(ledger, after, state.readSealed)
        .filter((held) => held.entry.sequence <= ledger.deliveredThrough)
        .slice(0, limit);
    },
    carry: (query) => readCarry(parts, query),
    publications: (topic) => publicationsOf(state, topic),
    exceptions: () => [...state.exceptions],
    revision: () => revisionOf(state),
    devices: () => listDevices(parts),
    revoke: async (device, reason) => membership.revoke(device, reason),
    admit: async (device) => membership.admit(device),
    approve: (device) => membership.approve(device),
    renewalRequest: () => membership.renewalRequest(),
    renew: (request) => membership.renew(request),
    takeRenewal: (renewal) => membership.takeRenewal(renewal),
    sealFor: (to, secret) => sealForDevice(parts, to, secret),
    openSealed: (box, purpose) => openForDevice(parts, box, purpose),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    status: () => statusOf(parts),
    horizonOf: (ref) => horizonOf(state, ref),
    setLinks: (links) => parts.switches?.set(links),
    verify: () => verifyReplica(parts),
    backup: () => backupReplica(parts),
    checkpoint: () => upkeep.checkpoint(),
    close: async () => {
      await closeLinks(parts);
      await membership.close();
      await upkeep.end();
      link.close();
      const closed = parts.log.close();
      if (!closed.ok) parts.logger({ level: "error", event: "log-not-closed", ...closed.error });
      parts.lock.release();
    },
  };
}

/** What syncs live as soon as a peer is there. A publication wakes when the next one comes. */
function keysOfLedgers({ documents }: CoreState): readonly DocumentKey[] {
  return [...documents].flatMap(([key, { kind }]) => (kind === "ledger" ? [key] : []));
}

function followEvent(parts: ReplicaParts, event: CoreEvent): void {
  const { state, link, lan, relay, logger } = parts;
  if (event.type === "document") link.start(event.key, event.name.kind);
  if (event.type === "changes") link.apply(event.key, event.changes.map(bytesOf));
  tellPeers(lan, event);
  if (event.type === "exception") logger({ level: "warn", event: "exception", ...event.exception });
  if (event.type === "failed") {
    logger({ level: "error", event: "commit-failed", ...state.failure });
    lan?.cut();
    relay?.cut();
  }
}

function bytesOf(change: MadeChange): Uint8Array {
  return change.bytes;
}

function tellPeers(lan: Lan | undefined, { type }: CoreEvent): void {
  const holdsMore = type === "changes" || type === "entries" || type === "history";
  if (holdsMore) lan?.announce();
  if (type === "horizon") lan?.announceReached();
}

function isWork({ type }: CoreEvent): boolean {
  return type === "changes" || type === "sealing" || type === "carry-taken";
}

/** Documents and changes are the engine's own business. */
function toReplicaEvent(event: CoreEvent): ReplicaEvent | undefined {
  return isForApps(event) ? event : undefined;
}

function isForApps(event: CoreEvent): event is CoreEvent & ReplicaEvent {
  return eventsForApps.has(event.type);
}

const eventsForApps: ReadonlySet<CoreEvent["type"]> = new Set([
  "entries",
  "carry",
  "history",
  "publication",
  "exception",
  "revoked",
  "devices",
  "horizon",
  "relay",
  "failed",
]);

function statusOf({ state, log, lan, relay, switches }: ReplicaParts): ReplicaStatus {
  const { throughSequence, segments, freeBytes, isSpaceLow } = log.status();
  const horizon = horizonCounts(state);
  return {
    state: state.failure ? "failed" : "ready",
    peers: lan?.peers() ?? [],
    onlyHere: { entries: horizon.onlyHere },
    horizon,
    ...(relay && { relay: relay.status() }),
    links: switches?.links() ?? { lan: true, uplink: true },
    ...revokedStatus(state),
    log: { throughSequence, segments },
    freeBytes,
    isSpaceLow,
  };
}

/** HQ's own word before a peer's. */
function revokedStatus({ exceptions, ports }: CoreState): Pick<ReplicaStatus, "revoked"> {
  const told = exceptions.filter((one) => one.type === "Revoked");
  const own = told.filter(({ device }) => device === ports.device);
  const best = own.find(({ isProved }) => isProved) ?? own[0];
  return best ? { revoked: { by: best.by, isProved: best.isProved } } : {};
}
