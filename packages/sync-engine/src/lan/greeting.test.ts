import { ok } from "@tillmesh/kernel";
import { expect, test } from "vitest";
import { issueDeviceCertificate } from "../identity/certificate-authority.ts";
import { caOf } from "../identity/identity.ts";
import { publicKeyOf } from "../identity/keys.ts";
import type { Role } from "../identity/records.ts";
import {
  sampleContext,
  sampleIdentity,
  sampleNowMs,
  secondDevice,
  valueOf,
} from "../identity/testing/sample-identity.ts";
import { createTrust } from "../node/trust-store.ts";
import type { ExchangeLink } from "./exchange-link.ts";
import { takeHello } from "./greeting.ts";
import type { Talk } from "./talk.ts";

const context = sampleContext(54);
const { crypto } = context;
const first = await sampleIdentity(context);
const ca = caOf(first)!;
const invited = secondDevice(context, first.device);
const publicKey = (await publicKeyOf(first.privateKeyPem))!;

async function issued(roles: readonly Role[], afterDays: number): Promise<readonly string[]> {
  const nowMs = sampleNowMs + afterDays * 86_400_000;
  const device = { ...invited, roles };
  return [await issueDeviceCertificate(ca, { device, publicKey }, { crypto, nowMs })];
}

test("[TL8] who greets with an older certificate has the roles of the one that HQ gave it since", async () => {
  const [asHq, asTill] = [await issued(["hq"], 1), await issued(["till"], 2)];
  const trust = createTrust(first.caCertificate, crypto);
  valueOf(trust.learn(asTill, { isPublished: true }));
  // The channel proves the key, and the older certificate is still valid.
  const judge = (certificates: readonly string[]) =>
    ok({ device: valueOf(trust.read(certificates)), untilMs: sampleNowMs + 9 * 86_400_000 });
  const options = { state: { ports: { trust } }, judge, onHello: () => false };
  const talk = { options, peer: undefined } as unknown as Talk;
  const message = {
    type: "hello",
    v: 1,
    device: invited.id,
    certificates: asHq,
    link: "l",
  } as const;
  expect(takeHello(talk, {} as ExchangeLink, message)).toBeUndefined();
  expect(talk.peer?.roles).toEqual(["till"]);
});
