import type { DeviceId, Json, LocationId, OrganisationId } from "@tillmesh/kernel";
import { beforeAll, describe, expect, test } from "vitest";
import { acceptInvitation } from "./accept-invitation.ts";
import { createCa, type CertificateAuthority } from "./certificate-authority.ts";
import { readEnvelope, writeEnvelope } from "./envelope.ts";
import { caOf, checkIdentity, type Identity } from "./identity.ts";
import {
  createInvitation,
  parseInvitation,
  type Invitation,
  type InvitationRequest,
} from "./invitation.ts";
import { newPrivateKeyPem } from "./keys.ts";
import type { DeviceRecord } from "./records.ts";
import {
  sampleContext,
  sampleIdentity,
  sampleNowMs,
  secondDevice,
  valueOf,
} from "./testing/sample-identity.ts";
import { sameDeviceOtherKey, verifyChain } from "./verify-chain.ts";

const context = sampleContext(2);
const { crypto } = context;
const dayMs = 86_400_000;
const format = { format: "tillmesh-invitation", version: 1, sizeMaxBytes: 65_536 };

let first: Identity;
let ca: CertificateAuthority;
let device: DeviceRecord;
let text: string;
let invitation: Invitation;

beforeAll(async () => {
  first = await sampleIdentity(context);
  ca = caOf(first)!;
  device = secondDevice(context, first.device);
  text = valueOf(await invite());
  invitation = valueOf(parseInvitation(text, crypto));
});

function invite(change: Partial<InvitationRequest> = {}) {
  return createInvitation(ca, { organisation: first.organisation, device, ...change }, context);
}

/** The invitation with some of its content changed and the checksum made anew. */
function rewritten(change: object): string {
  return writeEnvelope(format, { ...invitation, ...change } as unknown as Json, crypto);
}

async function errorOf(invited: string, nowMs = sampleNowMs): Promise<unknown> {
  const result = await acceptInvitation(invited, { crypto, nowMs });
  return result.ok ? "accepted" : result.error;
}

describe("joining (IV)", () => {
  test("[IV1] the file alone gives an identity that belongs together", async () => {
    const { identity } = valueOf(await acceptInvitation(text, context));
    expect(identity.organisation).toEqual(first.organisation);
    expect(identity.device).toEqual(device);
    const verified = valueOf(await checkIdentity(identity, crypto));
    expect(verified).toMatchObject({ deviceId: device.id, roles: ["till"] });
  });

  test("[IV1] neither the device's key nor the CA's was ever in the file, and the enrolment key is forgotten", async () => {
    const { identity } = valueOf(await acceptInvitation(text, context));
    expect(invitation.enrolmentKeyPem).not.toBe(identity.privateKeyPem);
    expect(text).not.toContain(JSON.stringify(ca.privateKeyPem).slice(1, -1));
    expect(JSON.stringify(identity)).not.toContain(
      JSON.stringify(invitation.enrolmentKeyPem).slice(1, -1),
    );
    expect(identity.caPrivateKeyPem).toBeUndefined();
  });

  test("[IV4] after its last day it is refused, whatever validity was asked for", async () => {
    expect(await errorOf(text, sampleNowMs + 29 * dayMs)).toBe("accepted");
    const expired = { type: "InvitationExpired", nowMs: sampleNowMs + 31 * dayMs };
    expect(await errorOf(text, sampleNowMs + 31 * dayMs)).toMatchObject(expired);
    const short = valueOf(await invite({ validDays: 1 }));
    expect(await errorOf(short, sampleNowMs + 2 * dayMs)).toMatchObject({
      type: "InvitationExpired",
    });
  });

  test("[IV4] a clock a day behind is tolerated, a clock at 1970 is not", async () => {
    expect(await errorOf(text, sampleNowMs - dayMs / 2)).toBe("accepted");
    expect(await errorOf(text, 0)).toMatchObject({ type: "InvitationNotYetValid", nowMs: 0 });
  });

  test("[IV6] used twice, it gives two keys for one device id", async () => {
    const trust = { caCertificate: first.caCertificate, crypto };
    const [one, two] = await Promise.all(
      [1, 2].map(async () => {
        const { identity } = valueOf(await acceptInvitation(text, context));
        return valueOf(verifyChain(identity.chain, trust, { ignoreValidity: true }));
      }),
    );
    expect(sameDeviceOtherKey(one!, two!)).toBe(true);
    expect(sameDeviceOtherKey(one!, one!)).toBe(false);
  });

  test("[IV7] addresses and publications arrive", async () => {
    const lan = [{ host: "127.0.0.1", port: 7001 }];
    const publications = ['{"publication":{},"signature":""}'];
    const invited = valueOf(await invite({ lan, publications }));
    expect(valueOf(await acceptInvitation(invited, context))).toMatchObject({ lan, publications });
    expect(valueOf(await acceptInvitation(text, context))).toMatchObject({
      lan: [],
      publications: [],
    });
  });
});

describe("an invitation that is not right (IV)", () => {
  test("[IV2] not JSON, another format, a later version, a wrong checksum, too large", async () => {
    expect(await errorOf("")).toMatchObject({ type: "NotJson" });
    expect(await errorOf(text.slice(0, -10))).toMatchObject({ type: "NotJson" });
    const other = text.replace("tillmesh-invitation", "tillmesh-identity");
    expect(await errorOf(other)).toEqual({
      type: "OtherFormat",
      expected: "tillmesh-invitation",
      found: "tillmesh-identity",
    });
    const later = text.replace('"version": 1', '"version": 2');
    expect(await errorOf(later)).toEqual({ type: "OtherVersion", expected: 1, found: 2 });
    expect(await errorOf(text.replace("Till 2", "Till 3"))).toEqual({ type: "Checksum" });
    expect(await errorOf(text + " ".repeat(65_536))).toMatchObject({
      type: "NotJson",
      cause: { type: "JsonTooLarge" },
    });
  });

  test("[IV2] it is not made larger than it may be", async () => {
    const publications = Array.from({ length: 3 }, () => "x".repeat(30_000));
    const made = await invite({ publications });
    expect(made).toMatchObject({ ok: false, error: { type: "InvitationTooLarge" } });
    expect(text.length).toBeLessThan(6_000);
  });

  test("[IV3] all faults at once, by pointer", () => {
    const broken = {
      organisation: { ...first.organisation, currency: "pounds" },
      device: { ...device, name: "", code: "ILOU", roles: ["boss"], location: null },
      caCertificate: 7,
      lan: [{ host: "a b", port: 70_000 }],
    };
    const parsed = parseInvitation(rewritten(broken), crypto);
    const faults = parsed.ok || parsed.error.type !== "Faults" ? [] : parsed.error.faults;
    expect([...new Set(faults.map(({ pointer }) => pointer))]).toEqual([
      "/organisation/currency",
      "/device/name",
      "/device/code",
      "/device/roles/0",
      "/device/roles",
      "/device/location",
      "/device/location/id",
      "/device/location/name",
      "/device/location/currency",
      "/device/location/timeZone",
      "/caCertificate",
      "/lan/0/host",
      "/lan/0/port",
    ]);
  });

  test("[IV3] bad records are refused before anything is signed", async () => {
    const made = await invite({
      device: { ...device, location: { ...device.location, timeZone: "Mars/Olympus" } },
      validDays: 1_000,
      lan: [{ host: "till.local", port: 0 }],
    });
    expect(made.ok ? [] : made.error).toMatchObject({
      type: "Faults",
      faults: [
        { pointer: "/device/location/timeZone" },
        { pointer: "/lan/0/port" },
        { pointer: "/validDays" },
      ],
    });
    const organisation = { ...first.organisation, id: "org_other" as OrganisationId };
    expect(await invite({ organisation })).toMatchObject({
      error: { faults: [{ pointer: "/organisation/id" }] },
    });
  });

  test("[IV5] another device, role, location or organisation than was certified", async () => {
    const renamed = rewritten({ device: { ...device, id: "dev_other" as DeviceId } });
    expect(await errorOf(renamed)).toMatchObject(chainFault("OtherDevice"));
    const promoted = rewritten({ device: { ...device, roles: ["till", "hq"] } });
    expect(await errorOf(promoted)).toMatchObject(chainFault("RoleNotGranted"));
    const location = { ...device.location, id: "loc_other" as LocationId };
    const moved = rewritten({ device: { ...device, location } });
    expect(await errorOf(moved)).toMatchObject(chainFault("OtherLocation"));
    const organisation = { ...first.organisation, id: "org_other" as OrganisationId };
    expect(await errorOf(rewritten({ organisation }))).toMatchObject(
      chainFault("OtherOrganisation"),
    );
  });

  test("[IV5] another CA, key or certificate than belongs to it", async () => {
    const otherCa = await createCa(ca.organisationId, context);
    expect(await errorOf(rewritten({ caCertificate: otherCa.certificate }))).toMatchObject({
      type: "IdentityChain",
      cause: { type: "CertificateIssuer", position: 1 },
    });
    const enrolmentKeyPem = newPrivateKeyPem(crypto.randomBytes);
    expect(await errorOf(rewritten({ enrolmentKeyPem }))).toEqual({ type: "EnrolmentKey" });
    const notAKey = rewritten({ enrolmentKeyPem: ca.certificate });
    expect(await errorOf(notAKey)).toEqual({ type: "EnrolmentKey" });
    const enrolmentCertificate = first.chain[0]!;
    expect(await errorOf(rewritten({ enrolmentCertificate }))).toMatchObject({
      type: "EnrolmentCertificate",
    });
  });

  test("[IV2] what a later program adds is read over", () => {
    const content = valueOf(readEnvelope(format, rewritten({ colour: "blue" }), crypto));
    expect(content).toHaveProperty("colour");
    expect(parseInvitation(rewritten({ colour: "blue" }), crypto).ok).toBe(true);
  });
});

function chainFault(type: string): object {
  return { type: "IdentityChain", cause: { type } };
}
