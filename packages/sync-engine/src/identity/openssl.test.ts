import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { acceptInvitation } from "./accept-invitation.ts";
import { caOf, type Identity } from "./identity.ts";
import { createInvitation } from "./invitation.ts";
import {
  sampleContext,
  sampleIdentity,
  sampleNowMs,
  secondDevice,
  valueOf,
} from "./testing/sample-identity.ts";

const isInstalled = spawnSync("openssl", ["version"]).status === 0;
const context = sampleContext(7);
const directory = fs.mkdtempSync(path.join(os.tmpdir(), "tillmesh-openssl-"));
afterAll(() => fs.rmSync(directory, { recursive: true }));

let first: Identity;
let joined: Identity;
let stranger: Identity;

beforeAll(async () => {
  first = await sampleIdentity(context);
  stranger = await sampleIdentity(context);
  const device = secondDevice(context, first.device);
  const request = { organisation: first.organisation, device };
  const text = valueOf(await createInvitation(caOf(first)!, request, context));
  joined = valueOf(await acceptInvitation(text, context)).identity;
});

function fileOf(name: string, text: string): string {
  const file = path.join(directory, name);
  fs.writeFileSync(file, text, { mode: 0o600 });
  return file;
}

function opensslVerifies(identity: Identity, ca: string, purpose: string): boolean {
  const [leaf, ...issuers] = identity.chain as [string, ...string[]];
  const when = ["-attime", String(sampleNowMs / 1000)];
  const trusted = ["-CAfile", fileOf("ca.pem", ca)];
  const untrusted =
    issuers.length === 0 ? [] : ["-untrusted", fileOf("issuers.pem", issuers.join(""))];
  const options = ["-x509_strict", "-purpose", purpose, ...when, ...trusted, ...untrusted];
  const result = spawnSync("openssl", ["verify", ...options, fileOf("leaf.pem", leaf)]);
  return result.status === 0;
}

// Shown as skipped where there is no openssl.
describe.skipIf(!isInstalled)("OpenSSL as a second opinion (CE)", () => {
  test("[CE13] it accepts the chains of both kinds for both ends of TLS", () => {
    for (const purpose of ["sslclient", "sslserver"]) {
      expect(opensslVerifies(first, first.caCertificate, purpose)).toBe(true);
      expect(opensslVerifies(joined, first.caCertificate, purpose)).toBe(true);
    }
  });

  test("[CE13] it refuses them under another CA, and an invited device without its enrolment", () => {
    expect(opensslVerifies(first, stranger.caCertificate, "sslclient")).toBe(false);
    expect(opensslVerifies(joined, stranger.caCertificate, "sslclient")).toBe(false);
    const alone = { ...joined, chain: joined.chain.slice(0, 1) };
    expect(opensslVerifies(alone, first.caCertificate, "sslclient")).toBe(false);
  });

  test("[CE13] it reads our keys, and finds the certificate's public key in them", () => {
    const key = fileOf("key.pem", joined.privateKeyPem);
    const certificate = fileOf("leaf.pem", joined.chain[0]!);
    const ofKey = execFileSync("openssl", ["pkey", "-in", key, "-pubout"], { encoding: "utf8" });
    const options = ["x509", "-in", certificate, "-noout", "-pubkey"];
    expect(execFileSync("openssl", options, { encoding: "utf8" })).toBe(ofKey);
  });
});
