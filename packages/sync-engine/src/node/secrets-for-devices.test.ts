import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { utf8 } from "@tillmesh/kernel";
import { nodeCrypto, systemClock } from "@tillmesh/kernel/node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { must } from "../testing/crash-life.ts";
import { createOrganisation, inviteDevice, joinOrganisation } from "./create-device.ts";
import { openReplicaParts, type OpenedReplica } from "./open-replica.ts";

let root: string;
let hq: OpenedReplica;
let till: OpenedReplica;

const place = (name: string) => ({
  directory: join(root, name),
  clock: systemClock(),
  crypto: nodeCrypto(),
});
const idOf = ({ replica }: OpenedReplica) => replica.device.id;
const secret = utf8("the credentials of a connection");

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "tillmesh-secrets-"));
  const names = {
    organisationName: "Corner Café",
    locationName: "Corner",
    deviceName: "Office",
    currency: "GBP",
    timeZone: "Europe/London",
  };
  must(await createOrganisation(place("hq"), names));
  hq = must(await openReplicaParts(place("hq")));
  const { location } = hq.replica;
  const request = {
    name: "till",
    roles: ["till"] as const,
    location,
    takenCodes: new Set<string>(),
  };
  const invited = must(await inviteDevice(place("hq"), request));
  must(await joinOrganisation(place("till"), invited.text));
  till = must(await openReplicaParts(place("till")));
  meet();
});

afterEach(async () => {
  await hq.replica.close();
  await till.replica.close();
  rmSync(root, { recursive: true, force: true });
});

/** Each has the other's certificates. */
function meet(): void {
  till.parts.state.ports.trust.learn(hq.parts.identity.chain);
  hq.parts.state.ports.trust.learn(till.parts.identity.chain);
}

describe("an app's secret for one device (BX)", () => {
  test("[BX4] it opens at that device alone, for its purpose alone, and is the same box each time", () => {
    const to = { device: idOf(hq), purpose: "fiscal/1" };
    const box = must(till.replica.sealFor(to, secret));
    expect(must(hq.replica.openSealed(box, "fiscal/1"))).toEqual(secret);
    expect(must(till.replica.sealFor(to, secret))).toEqual(box);
    expect(must(till.replica.sealFor(to, utf8("other")))).not.toEqual(box);
    expect(Buffer.from(box).includes(Buffer.from(secret))).toBe(false);
    const refused = { ok: false, error: { type: "NotForThisKey" } };
    expect(hq.replica.openSealed(box, "fiscal/2")).toEqual(refused);
    expect(till.replica.openSealed(box, "fiscal/1")).toEqual(refused);
    expect(hq.replica.openSealed(box.with(40, box[40]! ^ 1), "fiscal/1")).toEqual(refused);
  });

  test("[BX4] nothing is sealed to who is unknown, revoked, or in by an invitation alone", async () => {
    const seal = (device: string) => hq.replica.sealFor({ device, purpose: "p" }, secret);
    expect(seal("dev_nobody")).toMatchObject({ error: { type: "UnknownDevice" } });
    expect(seal(idOf(till))).toMatchObject({ error: { type: "NotCertified" } });
    must(await hq.replica.approve(idOf(till)));
    expect(seal(idOf(till)).ok).toBe(true);
    must(await hq.replica.revoke(idOf(till)));
    expect(seal(idOf(till))).toMatchObject({ error: { type: "Revoked" } });
  });
});
