import { hex, type DeviceId, type LocationId, type OrganisationId } from "@tillmesh/kernel";
import { beforeAll, describe, expect, test } from "vitest";
import { acceptInvitation } from "./accept-invitation.ts";
import {
  createCa,
  deviceSubject,
  issueDeviceCertificate,
  issueEnrolment,
  type CertificateAuthority,
  type Enrolment,
} from "./certificate-authority.ts";
import { caOf, type Identity } from "./identity.ts";
import { createInvitation } from "./invitation.ts";
import { issueCertificate, type CertificateContent, type Issuer } from "./issue-certificate.ts";
import { newPrivateKeyPem, publicKeyOf } from "./keys.ts";
import { fromPem, toPem } from "./pem.ts";
import type { DeviceRecord } from "./records.ts";
import type { DeviceSubject } from "./subject.ts";
import {
  sampleContext,
  sampleIdentity,
  sampleNowMs,
  secondDevice,
  valueOf,
} from "./testing/sample-identity.ts";
import { sameDeviceOtherKey, verifyChain, type Validity } from "./verify-chain.ts";

const context = sampleContext(1);
const { crypto } = context;
const now: Validity = { atMs: sampleNowMs };
const dayMs = 86_400_000;

let first: Identity;
let ca: CertificateAuthority;
let joined: Identity;
let device: DeviceRecord;
let enrolment: Enrolment;
let enrolmentIssuer: Issuer;
let keyPem: string;
let publicKey: Uint8Array;

beforeAll(async () => {
  first = await sampleIdentity(context);
  ca = caOf(first)!;
  device = secondDevice(context, first.device);
  const request = { organisation: first.organisation, device };
  const text = valueOf(await createInvitation(ca, request, context));
  joined = valueOf(await acceptInvitation(text, context)).identity;
  enrolment = await issueEnrolment(ca, { device }, context);
  enrolmentIssuer = {
    subject: { ...deviceSubject(ca.organisationId, device), kind: "enrolment" },
    publicKey: (await publicKeyOf(enrolment.privateKeyPem))!,
    privateKeyPem: enrolment.privateKeyPem,
  };
  keyPem = newPrivateKeyPem(crypto.randomBytes);
  publicKey = (await publicKeyOf(keyPem))!;
});

function verify(chain: readonly string[], validity: Validity = now, trusted = ca) {
  return verifyChain(chain, { caCertificate: trusted.certificate, crypto }, validity);
}

function errorOf(chain: readonly string[], validity: Validity = now, trusted = ca): unknown {
  const result = verify(chain, validity, trusted);
  return result.ok ? "accepted" : result.error;
}

/** A certificate for `publicKey` with some of its content changed. */
async function leaf(
  change: Partial<DeviceSubject> = {},
  content: Partial<CertificateContent> = {},
  issuer: Issuer = enrolmentIssuer,
): Promise<string> {
  const subject = { ...deviceSubject(ca.organisationId, device), ...change };
  const notBeforeMs = sampleNowMs;
  const notAfterMs = sampleNowMs + dayMs;
  return issueCertificate(
    { subject, publicKey, notBeforeMs, notAfterMs, ...content },
    issuer,
    crypto,
  );
}

async function caIssuer(): Promise<Issuer> {
  const { organisationId, privateKeyPem } = ca;
  const caKey = (await publicKeyOf(privateKeyPem))!;
  return { subject: { kind: "ca", organisationId }, publicKey: caKey, privateKeyPem };
}

describe("chains that are accepted (CE)", () => {
  test("[CE4] the first device's chain of one", () => {
    const verified = valueOf(verify(first.chain));
    expect(verified).toMatchObject({
      deviceId: first.device.id,
      organisationId: first.organisation.id,
      locationId: first.device.location.id,
      roles: ["till", "hq"],
    });
    const der = fromPem("CERTIFICATE", first.chain[0]!)!;
    expect(verified.fingerprint).toBe(hex(crypto.sha256(der)));
  });

  test("[CE4] the chain of two of a device that was invited", async () => {
    expect(joined.chain).toHaveLength(2);
    const verified = valueOf(verify(joined.chain));
    expect(verified).toMatchObject({ deviceId: device.id, roles: ["till"] });
    expect(verified.publicKey).toEqual(await publicKeyOf(joined.privateKeyPem));
  });

  test("[CE8] a device may hold fewer roles than it was granted", async () => {
    const both = { ...device, roles: ["till", "hq"] as const };
    const granted = await issueEnrolment(ca, { device: both }, context);
    const issuer: Issuer = {
      subject: { ...deviceSubject(ca.organisationId, both), kind: "enrolment" },
      publicKey: (await publicKeyOf(granted.privateKeyPem))!,
      privateKeyPem: granted.privateKeyPem,
    };
    const chain = [await leaf({ roles: ["hq"] }, {}, issuer), granted.certificate];
    expect(valueOf(verify(chain)).roles).toEqual(["hq"]);
  });

  test("[CE11] a certificate renewed by the CA is the same device with the same key", async () => {
    const old = valueOf(verify(joined.chain));
    const renewal = { device, publicKey: old.publicKey };
    const renewed = valueOf(verify([await issueDeviceCertificate(ca, renewal, context)]));
    expect(sameDeviceOtherKey(old, renewed)).toBe(false);
    expect(renewed.fingerprint).not.toBe(old.fingerprint);
  });

  test("[CE11] another key for the same id is told", async () => {
    const other = valueOf(verify([await leaf(), enrolment.certificate]));
    expect(sameDeviceOtherKey(valueOf(verify(joined.chain)), other)).toBe(true);
    expect(sameDeviceOtherKey(valueOf(verify(first.chain)), other)).toBe(false);
  });
});

describe("chains that are refused (CE)", () => {
  test("[CE4] none, three, or one too many", async () => {
    expect(errorOf([])).toEqual({ type: "ChainLength", length: 0 });
    expect(errorOf([...joined.chain, ca.certificate])).toEqual({ type: "ChainLength", length: 3 });
    const kind = { type: "CertificateKind", position: 1, kind: "ca" };
    expect(errorOf([...first.chain, ca.certificate])).toEqual(kind);
    const twice = [first.chain[0]!, first.chain[0]!];
    expect(errorOf(twice)).toEqual({ type: "CertificateKind", position: 1, kind: "device" });
  });

  test("[CE4] an invited device's certificate without its enrolment", () => {
    const alone = joined.chain.slice(0, 1);
    expect(errorOf(alone)).toEqual({ type: "CertificateIssuer", position: 0 });
  });

  test("[CE5] another organisation's CA, also one that took the same id", async () => {
    const other = await createCa("org_other" as OrganisationId, context);
    expect(errorOf(first.chain, now, other)).toEqual({ type: "CertificateIssuer", position: 0 });
    const impostor = await createCa(ca.organisationId, context);
    expect(errorOf(first.chain, now, impostor)).toMatchObject({ type: "CertificateIssuer" });
    expect(errorOf(joined.chain, now, impostor)).toMatchObject({ position: 1 });
  });

  test("[CE5] a certificate that names an issuer whose key did not sign it", async () => {
    const forged = { ...(await caIssuer()), privateKeyPem: keyPem };
    const chain = [await leaf({ roles: ["hq"] }, {}, forged)];
    expect(errorOf(chain)).toEqual({ type: "CertificateSignature", position: 0 });
    const forgedEnrolment = { ...enrolmentIssuer, privateKeyPem: keyPem };
    const second = [await leaf({}, {}, forgedEnrolment), enrolment.certificate];
    expect(errorOf(second)).toEqual({ type: "CertificateSignature", position: 0 });
  });

  test("[CE5] a trusted certificate that is not a CA of its own making", async () => {
    const trusted = { ...ca, certificate: enrolment.certificate };
    expect(errorOf([await leaf()], now, trusted)).toMatchObject({ type: "CertificateKind" });
    const unsigned = await issueCertificate(
      { ...(await caIssuer()), notBeforeMs: 0, notAfterMs: sampleNowMs * 2 },
      { ...(await caIssuer()), privateKeyPem: keyPem },
      crypto,
    );
    const broken = { ...ca, certificate: unsigned };
    expect(errorOf(first.chain, now, broken)).toEqual({
      type: "CertificateSignature",
      position: 1,
    });
  });

  test("[CE6] a till as issuer, of a device or of an enrolment", async () => {
    const till: Issuer = {
      subject: deviceSubject(ca.organisationId, device),
      publicKey: (await publicKeyOf(joined.privateKeyPem))!,
      privateKeyPem: joined.privateKeyPem,
    };
    const below = await leaf({}, {}, till);
    const kind = { type: "CertificateKind", position: 1, kind: "device" };
    expect(errorOf([below, joined.chain[0]!])).toEqual(kind);
    const own = await leaf({ kind: "enrolment" }, {}, till);
    expect(errorOf([below, own])).toMatchObject({ type: "CertificateIssuer" });
    expect(errorOf([below])).toMatchObject({ type: "CertificateIssuer" });
  });

  test("[CE6] an enrolment in a device's place, and an enrolment below an enrolment", async () => {
    const kind = { type: "CertificateKind", position: 0, kind: "enrolment" };
    expect(errorOf([enrolment.certificate])).toEqual(kind);
    const nested = await leaf({ kind: "enrolment" });
    expect(errorOf([nested, enrolment.certificate])).toEqual(kind);
    const nestedIssuer = { ...enrolmentIssuer, publicKey, privateKeyPem: keyPem };
    const below = await leaf({}, {}, nestedIssuer);
    const tooDeep = [below, nested];
    expect(errorOf(tooDeep)).toEqual({ type: "CertificateIssuer", position: 1 });
    expect(errorOf([below, nested, enrolment.certificate])).toMatchObject({ type: "ChainLength" });
  });

  test("[CE7] another device, organisation or location than the enrolment's", async () => {
    const otherDevice = await leaf({ deviceId: first.device.id });
    expect(errorOf([otherDevice, enrolment.certificate])).toEqual({
      type: "OtherDevice",
      expected: device.id,
      found: first.device.id,
    });
    const otherLocation = await leaf({ locationId: "loc_other" as LocationId });
    expect(errorOf([otherLocation, enrolment.certificate])).toMatchObject({
      type: "OtherLocation",
    });
    const otherOrganisation = await leaf({ organisationId: "org_other" as OrganisationId });
    expect(errorOf([otherOrganisation, enrolment.certificate])).toEqual({
      type: "OtherOrganisation",
      expected: ca.organisationId,
      found: "org_other",
    });
  });

  test("[CE7] an enrolment for another organisation, though our CA signed it", async () => {
    const organisationId = "org_other" as OrganisationId;
    const subject = { ...enrolmentIssuer.subject, organisationId } as DeviceSubject;
    const validity = { notBeforeMs: sampleNowMs, notAfterMs: sampleNowMs + dayMs };
    const content = { subject, publicKey: enrolmentIssuer.publicKey, ...validity };
    const foreign = await issueCertificate(content, await caIssuer(), crypto);
    const below = await leaf({}, {}, { ...enrolmentIssuer, subject });
    expect(errorOf([below, foreign])).toMatchObject({ type: "OtherOrganisation" });
  });

  test("[CE8] a role that was not granted", async () => {
    const raised = await leaf({ roles: ["till", "hq"] });
    const refused = { type: "RoleNotGranted", role: "hq" };
    expect(errorOf([raised, enrolment.certificate])).toEqual(refused);
    const swapped = await leaf({ roles: ["hq"] });
    expect(errorOf([swapped, enrolment.certificate])).toEqual(refused);
  });

  test("[CE9] a certificate that outlives its enrolment, or begins before it", async () => {
    const outlives = { type: "OutlivesIssuer", position: 0 };
    const late = await leaf({}, { notAfterMs: sampleNowMs + 31 * dayMs });
    expect(errorOf([late, enrolment.certificate])).toEqual(outlives);
    const early = await leaf({}, { notBeforeMs: sampleNowMs - 2 * dayMs });
    expect(errorOf([early, enrolment.certificate], { ignoreValidity: true })).toEqual(outlives);
  });

  test("[CE10] expired or not yet valid for a connection, all the same for entries", () => {
    const later: Validity = { atMs: sampleNowMs + 31 * dayMs };
    expect(errorOf(joined.chain, later)).toMatchObject({ type: "CertificateExpired", position: 0 });
    const earlier: Validity = { atMs: sampleNowMs - 2 * dayMs };
    expect(errorOf(joined.chain, earlier)).toMatchObject({ type: "CertificateNotYetValid" });
    expect(verify(joined.chain, { ignoreValidity: true }).ok).toBe(true);
    const afterYears: Validity = { atMs: sampleNowMs + 731 * dayMs };
    expect(errorOf(first.chain, afterYears)).toMatchObject({ type: "CertificateExpired" });
  });

  test("[CE3] the same certificate spelt in another way", () => {
    const [pem] = first.chain as [string];
    const der = fromPem("CERTIFICATE", pem)!;
    const malformed = { type: "CertificateMalformed", position: 0 };
    for (const text of [` ${pem}`, pem.trimEnd(), pem.replaceAll("\n", "\r\n"), `${pem}\n`]) {
      expect(errorOf([text])).toMatchObject(malformed);
    }
    const trailing = toPem("CERTIFICATE", Uint8Array.from([...der, 0]));
    expect(errorOf([trailing])).toMatchObject(malformed);
    const length = [0x30, 0x83, 0x00, der[2]!, der[3]!];
    const respelt = toPem("CERTIFICATE", Uint8Array.from([...length, ...der.slice(4)]));
    expect(errorOf([respelt])).toMatchObject(malformed);
  });

  test("[CE5] a flipped bit in any byte", () => {
    const [pem] = first.chain as [string];
    const der = fromPem("CERTIFICATE", pem)!;
    for (const [index, byte] of der.entries()) {
      const flipped = der.with(index, byte ^ (1 << (index & 7)));
      expect(errorOf([toPem("CERTIFICATE", flipped)]), `byte ${index}`).not.toBe("accepted");
    }
  });

  test("[CE1] a subject with an id that is none", async () => {
    for (const deviceId of ["", "a b", "Ann's till", "x".repeat(65)]) {
      const issued = await leaf({ deviceId: deviceId as DeviceId }, {}, await caIssuer());
      expect(errorOf([issued])).toMatchObject({ type: "CertificateMalformed", position: 0 });
    }
  });
});
