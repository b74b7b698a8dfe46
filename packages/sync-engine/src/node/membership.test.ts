/** Devices come, are renewed and are cut off; what HQ and they say is carried by hand, as a relay would. */

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hex, type Clock } from "@tillmesh/kernel";
import { nodeCrypto, systemClock } from "@tillmesh/kernel/node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { BundleItem } from "../relay-protocol/bundle-item.ts";
import { changesSince, headsOf, lackingNames, summaryOf } from "../replica/summary.ts";
import { keyOf } from "../replica/core-state.ts";
import { receiveNamed } from "../replica/receive.ts";
import { allEntries, must, sale } from "../testing/crash-life.ts";
import {
  createOrganisation,
  inviteDevice,
  joinOrganisation,
  type DeviceRequest,
} from "./create-device.ts";
import { openReplicaParts, type OpenedReplica } from "./open-replica.ts";
import { makeKit, recoverOrganisation } from "./recover-organisation.ts";

let root: string;
let offsetMs: number;
const clock: Clock = { nowMs: () => systemClock().nowMs() + offsetMs };
const open = new Map<string, OpenedReplica>();
const dayMs = 86_400_000;
const names = {
  organisationName: "Corner Café",
  locationName: "Corner",
  deviceName: "Office",
  currency: "GBP",
  timeZone: "Europe/London",
};

const place = (name: string) => ({ directory: join(root, name), clock, crypto: nodeCrypto() });

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "tillmesh-members-"));
  offsetMs = 0;
  must(await createOrganisation(place("hq"), names));
  await start("hq");
});

afterEach(async () => {
  for (const name of open.keys()) await stop(name);
  rmSync(root, { recursive: true, force: true });
});

async function start(name: string): Promise<OpenedReplica> {
  const opened = must(await openReplicaParts(place(name)));
  open.set(name, opened);
  return opened;
}

async function stop(name: string): Promise<void> {
  await open.get(name)?.replica.close();
  open.delete(name);
}

async function addDevice(
  name: string,
  request: Partial<DeviceRequest> = {},
): Promise<OpenedReplica> {
  const { location } = open.get("hq")!.replica;
  const base = { name, roles: ["till"] as const, location, takenCodes: new Set<string>() };
  const invited = must(await inviteDevice(place("hq"), { ...base, ...request }));
  must(await joinOrganisation(place(name), invited.text));
  return start(name);
}

const idOf = ({ replica }: OpenedReplica) => replica.device.id;
const memberOf = ({ parts }: OpenedReplica) => parts.membership!;
const stateAt = ({ replica }: OpenedReplica, id: string) =>
  replica.devices().find((one) => one.id === id)?.state;

/** All that `from` has and `to` lacks, over any transport. */
function carry(from: OpenedReplica, to: OpenedReplica): void {
  const [ours, theirs] = [from.parts.state, to.parts.state];
  for (const device of ours.ports.trust.devices()) theirs.ports.trust.learn(device.certificates);
  for (const name of lackingNames(theirs, summaryOf(ours))) {
    const key = keyOf(ours, name);
    const known = theirs.documents.get(key);
    const changes = changesSince(ours.documents.get(key)!, known ? headsOf(known) : [], 1e9);
    const bytes = changes.map((change) => change.bytes);
    receiveNamed(theirs, { name, changes: bytes }, { peer: ours.ports.device });
  }
}

/** What `from` says on `control` or `hq`, as it stands in the relay's log. */
async function say(from: OpenedReplica, to: OpenedReplica): Promise<readonly BundleItem[]> {
  const trusted = to.parts.state.ports.trust.learn(from.parts.identity.chain);
  const items = memberOf(from)
    .desk.items()
    .map(({ item }) => item);
  for (const item of items) await memberOf(to).desk.take(item, must(trusted));
  return items;
}

function keysOf({ parts }: OpenedReplica): string {
  const channels = ["org", "hq", `location/${parts.identity.device.location.id}`] as const;
  const epochs = [1, 2, 3, 4];
  return channels
    .flatMap((channel) => epochs.map((epoch) => parts.keys.keyOf(channel, epoch)))
    .map((key) => (key ? hex(key).slice(0, 4) : "-"))
    .join(" ");
}

describe("approval (AP)", () => {
  test("[AP1] a device invited by text waits until HQ approves it, and has its keys then", async () => {
    const hq = open.get("hq")!;
    const till = await addDevice("till", { form: "text" });
    expect(till.parts.keys.epochOf("hq")).toBe(1);
    expect(till.parts.keys.epochOf("org")).toBeUndefined();
    expect(memberOf(till).desk.items()).toMatchObject([{ channel: "hq", item: { type: "join" } }]);
    await say(till, hq);
    carry(till, hq);
    expect(hq.replica.devices()).toContainEqual(
      expect.objectContaining({ id: idOf(till), name: "till", state: "pending" }),
    );
    const check = ({ replica }: OpenedReplica) =>
      replica.devices().find(({ id }) => id === idOf(till))!.check;
    expect(check(hq)).toBe(check(till));
    expect(await say(hq, till)).toMatchObject([{ type: "certificate" }]);
    expect(keysOf(till)).toContain("-");

    must(await hq.replica.approve(idOf(till)));
    await say(hq, till);
    expect(keysOf(till)).toBe(keysOf(hq));
    expect(till.parts.identity.chain.length).toBe(1);
    expect(stateAt(hq, idOf(till))).toBe("active");
    expect(memberOf(till).desk.items()).toEqual([]);
    // The same again after a restart, without a word.
    await stop("till");
    const again = await start("till");
    expect(again.parts.identity.chain.length).toBe(1);
    expect(keysOf(again)).toBe(keysOf(hq));
  });

  test("[AP2] an invitation made as approved lets in when the device asks; a file has let in already", async () => {
    const hq = open.get("hq")!;
    const till = await addDevice("till", { form: "text", isApproved: true });
    await say(till, hq);
    expect(stateAt(hq, idOf(till))).toBe("active");
    await say(hq, till);
    expect(keysOf(till)).toBe(keysOf(hq));
    const other = await addDevice("other");
    expect(keysOf(other)).toBe(keysOf(hq));
    expect(memberOf(other).desk.items()).toMatchObject([{ item: { type: "renew" } }]);
  });

  test("[AP3] two that joined by one text: the first is known, the second is told of and given nothing", async () => {
    const hq = open.get("hq")!;
    const { location } = hq.replica;
    const request = { name: "till", roles: ["till"] as const, location, takenCodes: new Set("") };
    const { text } = must(await inviteDevice(place("hq"), { ...request, form: "text" }));
    for (const name of ["till", "thief"]) {
      must(await joinOrganisation(place(name), text));
      await start(name);
    }
    const [till, thief] = [open.get("till")!, open.get("thief")!];
    await say(till, hq);
    const first = hq.parts.state.ports.trust.deviceOf(idOf(till))!;
    for (const { item } of memberOf(thief).desk.items()) await memberOf(hq).desk.take(item, first);
    expect(hq.replica.exceptions()).toContainEqual(
      expect.objectContaining({ type: "PeerRefused", reason: "SecondKey" }),
    );
    must(await hq.replica.approve(idOf(till)));
    const items = memberOf(hq).desk.items();
    const from = hq.parts.state.ports.trust.deviceOf(idOf(hq))!;
    for (const { item } of items) await memberOf(thief).desk.take(item, from);
    expect(keysOf(thief)).toContain("-");
    expect(thief.parts.identity.chain.length).toBe(2);
  });

  test("[AP4] only the holder of the CA approves, and only whom it knows", async () => {
    const hq = open.get("hq")!;
    const second = await addDevice("second", { roles: ["till", "hq"] });
    const till = await addDevice("till");
    carry(till, second);
    expect(await second.replica.approve(idOf(till))).toMatchObject({ error: { type: "NoCa" } });
    expect(await hq.replica.approve("dev_x")).toMatchObject({ error: { type: "UnknownDevice" } });
  });
});

describe("renewal (NW)", () => {
  test("[NW1] HQ renews who joined by a file as soon as it holds an entry of it, over publications alone", async () => {
    const hq = open.get("hq")!;
    const till = await addDevice("till");
    carry(till, hq);
    await expect.poll(() => hq.replica.publications("certificates").length).toBe(2);
    carry(hq, till);
    expect(till.parts.identity.chain.length).toBe(1);
    expect(till.parts.state.ports.certificates.length).toBe(1);
    const file = readFileSync(join(root, "till", "identity", "chain.pem"), "utf8");
    expect(file).toBe(till.parts.identity.chain.join(""));
    const listed = hq.replica.devices().find(({ id }) => id === idOf(till))!;
    expect(listed.notAfterMs).toBeGreaterThan(clock.nowMs() + 700 * dayMs);
    // Whoever starts anew knows HQ and the till by what is published.
    await stop("till");
    const again = await start("till");
    expect(again.parts.state.ports.trust.deviceOf(idOf(hq))?.roles).toContain("hq");
  });

  test("[NW2] with less than ten days left it is renewed again; before it is not", async () => {
    const hq = open.get("hq")!;
    const till = await addDevice("till");
    carry(till, hq);
    await expect.poll(() => hq.replica.publications("certificates").length).toBe(2);
    carry(hq, till);
    const first = till.parts.identity.chain[0];
    offsetMs = 715 * dayMs;
    must(await till.replica.commit(sale(till.replica, "1")));
    carry(till, hq);
    await stop("hq");
    await start("hq");
    expect(stateAt(till, idOf(till))).toBe("active");
    offsetMs = 722 * dayMs;
    expect(stateAt(till, idOf(till))).toBe("expiring");
    expect(memberOf(till).desk.items()).toMatchObject([{ item: { type: "renew" } }]);
    await say(till, open.get("hq")!);
    await say(open.get("hq")!, till);
    expect(till.parts.identity.chain[0]).not.toBe(first);
    expect(stateAt(till, idOf(till))).toBe("active");
    expect(memberOf(till).desk.items()).toEqual([]);
  });

  test("[NW3] an expired device sells on, and is renewed by two files", async () => {
    const hq = open.get("hq")!;
    const till = await addDevice("till");
    carry(till, hq);
    await expect.poll(() => hq.replica.publications("certificates").length).toBe(2);
    offsetMs = 800 * dayMs;
    expect(stateAt(till, idOf(till))).toBe("expired");
    must(await till.replica.commit(sale(till.replica, "1")));
    const request = till.replica.renewalRequest();
    const renewal = must(await hq.replica.renew(request));
    must(till.replica.takeRenewal(renewal));
    expect(stateAt(till, idOf(till))).toBe("active");
    expect(till.replica.takeRenewal(renewal)).toMatchObject({ error: { type: "RenewalOlder" } });
    expect(till.replica.takeRenewal(request)).toMatchObject({ error: { type: "OtherFormat" } });
    const other = await addDevice("other");
    expect(other.replica.takeRenewal(renewal)).toMatchObject({
      error: { type: "RenewalOfAnother" },
    });
    expect(await other.replica.renew(request)).toMatchObject({ error: { type: "NoCa" } });
  });

  test("[NW4] a revoked device is not renewed", async () => {
    const hq = open.get("hq")!;
    const till = await addDevice("till");
    carry(till, hq);
    must(await hq.replica.revoke(idOf(till), "stolen"));
    expect(await hq.replica.renew(till.replica.renewalRequest())).toMatchObject({
      error: { type: "Revoked" },
    });
    expect(await hq.replica.approve(idOf(till))).toMatchObject({ error: { type: "Revoked" } });
    expect(stateAt(hq, idOf(till))).toBe("revoked");
  });
});

describe("rotation (RO)", () => {
  test("[RO1] a revocation begins the next epoch, whose keys all get but the revoked", async () => {
    const hq = open.get("hq")!;
    const [till, lost] = [await addDevice("till"), await addDevice("lost")];
    for (const one of [till, lost]) carry(one, hq);
    must(await hq.replica.revoke(idOf(lost)));
    expect(hq.parts.keys.epoch).toBe(2);
    for (const one of [till, lost]) await say(hq, one);
    expect(till.parts.keys.epochOf("org")).toBe(2);
    expect(keysOf(till)).toBe(keysOf(hq));
    expect(lost.parts.keys.epochOf("org")).toBe(1);
    expect(lost.replica.status().revoked).toEqual({ by: "hq", isProved: true });
    must(await lost.replica.commit(sale(lost.replica, "1")));
    // Who joins later is given the epochs before as well.
    expect(keysOf(await addDevice("new"))).toBe(keysOf(hq));
  });

  test("[RO2] a crash between revocation and epoch, and a revocation by another HQ device, are made up for", async () => {
    const hq = open.get("hq")!;
    const second = await addDevice("second", { roles: ["till", "hq"] });
    const lost = await addDevice("lost");
    for (const one of [second, lost]) carry(one, hq);
    carry(hq, second);
    must(await second.replica.revoke(idOf(lost)));
    expect(second.parts.keys.epoch).toBe(1);
    await stop("hq");
    const ring = join(root, "hq", "identity", "channel-keys.json");
    expect(existsSync(ring)).toBe(true);
    const again = await start("hq");
    carry(second, again);
    expect(again.parts.keys.epoch).toBe(2);
    expect(again.parts.keys.excluded).toEqual([idOf(lost)]);
    await stop("hq");
    rmSync(ring);
    expect((await start("hq")).parts.keys).toMatchObject({ epoch: 2, excluded: [idOf(lost)] });
    await stop("hq");
    expect((await start("hq")).parts.keys.epoch).toBe(2);
  });

  test("[RO3] what HQ says is the same bytes each time, names no channel, and is all there is to know", async () => {
    const hq = open.get("hq")!;
    const till = await addDevice("till");
    carry(till, hq);
    await expect.poll(() => hq.replica.publications("certificates").length).toBe(2);
    const before = JSON.stringify(memberOf(hq).desk.items());
    await stop("hq");
    expect(JSON.stringify(memberOf(await start("hq")).desk.items())).toBe(before);
    expect(before).not.toContain("Corner");
    expect(before).not.toContain(`"till"`);
    expect(before).not.toContain("location/");
  });

  test("[RO4] a peer's word that this device is revoked is told as such, HQ's statement as HQ's", async () => {
    const hq = open.get("hq")!;
    const till = await addDevice("till");
    carry(till, hq);
    memberOf(till).noteRefusal("dev_peer");
    expect(till.replica.status().revoked).toEqual({ by: "dev_peer", isProved: false });
    must(await hq.replica.revoke(idOf(till)));
    const statement = memberOf(hq)
      .desk.items()
      .flatMap(({ item }) => (item.type === "revoked-statement" ? [item.bytes] : []));
    const bytes = new Uint8Array(Buffer.from(statement[0]!, "base64url"));
    memberOf(till).noteRefusal("relay", bytes.with(bytes.length - 1, bytes.at(-1)! ^ 1));
    expect(till.replica.status().revoked?.isProved).toBe(false);
    memberOf(till).noteRefusal("relay", bytes);
    expect(till.replica.status().revoked).toEqual({ by: "relay", isProved: true });
  });
});

describe("HQ from its kit (HR)", () => {
  test("[HR1] with a kit from before, a new HQ reads all epochs, is believed, and revokes the old one", async () => {
    const hq = open.get("hq")!;
    const passphrase = "correct horse battery";
    const kit = must(await makeKit(place("hq"), passphrase));
    const [till, lost] = [await addDevice("till"), await addDevice("lost")];
    for (const one of [till, lost]) carry(one, hq);
    await expect.poll(() => hq.replica.publications("certificates").length).toBe(3);
    must(await hq.replica.revoke(idOf(lost)));
    await say(hq, till);
    carry(hq, till);
    const said = memberOf(hq).desk.items();
    const keys = keysOf(till);
    await stop("hq");

    const renamed = { ...names, deviceName: "New office" };
    must(await recoverOrganisation(place("new"), { text: kit, passphrase }, renamed));
    const rebuilt = await start("new");
    carry(till, rebuilt);
    const old = must(rebuilt.parts.state.ports.trust.learn(hq.parts.identity.chain));
    for (const { item } of said) await memberOf(rebuilt).desk.take(item, old);
    const { location } = till.replica;
    for (const epoch of [1, 2]) {
      for (const channel of ["org", "hq", `location/${location.id}`] as const) {
        const [ours, theirs] = [rebuilt, till].map(({ parts }) => parts.keys.keyOf(channel, epoch));
        expect(hex(ours!)).toBe(hex(theirs!));
      }
    }
    expect(keys.split(" ").filter((one) => one !== "-").length).toBe(6);
    must(await rebuilt.replica.revoke(idOf(hq)));
    carry(rebuilt, till);
    await say(rebuilt, till);
    expect(stateAt(till, idOf(hq))).toBe("revoked");
    expect(till.parts.keys.epochOf("org")).toBe(rebuilt.parts.keys.epoch);
    expect(allEntries(rebuilt.replica).length).toBeGreaterThan(0);
  });
});
