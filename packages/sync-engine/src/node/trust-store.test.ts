import { describe, expect, test } from "vitest";
import { acceptInvitation } from "../identity/accept-invitation.ts";
import { issueDeviceCertificate } from "../identity/certificate-authority.ts";
import { caOf } from "../identity/identity.ts";
import { createInvitation } from "../identity/invitation.ts";
import { publicKeyOf } from "../identity/keys.ts";
import type { Role } from "../identity/records.ts";
import {
  sampleContext,
  sampleIdentity,
  sampleNowMs,
  secondDevice,
  valueOf,
} from "../identity/testing/sample-identity.ts";
import { createTrust } from "./trust-store.ts";

const context = sampleContext(53);
const { crypto } = context;
const first = await sampleIdentity(context);
const ca = caOf(first)!;
const invited = secondDevice(context, first.device);
const request = { organisation: first.organisation, device: invited };
const text = valueOf(await createInvitation(ca, request, context));
const { identity: till } = valueOf(await acceptInvitation(text, context));
const publicKey = (await publicKeyOf(till.privateKeyPem))!;

async function issued(roles: readonly Role[], afterDays: number): Promise<readonly string[]> {
  const nowMs = sampleNowMs + afterDays * 86_400_000;
  const device = { ...invited, roles };
  return [await issueDeviceCertificate(ca, { device, publicKey }, { crypto, nowMs })];
}

const published = { isPublished: true };

describe("trust (TC)", () => {
  test("[TC1] a chain of the CA replaces the invitation's, a later one an earlier, and never back", async () => {
    const trust = createTrust(first.caCertificate, crypto);
    const roles = () => trust.deviceOf(invited.id)?.roles;
    valueOf(trust.learn(till.chain));
    const [early, late] = [await issued(["till", "hq"], 1), await issued(["hq"], 2)];
    for (const chain of [early, late, early, till.chain]) valueOf(trust.learn(chain));
    expect(roles()).toEqual(["hq"]);
    expect(trust.deviceOf(invited.id)?.certificates).toEqual(late);
  });

  test("[TC2] what HQ published last decides, whatever its date", async () => {
    const trust = createTrust(first.caCertificate, crypto);
    const roles = () => trust.deviceOf(invited.id)?.roles;
    const [wrongClock, right] = [await issued(["till", "hq"], 400), await issued(["till"], 1)];
    valueOf(trust.learn(wrongClock, published));
    valueOf(trust.learn(right, published));
    expect(roles()).toEqual(["till"]);
    expect(trust.read(wrongClock)).toMatchObject({ ok: true, value: { roles: ["till", "hq"] } });
    expect(roles()).toEqual(["till"]);
  });
});
