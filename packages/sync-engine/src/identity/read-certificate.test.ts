import { beforeAll, describe, expect, test } from "vitest";
import { caOf, type Identity } from "./identity.ts";
import { importPrivateKey, publicKeyOf, rawToSpki } from "./keys.ts";
import { fromPem, toPem } from "./pem.ts";
import { readCertificate } from "./read-certificate.ts";
import { sampleContext, sampleIdentity, sampleNowMs, valueOf } from "./testing/sample-identity.ts";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  type Extension,
} from "./x509.ts";

const context = sampleContext(3);
const { crypto } = context;
let identity: Identity;
beforeAll(async () => {
  identity = await sampleIdentity(context);
});

/** A certificate by the library, signed by the CA, with any name and extensions. */
async function certificateWith(
  subject: Name,
  change: (extensions: Extension[]) => Extension[] = (all) => all,
): Promise<string> {
  const ca = caOf(identity)!;
  const genuine = new X509Certificate(Uint8Array.from(fromPem("CERTIFICATE", identity.chain[0]!)!));
  const made = await X509CertificateGenerator.create({
    serialNumber: "4001",
    subject,
    issuer: genuine.issuerName,
    notBefore: new Date(sampleNowMs),
    notAfter: new Date(sampleNowMs + 1000),
    publicKey: rawToSpki((await publicKeyOf(identity.privateKeyPem))!),
    signingKey: (await importPrivateKey(ca.privateKeyPem))!,
    extensions: change(genuine.extensions),
  });
  return toPem("CERTIFICATE", new Uint8Array(made.rawData));
}

function nameOf(...parts: readonly (readonly [string, string])[]): Name {
  return new Name(parts.map(([attribute, value]) => ({ [attribute]: [{ utf8String: value }] })));
}

const deviceName = nameOf(["O", "org_a"], ["L", "loc_a"], ["CN", "dev_a"], ["OU", "till"]);

async function problemOf(certificate: Promise<string>): Promise<string> {
  const read = readCertificate(await certificate, crypto);
  return read.ok ? "accepted" : read.error.problem;
}

describe("one certificate (CE)", () => {
  test("[CE1] the subject of a device, read back", () => {
    const facts = valueOf(readCertificate(identity.chain[0]!, crypto));
    expect(facts.subject).toEqual({
      kind: "device",
      organisationId: identity.organisation.id,
      locationId: identity.device.location.id,
      deviceId: identity.device.id,
      roles: ["till", "hq"],
    });
    expect(facts.subjectName.map(([attribute]) => attribute)).toEqual(["O", "L", "CN", "OU", "OU"]);
    expect(facts.issuerName).toEqual([["O", identity.organisation.id]]);
    const text = new TextDecoder("latin1").decode(facts.der);
    for (const name of [identity.organisation.name, identity.device.name, "High Street"]) {
      expect(text).not.toContain(name);
    }
  });

  test("[CE2] a certificate by the library as we make it is accepted", async () => {
    expect(await problemOf(certificateWith(deviceName))).toBe("accepted");
  });

  test("[CE1] missing, foreign, doubled or reordered parts of a name", async () => {
    const names = [
      nameOf(["O", "org_a"], ["L", "loc_a"], ["CN", "dev_a"]),
      nameOf(["O", "org_a"], ["CN", "dev_a"], ["OU", "till"]),
      nameOf(["L", "loc_a"], ["O", "org_a"], ["CN", "dev_a"], ["OU", "till"]),
      nameOf(["O", "org_a"], ["L", "loc_a"], ["CN", "dev_a"], ["OU", "till"], ["OU", "till"]),
      nameOf(["O", "org_a"], ["L", "loc_a"], ["CN", "dev_a"], ["OU", "till"], ["OU", "boss"]),
      nameOf(["O", "org_a"], ["L", "loc_a"], ["CN", "dev_a"], ["CN", "dev_b"], ["OU", "till"]),
      nameOf(["O", "org_a"], ["L", "loc_a"], ["CN", "dev_a"], ["OU", "till"], ["E", "a@b.c"]),
      nameOf(["CN", "dev_a"]),
      new Name([{ O: [{ utf8String: "org_a" }], CN: [{ utf8String: "dev_a" }] }]),
    ];
    for (const name of names) {
      expect(await problemOf(certificateWith(name)), name.toString()).toContain("subject");
    }
  });

  test("[CE2] a device with the CA flag, another usage, a missing or further extension", async () => {
    const changes: ((extensions: Extension[]) => Extension[])[] = [
      (all) => all.with(0, new BasicConstraintsExtension(true, 0, true)),
      (all) => all.with(0, new BasicConstraintsExtension(false, undefined, false)),
      (all) => all.with(1, new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true)),
      (all) => all.with(1, new KeyUsagesExtension(KeyUsageFlags.cRLSign, true)),
      (all) => all.slice(1),
      (all) => all.slice(0, -1),
      (all) => [...all, all[0]!],
      (all) => all.toReversed(),
      (all) => all.with(3, new SubjectKeyIdentifierExtension("00".repeat(20))),
      (all) => all.with(4, new AuthorityKeyIdentifierExtension("", false)),
      () => [],
    ];
    for (const [index, change] of changes.entries()) {
      const problem = await problemOf(certificateWith(deviceName, change));
      expect(problem, `change ${index}`).toContain("extensions");
    }
  });

  test("[CE2] an enrolment or CA with another path length or without one", async () => {
    const enrolment = nameOf(
      ["O", "org_a"],
      ["L", "loc_a"],
      ["CN", "dev_a"],
      ["OU", "till"],
      ["OU", "enrolment"],
    );
    for (const [name, right] of [
      [enrolment, 0],
      [nameOf(["O", "org_a"]), 1],
    ] as const) {
      for (const pathLength of [undefined, 0, 1, 2]) {
        const made = certificateWith(name, ([, , , subjectKey, authorityKey]) => [
          new BasicConstraintsExtension(true, pathLength, true),
          new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
          subjectKey!,
          authorityKey!,
        ]);
        const expected = pathLength === right ? "accepted" : "extensions";
        expect(await problemOf(made), `${name.toString()} ${pathLength}`).toContain(expected);
      }
    }
  });

  test("[CE3] a certificate with a key that is not Ed25519", async () => {
    const pair = await globalThis.crypto.subtle.generateKey(
      { name: "ECDSA", namedCurve: "P-256" },
      true,
      ["sign", "verify"],
    );
    const made = await X509CertificateGenerator.createSelfSigned({
      name: deviceName,
      keys: pair,
      signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
    });
    const pem = toPem("CERTIFICATE", new Uint8Array(made.rawData));
    expect(await problemOf(Promise.resolve(pem))).toContain("Ed25519");
  });
});
