/**
 * What HQ and devices say to each other beside ledgers and publications: keys, certificates, requests. SPEC.md §10 (RO).
 *
 * Nothing is remembered of what was sent: HQ says what a relay must hold now, always in the same bytes, and a device
 * that has what it needs asks for nothing. So a relay that was lost is filled again.
 *
 * @module
 */

import { base64url, fromBase64url } from "@tillmesh/kernel";
import { nodeSigner } from "@tillmesh/kernel/node";
import { channelsOf } from "../identity/channel-keys.ts";
import {
  boxOf,
  keysFor,
  makeGrant,
  openGrant,
  type Grant,
  type GrantCheck,
} from "../identity/grants.ts";
import type { GivenKeys } from "../identity/key-ring.ts";
import { fromPem, toPem } from "../identity/pem.ts";
import { isRenewalDue } from "../identity/renewal.ts";
import type { BundleItem, JoinItem, RenewItem } from "../relay-protocol/bundle-item.ts";
import type { ChannelName } from "../relay-protocol/channel.ts";
import { isStatementSignedBy, readStatement, signStatement } from "../relay-protocol/statement.ts";
import { emit, raise } from "../replica/core-state.ts";
import { certificateItems } from "../replica/judge.ts";
import type { TrustedDevice } from "../replica/ports.ts";
import { isPending, notAfterOf } from "./device-list.ts";
import { readRegister } from "./device-register.ts";
import type { ReplicaParts } from "./run-replica.ts";

/** As the relay link asks for it. */
export interface ControlDesk {
  /** All that a relay must hold of this device now. The same item is the same JSON. */
  items(): readonly ControlLoad[];
  /**
   * An item of `control` or `hq`, once the envelope's signature was checked. Durable when this resolves; throws when the
   * disk fails.
   */
  take(item: BundleItem, from: TrustedDevice): Promise<void>;
  /** What `items` follows from has changed. */
  forget(): void;
}

export interface ControlLoad {
  readonly channel: ChannelName;
  readonly item: BundleItem;
}

export function createControlDesk(
  parts: ReplicaParts,
  onAsked: (item: JoinItem | RenewItem, from: TrustedDevice) => Promise<void>,
): ControlDesk {
  let items: readonly ControlLoad[] | undefined;
  const granted = new Map<string, Grant>();
  return {
    items: () => {
      items ??= itemsNow(parts, granted);
      return items;
    },
    take: async (item, from) => {
      if (item.type === "join" || item.type === "renew") {
        if (parts.keys.master !== undefined) await onAsked(item, from);
      } else if (from.roles.includes("hq") && !parts.state.revocations.has(from.id)) {
        takeFromHq(parts, item);
      }
    },
    forget: () => {
      items = undefined;
    },
  };
}

function itemsNow(parts: ReplicaParts, granted: Granted): readonly ControlLoad[] {
  const toAll = [
    ...keysItems(parts, granted),
    ...certificateLoads(parts),
    ...statementItems(parts),
  ];
  return [
    ...toAll.map((item) => ({ channel: "control" as const, item })),
    ...askedFor(parts).map((item) => ({ channel: "hq" as const, item })),
  ];
}

/** Keys of all epochs so far, for a device. */
export function keysOfDevice(parts: ReplicaParts, device: TrustedDevice): GivenKeys {
  const { keys, state } = parts;
  const locations = state.ports.trust.devices().map(({ location }) => location);
  const channels = channelsOf(device, locations);
  return keysFor(channels, { from: 1, through: keys.epoch }, (channel, epoch) =>
    keys.keyOf(channel, epoch),
  );
}

/** The same, sealed to it. Undefined without the master, and for a key that is no point of the curve. */
export function grantTo(parts: ReplicaParts, device: TrustedDevice): Grant | undefined {
  const { organisation, crypto } = parts.state.ports;
  const { master } = parts.keys;
  if (master === undefined) return undefined;
  const { caPrivateKeyPem } = parts.identity;
  if (caPrivateKeyPem === undefined) return undefined;
  const { epoch } = parts.keys;
  const request = { organisation, device, epoch, keys: keysOfDevice(parts, device) };
  const signByCa = (data: Uint8Array): Uint8Array => nodeSigner(caPrivateKeyPem).sign(data);
  const grant = makeGrant(request, { crypto, master, signByCa });
  return grant.ok ? grant.value : undefined;
}

/** Opens a grant for this device and keeps the keys. A grant that the CA did not sign is none. */
export function takeGrant(parts: ReplicaParts, grant: Grant, epoch: number): void {
  const { device, privateKeyPem } = parts.identity;
  const given = openGrant(grant, { ...grantCheck(parts, epoch), device: device.id, privateKeyPem });
  if (given.ok) parts.keys.add(given.value);
}

function grantCheck({ state }: ReplicaParts, epoch: number): GrantCheck {
  const { organisation, trust } = state.ports;
  const isSignedByCa = (data: Uint8Array, signature: Uint8Array): boolean =>
    trust.isSignedByCa(data, signature);
  return { organisation, epoch, isSignedByCa };
}

/** A revocation for relays, signed by this HQ device. */
export function revocationStatement(parts: ReplicaParts, device: string): Uint8Array {
  const { signer, certificates, organisation } = parts.state.ports;
  const chain = certificates.map((pem) => fromPem("CERTIFICATE", pem) ?? new Uint8Array());
  const body = { type: "revocation", organisation, device } as const;
  return signStatement(body, { signer, certificates: chain });
}

/** Whether HQ said in these bytes that the device is revoked. */
export function isRevokedBy(parts: ReplicaParts, bytes: Uint8Array, device: string): boolean {
  const { trust, crypto, organisation } = parts.state.ports;
  const statement = readStatement(bytes);
  if (!statement.ok || statement.value.says === "unknown") return false;
  const { says, certificates } = statement.value;
  const signer = trust.read(certificates.map((der) => toPem("CERTIFICATE", der)));
  return (
    says.type === "revocation" &&
    says.organisation === organisation &&
    says.device === device &&
    signer.ok &&
    signer.value.roles.includes("hq") &&
    isStatementSignedBy(statement.value, signer.value.publicKey, crypto)
  );
}

/** Grants made before, by all that they follow from: each takes milliseconds, and one more device changes no other's. */
type Granted = Map<string, Grant>;

function keysItems(parts: ReplicaParts, granted: Granted): readonly BundleItem[] {
  const { keys, state, identity } = parts;
  if (keys.master === undefined) return [];
  const register = readRegister(parts.place);
  return state.ports.trust.devices().flatMap((device): readonly BundleItem[] => {
    const isOwn = device.id === identity.device.id;
    if (isOwn || state.revocations.has(device.id)) return [];
    if (isPending(device, register.get(device.id))) return [];
    const grant = grantOnce(parts, granted, device);
    return grant ? [{ type: "keys", epoch: keys.epoch, grants: [grant] }] : [];
  });
}

function grantOnce(
  parts: ReplicaParts,
  granted: Granted,
  device: TrustedDevice,
): Grant | undefined {
  const { trust } = parts.state.ports;
  const channels = channelsOf(
    device,
    trust.devices().map(({ location }) => location),
  );
  const about = [device.id, base64url(device.publicKey), parts.keys.epoch, ...channels].join(" ");
  const grant = granted.get(about) ?? grantTo(parts, device);
  if (granted.size >= grantedMax) granted.clear();
  if (grant) granted.set(about, grant);
  return grant;
}

const grantedMax = 1_000;

function certificateLoads({ state, keys }: ReplicaParts): readonly BundleItem[] {
  if (keys.master === undefined) return [];
  const { trust } = state.ports;
  const published = new Set(certificateItems(state).map(({ device }) => device));
  return [...published].flatMap((id): readonly BundleItem[] => {
    const device = trust.deviceOf(id);
    const isOurs = device && !trust.revocationOf(id);
    return isOurs ? [{ type: "certificate", chain: device.certificates }] : [];
  });
}

function statementItems(parts: ReplicaParts): readonly BundleItem[] {
  const own = parts.identity.device;
  const { revocations } = parts.state;
  if (!own.roles.includes("hq") || revocations.has(own.id)) return [];
  return [...revocations.values()]
    .filter(({ by }) => by === own.id || parts.keys.master !== undefined)
    .map(({ device }) => {
      const bytes = base64url(revocationStatement(parts, device));
      return { type: "revoked-statement", bytes };
    });
}

function takeFromHq(parts: ReplicaParts, item: BundleItem): void {
  const { state, identity, keys } = parts;
  if (item.type === "keys") {
    const check = grantCheck(parts, item.epoch);
    const isNews = item.epoch > keys.epoch;
    if (isNews && item.grants.some((grant) => boxOf(grant, check))) keys.note(item.epoch);
    const own = item.grants.filter(({ device }) => device === identity.device.id);
    for (const grant of own) takeGrant(parts, grant, item.epoch);
  }
  if (item.type === "certificate") {
    const learned = state.ports.trust.learn(item.chain);
    if (learned.ok) emit(state, { type: "devices" });
  }
  if (item.type === "revoked-statement") {
    const { id } = identity.device;
    const bytes = fromBase64url(item.bytes);
    const isUs = bytes.ok && isRevokedBy(parts, bytes.value, id);
    if (isUs) raise(state, { type: "Revoked", device: id, by: "hq", isProved: true });
  }
}

/** A till needs the keys of its own channels, and a chain that lasts. */
function askedFor(parts: ReplicaParts): readonly (JoinItem | RenewItem)[] {
  const { identity, keys, state, clock } = parts;
  const { id, name, location } = identity.device;
  if (identity.caPrivateKeyPem !== undefined || state.revocations.has(id)) return [];
  const needed: readonly ChannelName[] = ["org", `location/${location.id}`];
  const { chain } = identity;
  if (needed.some((channel) => keys.epochOf(channel) === undefined))
    return [{ type: "join", chain, name }];
  const own = state.ports.trust.deviceOf(id);
  const notAfterMs = own ? notAfterOf(own, parts) : 0;
  const isDue = isRenewalDue(chain, { notAfterMs, nowMs: clock.nowMs() });
  return isDue ? [{ type: "renew", chain }] : [];
}
