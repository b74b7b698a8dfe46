import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { BusinessDate, EntryDraft, Sku, StaffId } from "@tillmesh/kernel";
import { nodeCrypto, systemClock } from "@tillmesh/kernel/node";
import { afterAll, describe, expect, test } from "vitest";
import { restoreDevice } from "./backup-device.ts";
import { defaultLimits } from "../replica/limits.ts";
import { createOrganisation, inviteDevice, joinOrganisation } from "./create-device.ts";
import { openReplica } from "./open-replica.ts";
import { makeKit, recoverOrganisation } from "./recover-organisation.ts";
import type { Replica } from "./replica.ts";

const root = mkdtempSync(join(tmpdir(), "tillmesh-replica-"));
const place = (name: string) => ({
  directory: join(root, name),
  clock: systemClock(),
  crypto: nodeCrypto(),
});
const names = {
  organisationName: "Corner Café",
  locationName: "Corner",
  deviceName: "Till 1",
  currency: "GBP",
  timeZone: "Europe/London",
};

afterAll(() => rmSync(root, { recursive: true, force: true }));

async function open(name: string): Promise<Replica> {
  const opened = await openReplica(place(name));
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  return opened.value;
}

function sale(replica: Replica, sku: string): EntryDraft {
  const { location } = replica;
  return {
    kind: "sale",
    businessDate: "2026-11-22" as BusinessDate,
    by: { staff: "staff_1" as StaffId },
    movements: [{ kind: "sale", location: location.id, sku: sku as Sku, quantityMilli: -1000 }],
    body: { sku },
  };
}

describe("openReplica (OR)", () => {
  test("[OR1] what was committed is there after a restart, and numbers go on", async () => {
    const made = await createOrganisation(place("a"), names);
    expect(made.ok).toBe(true);
    const first = await open("a");
    for (let n = 0; n < 10; n += 1) expect((await first.commit(sale(first, "C001"))).ok).toBe(true);
    expect(await first.verify()).toMatchObject({ differences: [] });
    const published = await first.publish("prices", [{ key: "k", value: 1 }]);
    expect(published.ok).toBe(true);
    const before = first.ledgers();
    await first.close();

    const second = await open("a");
    expect(second.ledgers()).toEqual(before);
    expect(second.publications("prices")).toHaveLength(1);
    const next = await second.commit(sale(second, "C001"));
    expect(next.ok && next.value.entry.sequence).toBe(12);
    await second.close();
  });

  test("[OR2] full parts are sealed to files, read back in order, and the log is trimmed", async () => {
    const replica = await open("a");
    for (let n = 0; n < 2_100; n += 1) await replica.commit(sale(replica, `S${n % 80}`));
    await replica.checkpoint();
    const { device } = replica;
    await replica.close();
    const again = await open("a");
    const sequences: number[] = [];
    for (let after = 0; ; after = sequences.at(-1) ?? 0) {
      const query = { device: device.id, incarnation: 1, after, limit: 500 };
      const entries = again.entries(query);
      if (entries.length === 0) break;
      sequences.push(...entries.map(({ entry }) => entry.sequence));
    }
    expect(sequences).toEqual(Array.from({ length: sequences.length }, (_, index) => index + 1));
    expect(sequences.length).toBeGreaterThan(2_110);
    await again.close();
  });

  test("[VE1] everything folds to what the documents say", async () => {
    const replica = await open("a");
    const report = await replica.verify();
    expect(report).toMatchObject({ ledgers: 1, missingParts: 0, differences: [] });
    expect(report.entries).toBe(replica.ledgers()[0]!.sequence);
    await replica.close();
  });

  test("[BK1] a backup comes back on a new disk as a new incarnation, with everything in it", async () => {
    const replica = await open("a");
    const pieces: Uint8Array[] = [];
    for await (const piece of replica.backup()) pieces.push(piece);
    const before = replica.ledgers();
    await replica.commit(sale(replica, "LATE"));
    await replica.close();
    const restored = await restoreDevice(place("restored"), Readable.from(pieces));
    expect(restored).toMatchObject({ ok: true, value: { device: { name: "Till 1" } } });
    const again = await open("restored");
    expect(again.incarnation).toBe(2);
    expect(again.ledgers()).toContainEqual(before[0]);
    expect((await again.commit(sale(again, "C001"))).ok).toBe(true);
    expect(await again.verify()).toMatchObject({ differences: [] });
    await again.close();
    const reopened = await open("restored");
    expect(reopened.incarnation).toBe(2);
    await reopened.close();
  });

  test("[BK2] a cut backup makes no device", async () => {
    const replica = await open("a");
    const pieces: Uint8Array[] = [];
    for await (const piece of replica.backup()) pieces.push(piece);
    await replica.close();
    const cut = await restoreDevice(place("cut"), Readable.from(pieces.slice(0, -1)));
    expect(cut.ok).toBe(false);
    expect((await openReplica(place("cut"))).ok).toBe(false);
  });

  test("[KI1] a recovery kit makes a new HQ of the same organisation", async () => {
    const passphrase = "seven green tills in a row";
    const kit = await makeKit(place("a"), passphrase);
    if (!kit.ok) throw new Error(JSON.stringify(kit.error));
    const where = { locationName: "Office", deviceName: "HQ", timeZone: "Europe/London" };
    const wrong = await recoverOrganisation(
      place("hq"),
      { text: kit.value, passphrase: "another passphrase" },
      where,
    );
    expect(wrong.ok).toBe(false);
    const made = await recoverOrganisation(place("hq"), { text: kit.value, passphrase }, where);
    expect(made.ok).toBe(true);
    const hq = await open("hq");
    expect((await hq.publish("prices", [{ key: "k", value: 2 }])).ok).toBe(true);
    await hq.close();
  });

  test("[KI2] a kit holds an app's own secrets, not in clear, and gives them back", async () => {
    const passphrase = "seven green tills in a row";
    const kit = await makeKit(place("a"), passphrase, { "app-0": "a secret of the app" });
    if (!kit.ok) throw new Error(JSON.stringify(kit.error));
    expect(kit.value).not.toContain("a secret");
    const where = { locationName: "Office", deviceName: "HQ", timeZone: "Europe/London" };
    const made = await recoverOrganisation(place("again"), { text: kit.value, passphrase }, where);
    expect(made).toMatchObject({ ok: true });
    expect(made.ok && made.value.sections).toEqual({ "app-0": "a secret of the app" });
  });

  test("[OR3] a second process is refused while the first is open", async () => {
    const replica = await open("a");
    const second = await openReplica(place("a"));
    expect(second).toMatchObject({ ok: false, error: { type: "Locked" } });
    await replica.close();
  });

  test("[DV1] an invitation makes a device of the organisation, once per directory", async () => {
    const replica = await open("a");
    const { location } = replica;
    const request = {
      name: "Till 2",
      roles: ["till"] as const,
      location,
      takenCodes: new Set<string>(),
    };
    const invited = await inviteDevice(place("a"), request);
    if (!invited.ok) throw new Error(JSON.stringify(invited.error));
    const joined = await joinOrganisation(place("b"), invited.value.text);
    expect(joined).toMatchObject({ ok: true, value: { device: { name: "Till 2" } } });
    const again = await joinOrganisation(place("b"), invited.value.text);
    expect(again).toMatchObject({ ok: false, error: { type: "IdentityExists" } });
    const second = await open("b");
    expect((await second.commit(sale(second, "C001"))).ok).toBe(true);
    const refused = await second.publish("prices", [{ key: "k", value: 1 }]);
    expect(refused).toMatchObject({ ok: false, error: { type: "NotHq" } });
    await second.close();
    await replica.close();
  });
});

describe("carries (CW)", () => {
  test("[CW1] a till writes down its totals, names them in its next part, and they equal the fold", async () => {
    const made = await createOrganisation(place("busy"), names);
    expect(made.ok).toBe(true);
    const limits = { ...defaultLimits, partEntriesMax: 20, carryAfterParts: 3 };
    const opened = await openReplica({ ...place("busy"), limits });
    if (!opened.ok) throw new Error(JSON.stringify(opened.error));
    const replica = opened.value;
    for (let n = 0; n < 150; n += 1) {
      await replica.commit(sale(replica, `S${n % 7}`));
      // Upkeep takes turns of its own.
      if (n % 10 === 9) await replica.checkpoint();
    }
    const query = { device: replica.device.id, incarnation: 1, after: 0, limit: 1_000 };
    const carried: (number | undefined)[] = [];
    for (let after = 0; ;) {
      const entries = replica.entries({ ...query, after });
      if (entries.length === 0) break;
      const [first] = entries;
      const body = first?.entry.body as { carry?: { throughSequence: number } } | undefined;
      carried.push(body?.carry?.throughSequence);
      after = entries.at(-1)!.entry.sequence;
    }
    expect(carried).toEqual([undefined, undefined, undefined, undefined, 60, 60, 60, 120]);
    expect(await replica.verify()).toMatchObject({ differences: [] });
    await replica.close();
  });
});
