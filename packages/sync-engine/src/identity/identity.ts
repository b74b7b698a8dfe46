/**
 * Everything by which a device is itself: names, certificates, private keys.
 *
 * One shape for what a directory, an accepted invitation and a backup hold, and
 * one check that it belongs together. Rules: SPEC.md [IS5].
 *
 * @module
 */

import { assert, err, hex, type Crypto, type Json, type Result } from "@tillmesh/kernel";
import {
  createCa,
  issueDeviceCertificate,
  type CertificateAuthority,
  type IssueContext,
} from "./certificate-authority.ts";
import { isChannelMaster, newChannelMaster, type ChannelMaster } from "./channel-keys.ts";
import { expectObject, member, readList, readText, type Cursor } from "./faults.ts";
import { newPrivateKeyPem, publicKeyOf } from "./keys.ts";
import { pemMaxLength } from "./pem.ts";
import {
  readDevice,
  readOrganisation,
  type DeviceRecord,
  type OrganisationRecord,
} from "./records.ts";
import { readCertificate } from "./read-certificate.ts";
import {
  isSelfSignedCa,
  verifyChain,
  type ChainError,
  type VerifiedDevice,
} from "./verify-chain.ts";

export interface Identity {
  readonly organisation: OrganisationRecord;
  readonly device: DeviceRecord;
  /** PEM: the device's certificate, then the enrolment certificate if it came by invitation. */
  readonly chain: readonly string[];
  readonly caCertificate: string;
  /** PKCS #8 PEM of the device's key. Secret. */
  readonly privateKeyPem: string;
  /** The organisation's CA key, at the HQ that holds it. Secret. */
  readonly caPrivateKeyPem?: string;
  /** Beside it: what all channel keys follow from. Secret. */
  readonly channelMaster?: ChannelMaster;
}

/** What a recovery kit gives back. */
export interface RestoredSecrets {
  readonly ca: CertificateAuthority;
  readonly channelMaster: ChannelMaster | undefined;
}

/** The first device of an organisation (or of its rebuilt HQ, when its secrets come from a recovery kit). */
export async function createFirstIdentity(
  records: Pick<Identity, "organisation" | "device">,
  context: IssueContext,
  restored?: RestoredSecrets,
): Promise<Identity> {
  const { organisation, device } = records;
  const ca = restored?.ca ?? (await createCa(organisation.id, context));
  assert(ca.organisationId === organisation.id, "the CA is this organisation's");
  const privateKeyPem = newPrivateKeyPem(context.crypto.randomBytes);
  const publicKey = await publicKeyOf(privateKeyPem);
  assert(publicKey !== undefined, "a new key is readable");
  const certificate = await issueDeviceCertificate(ca, { device, publicKey }, context);
  return {
    organisation,
    device,
    chain: [certificate],
    caCertificate: ca.certificate,
    privateKeyPem,
    caPrivateKeyPem: ca.privateKeyPem,
    channelMaster: restored?.channelMaster ?? newChannelMaster(context.crypto.randomBytes),
  };
}

/** The CA of an identity that holds its key. */
export function caOf(identity: Identity): CertificateAuthority | undefined {
  const { organisation, caCertificate, caPrivateKeyPem } = identity;
  if (caPrivateKeyPem === undefined) return undefined;
  return {
    organisationId: organisation.id,
    certificate: caCertificate,
    privateKeyPem: caPrivateKeyPem,
  };
}

/** Names, certificates and keys belong together; expiry is not looked at. */
export async function checkIdentity(
  identity: Identity,
  crypto: Crypto,
): Promise<Result<VerifiedDevice, IdentityError>> {
  const { caCertificate, chain, privateKeyPem, caPrivateKeyPem } = identity;
  const verified = verifyChain(chain, { caCertificate, crypto }, { ignoreValidity: true });
  if (!verified.ok) return err({ type: "IdentityChain", cause: verified.error });
  const names = namesFault(identity, verified.value);
  if (names !== undefined) return err(names);
  const publicKey = await publicKeyOf(privateKeyPem);
  if (publicKey === undefined || hex(publicKey) !== hex(verified.value.publicKey)) {
    return err({ type: "IdentityKey", key: "device" });
  }
  if (caPrivateKeyPem !== undefined) {
    const isMatch = await isKeyOfCa(caPrivateKeyPem, caCertificate, crypto);
    if (!isMatch) return err({ type: "IdentityKey", key: "ca" });
  }
  const { channelMaster } = identity;
  if (channelMaster !== undefined && !isChannelMaster(channelMaster)) {
    return err({ type: "IdentityKey", key: "channels" });
  }
  return verified;
}

export type IdentityError =
  | { readonly type: "IdentityChain"; readonly cause: ChainError }
  | { readonly type: "IdentityKey"; readonly key: "device" | "ca" | "channels" }
  | {
      readonly type: "IdentityNames";
      readonly field: "organisation" | "device" | "location" | "roles";
      readonly record: string;
      readonly certificate: string;
    };

export async function isKeyOfCa(
  privateKeyPem: string,
  caCertificate: string,
  crypto: Crypto,
): Promise<boolean> {
  const facts = readCertificate(caCertificate, crypto);
  const publicKey = await publicKeyOf(privateKeyPem);
  if (!facts.ok || publicKey === undefined) return false;
  return isSelfSignedCa(facts.value, crypto) && hex(publicKey) === hex(facts.value.publicKey);
}

/** For the backup file, which is as secret as the keys in it. */
export function identityToJson(identity: Identity): Json {
  return identity as unknown as Json;
}

/** The shape only; `checkIdentity` says whether it belongs together. */
export function readIdentityJson(cursor: Cursor): Identity {
  expectObject(cursor);
  const caKey = member(cursor, "caPrivateKeyPem");
  const master = member(cursor, "channelMaster");
  return {
    organisation: readOrganisation(member(cursor, "organisation")),
    device: readDevice(member(cursor, "device")),
    chain: readList(member(cursor, "chain"), 2).map((each) => readText(each, pemRule)),
    caCertificate: readText(member(cursor, "caCertificate"), pemRule),
    privateKeyPem: readText(member(cursor, "privateKeyPem"), pemRule),
    ...(caKey.value === undefined ? {} : { caPrivateKeyPem: readText(caKey, pemRule) }),
    ...(master.value === undefined ? {} : { channelMaster: readText(master, masterRule) }),
  };
}

export function pemRule(text: string): string | undefined {
  return text.startsWith("-----BEGIN ") && text.length <= pemMaxLength
    ? undefined
    : `expected PEM of at most ${pemMaxLength} characters`;
}

export function masterRule(text: string): string | undefined {
  return isChannelMaster(text) ? undefined : "expected 32 bytes as base64";
}

function namesFault(
  { organisation, device }: Identity,
  verified: VerifiedDevice,
): IdentityError | undefined {
  const pairs = [
    ["organisation", organisation.id, verified.organisationId],
    ["device", device.id, verified.deviceId],
    ["location", device.location.id, verified.locationId],
    ["roles", device.roles.toSorted().join(" "), verified.roles.toSorted().join(" ")],
  ] as const;
  const fault = pairs.find(([, record, certificate]) => record !== certificate);
  if (fault === undefined) return undefined;
  const [field, record, certificate] = fault;
  return { type: "IdentityNames", field, record, certificate };
}
