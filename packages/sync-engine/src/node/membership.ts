/**
 * Devices come, are renewed and are cut off: what an open replica does about it. SPEC.md §10 (AP, NW, RO).
 *
 * @module
 */

import { ok, type Result } from "@tillmesh/kernel";
import { nodeSigner } from "@tillmesh/kernel/node";
import type { EnvelopeError } from "../identity/envelope.ts";
import {
  checkRenewal,
  parseRenewal,
  parseRenewalRequest,
  writeRenewal,
  writeRenewalRequest,
  type RenewalError,
} from "../identity/renewal.ts";
import { writeChain } from "../identity/identity-directory.ts";
import type { JoinItem, RenewItem } from "../relay-protocol/bundle-item.ts";
import { emit, raise } from "../replica/core-state.ts";
import type { CoreEvent } from "../replica/events.ts";
import { certificateItems, certificatesTopic } from "../replica/judge.ts";
import type { TrustedDevice, TrustError } from "../replica/ports.ts";
import {
  admitRevoked,
  revokeDevice,
  type NotRevokedError,
  type RevokeError,
} from "../replica/revoke.ts";
import type { PublishError } from "../replica/publish.ts";
import { certifyDevice, devicesToRenew, publishOwnChain, type CertifyError } from "./certify.ts";
import {
  createControlDesk,
  grantTo,
  isRevokedBy,
  takeGrant,
  type ControlDesk,
} from "./control-desk.ts";
import { isPending } from "./device-list.ts";
import { readRegister, writeRegistered } from "./device-register.ts";
import { deviceIdentityFiles } from "./identity-place.ts";
import type { ReplicaParts } from "./run-replica.ts";

export interface Membership {
  readonly desk: ControlDesk;
  revoke(device: string, reason?: string): Result<void, RevokeError>;
  admit(device: string): Result<void, PublishError | NotRevokedError>;
  approve(device: string): Promise<Result<void, CertifyError>>;
  renewalRequest(): string;
  renew(request: string): Promise<Result<string, RenewError>>;
  takeRenewal(renewal: string): Result<void, TakeRenewalError>;
  /** A peer or a relay refused this device as revoked. `statement`: HQ's own word, if it came along. */
  noteRefusal(by: string, statement?: Uint8Array): void;
  close(): Promise<void>;
}

export type RenewError = EnvelopeError | TrustError | CertifyError;
export type TakeRenewalError = EnvelopeError | RenewalError;

/** From the start of the replica to its end. */
export function startMembership(parts: ReplicaParts): Membership {
  const work: Work = { parts, jobs: Promise.resolve(), soon: undefined, isClosed: false };
  const desk = createControlDesk(parts, (item, from) => takeAsked(work, item, from));
  const follow = (event: CoreEvent): void => followEvent(work, desk, event);
  parts.state.listeners.add(follow);
  const holdsCa = parts.identity.caPrivateKeyPem !== undefined;
  takeOwnChain(parts);
  rotateIfDue(parts);
  if (holdsCa) {
    publishOwnChain(parts);
    renewSoon(work);
  }
  const hourly = setInterval(() => {
    desk.forget();
    renewSoon(work);
  }, renewEveryMs);
  hourly.unref();
  return {
    desk,
    revoke: (device, reason) => revoke(parts, device, reason),
    admit: (device) => {
      const admitted = admitRevoked(parts.state, device);
      return admitted.ok ? ok(undefined) : admitted;
    },
    approve: (device) => inTurn(work, () => approve(parts, device)),
    renewalRequest: () =>
      writeRenewalRequest({ chain: parts.identity.chain }, parts.state.ports.crypto),
    renew: (request) => inTurn(work, () => renewByFile(parts, request)),
    takeRenewal: (renewal) => takeRenewal(parts, renewal),
    noteRefusal: (by, statement) => noteRefusal(parts, by, statement),
    close: async () => {
      work.isClosed = true;
      clearInterval(hourly);
      clearTimeout(work.soon);
      parts.state.listeners.delete(follow);
      await work.jobs;
    },
  };
}

interface Work {
  readonly parts: ReplicaParts;
  /** Issuing takes turns of the event loop: one at a time. */
  jobs: Promise<unknown>;
  soon: ReturnType<typeof setTimeout> | undefined;
  isClosed: boolean;
}

const renewEveryMs = 3_600_000;
const renewSoonMs = 100;

function followEvent(work: Work, desk: ControlDesk, event: CoreEvent): void {
  const { parts } = work;
  const isNewDevice =
    event.type === "entries" && event.entries.some(({ entry }) => entry.kind === "opened");
  const isCertificate =
    event.type === "publication" && event.publication.topic === certificatesTopic;
  if (event.type === "devices" || event.type === "revoked" || isNewDevice || isCertificate) {
    desk.forget();
  }
  if (event.type === "devices") takeOwnChain(parts);
  if (event.type === "revoked") rotateIfDue(parts);
  if (isNewDevice) {
    emit(parts.state, { type: "devices" });
    renewSoon(work);
  }
}

function inTurn<T>(work: Work, job: () => Promise<T>): Promise<T> {
  const done = work.jobs.then(job);
  work.jobs = done.catch(() => undefined);
  return done;
}

/** Renews whoever needs it, unless the replica is closed meanwhile. */
function renewSoon(work: Work): void {
  const { parts } = work;
  if (parts.identity.caPrivateKeyPem === undefined || work.isClosed) return;
  work.soon ??= setTimeout(() => {
    work.soon = undefined;
    void inTurn(work, async () => {
      for (const device of devicesToRenew(parts)) {
        if (work.isClosed || parts.state.failure) return;
        const certified = await certifyDevice(parts, device);
        if (!certified.ok)
          parts.logger({ level: "warn", event: "not-renewed", ...certified.error });
      }
    });
  }, renewSoonMs);
  work.soon.unref();
}

function revoke(
  parts: ReplicaParts,
  device: string,
  reason: string | undefined,
): Result<void, RevokeError> {
  const { identity, keys, state } = parts;
  const { caPrivateKeyPem } = identity;
  const revoked = revokeDevice(state, device, {
    ...(caPrivateKeyPem !== undefined && {
      signByCa: (data) => nodeSigner(caPrivateKeyPem).sign(data),
    }),
    ...(keys.master !== undefined && { epoch: keys.epoch + 1 }),
    ...(reason !== undefined && { reason }),
  });
  return revoked.ok ? ok(undefined) : revoked;
}

/** Whoever was cut off is given nothing of the next epoch; the first start after a crash makes up for it. */
function rotateIfDue({ keys, state, logger }: ReplicaParts): void {
  if (keys.master === undefined) return;
  const shutOut = new Set(keys.excluded);
  const fresh = [...state.revocations.values()].filter(({ device }) => !shutOut.has(device));
  if (fresh.length === 0) return;
  const epoch = Math.max(keys.epoch + 1, ...fresh.map((one) => one.epoch));
  keys.begin(epoch, [...state.revocations.keys()]);
  logger({ level: "info", event: "key-epoch", epoch });
  emit(state, { type: "devices" });
}

async function approve(parts: ReplicaParts, id: string): Promise<Result<void, CertifyError>> {
  const certified = await certifyDevice(parts, { id });
  if (!certified.ok) return certified;
  const registered = readRegister(parts.place).get(id);
  if (registered?.needsApproval) {
    writeRegistered(parts.place, { ...registered, needsApproval: false });
  }
  emit(parts.state, { type: "devices" });
  return ok(undefined);
}

/** A device asks over `hq`. Its chain is trusted already: the envelope was checked by it. */
async function takeAsked(
  work: Work,
  item: JoinItem | RenewItem,
  from: TrustedDevice,
): Promise<void> {
  const { parts } = work;
  const { state } = parts;
  const learned = state.ports.trust.learn(item.chain);
  if (!learned.ok || learned.value.id !== from.id) {
    const reason = learned.ok ? "asks for another" : learned.error.reason;
    raise(state, { type: "PeerRefused", peer: from.id, reason });
    return;
  }
  if (state.revocations.has(from.id)) return;
  const registered = readRegister(parts.place).get(from.id);
  if (registered && item.type === "join") {
    writeRegistered(parts.place, { ...registered, chain: item.chain });
  }
  emit(state, { type: "devices" });
  // Who joins again for its keys has a chain that lasts: the grants stand in `control`.
  const isLasting = item.type === "join" && learned.value.certificates.length === 1;
  if (!isPending(learned.value, registered) && !isLasting) await certifyAndTell(work, from);
}

async function certifyAndTell(work: Work, device: TrustedDevice): Promise<void> {
  const certified = await inTurn(work, () => certifyDevice(work.parts, device));
  if (certified.ok) return;
  work.parts.logger({ level: "warn", event: "not-renewed", ...certified.error });
}

async function renewByFile(
  parts: ReplicaParts,
  request: string,
): Promise<Result<string, RenewError>> {
  const { crypto, trust } = parts.state.ports;
  const parsed = parseRenewalRequest(request, crypto);
  if (!parsed.ok) return parsed;
  const learned = trust.learn(parsed.value.chain);
  if (!learned.ok) return learned;
  const device = learned.value;
  const certified = await certifyDevice(parts, device);
  if (!certified.ok) return certified;
  const grant = grantTo(parts, device) ?? null;
  const { epoch } = parts.keys;
  return ok(writeRenewal({ chain: certified.value, grant, epoch }, crypto));
}

function takeRenewal(parts: ReplicaParts, text: string): Result<void, TakeRenewalError> {
  const parsed = parseRenewal(text, parts.state.ports.crypto);
  if (!parsed.ok) return parsed;
  const { chain, grant, epoch } = parsed.value;
  const taken = adoptChain(parts, chain);
  if (!taken.ok) return taken;
  if (grant) takeGrant(parts, grant, epoch);
  return ok(undefined);
}

/** What HQ published for this device. */
function takeOwnChain(parts: ReplicaParts): void {
  const { state, identity } = parts;
  const offered = [
    certificateItems(state).findLast(({ device }) => device === identity.device.id)?.item.chain,
    state.ports.trust.deviceOf(identity.device.id)?.certificates,
  ];
  for (const chain of offered) {
    if (chain && chain.join("") !== identity.chain.join("")) adoptChain(parts, chain);
  }
}

/** From the next connection on; nothing is restarted. */
function adoptChain(parts: ReplicaParts, chain: readonly string[]): Result<void, RenewalError> {
  const { identity, state, place, logger } = parts;
  const checked = checkRenewal(identity, chain, state.ports.crypto);
  if (!checked.ok) return checked;
  writeChain({ files: deviceIdentityFiles(place.files), directory: place.directory }, chain);
  identity.chain = chain;
  state.ports.trust.learn(chain);
  logger({ level: "info", event: "renewed", device: identity.device.id });
  return ok(undefined);
}

function noteRefusal(parts: ReplicaParts, by: string, statement: Uint8Array | undefined): void {
  const { state, identity } = parts;
  const { id } = identity.device;
  const isProved = statement !== undefined && isRevokedBy(parts, statement, id);
  const isKnown = state.exceptions.some((one) => one.type === "Revoked" && one.isProved);
  if (!isKnown) raise(state, { type: "Revoked", device: id, by, isProved });
}
