/** Devices come, are cut off and are replaced, with nothing but a relay between them. */

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  inviteDevice,
  joinOrganisation,
  makeKit,
  recoverOrganisation,
} from "@tillmesh/sync-engine/node";
import {
  heldOf,
  must,
  names,
  openChain,
  sell,
  until,
  type Chain,
  type OpenDevice,
} from "./chain.ts";

let chain: Chain;

beforeEach(async () => {
  chain = await openChain();
});

afterEach(async () => {
  await chain.close();
});

function own({ replica }: OpenDevice): number {
  return heldOf(replica, replica.device.id);
}

async function untilHeld(by: OpenDevice, of: OpenDevice): Promise<void> {
  await until(
    `${by.name} has what ${of.name} sold`,
    () => heldOf(by.replica, of.replica.device.id) === own(of),
    30_000,
  );
}

describe("members over a relay (MR)", { timeout: 90_000 }, () => {
  test("[MR1] a revoked till is cut off at the relay and by the keys, goes on selling and says why; what it made before stays", async () => {
    const hq = await chain.open("hq");
    const b = await chain.open("b");
    const d = await chain.open("d");
    for (const one of [b, d]) await sell(one, 4);
    for (const one of [b, d]) await untilHeld(hq, one);
    const before = own(b);
    must(await hq.replica.revoke(b.replica.device.id, "stolen"));
    await until("b is told", () => b.replica.status().relay?.state === "revoked");
    expect(b.replica.status().relay?.lastError).toMatchObject({ code: "revoked" });
    await until("b says so", () => b.replica.status().revoked !== undefined);
    await sell(b, 3);
    await sell(d, 3);
    await untilHeld(hq, d);
    expect(heldOf(hq.replica, b.replica.device.id)).toBe(before);
    // Another start helps nobody.
    await b.close();
    const again = await chain.open("b");
    await until("still", () => again.replica.status().relay?.state === "revoked");
    expect(heldOf(hq.replica, again.replica.device.id)).toBe(before);
    // Also a relay that has lost its disk hears of it again.
    expect(d.replica.devices().find(({ id }) => id === again.replica.device.id)?.state).toBe(
      "revoked",
    );
  });

  test("[MR2] a till comes by one line of text: it asks over the relay, HQ lets it in, and it has its shop's keys", async () => {
    const hq = await chain.open("hq");
    const b = await chain.open("b");
    await sell(b, 3);
    const invited = must(
      await inviteDevice(chain.place("hq"), {
        name: "Counter Zircon",
        roles: ["till"],
        location: b.replica.location,
        takenCodes: new Set(),
        form: "text",
      }),
    );
    must(await joinOrganisation(chain.place("e"), invited.text));
    const e = await chain.open("e");
    await sell(e, 2);
    const { id } = e.replica.device;
    await until(
      "it asks",
      () => hq.replica.devices().some((one) => one.id === id && one.state === "pending"),
      30_000,
    );
    must(await hq.replica.approve(id));
    await untilHeld(hq, e);
    await untilHeld(e, b);
    await untilHeld(b, e);
  });

  test("[MR3] HQ is rebuilt from its kit and the relay", async () => {
    const hq = await chain.open("hq");
    const b = await chain.open("b");
    const c = await chain.open("c");
    must(
      await hq.replica.publish("prices", [{ key: "standard/C001/-", value: { priceMinor: 350 } }]),
    );
    for (const one of [hq, b, c]) await sell(one, 5);
    for (const one of [b, c]) await untilHeld(hq, one);
    await until("prices arrive", () =>
      [b, c].every(({ replica }) => replica.publications("prices").length === 1),
    );
    const ofHq = own(hq);
    const { id } = hq.replica.device;
    await until(
      "the relay has HQ's own",
      () => hq.replica.status().horizon.relay === hq.replica.status().horizon.entries,
    );
    await hq.close();
    const passphrase = "a long enough passphrase";
    const text = must(await makeKit(chain.place("hq"), passphrase));
    const placed = {
      locationName: names.shop,
      deviceName: "New office",
      timeZone: "Europe/London",
    };
    must(await recoverOrganisation(chain.place("hq2"), { text, passphrase }, placed));
    const again = await chain.open("hq2");
    for (const one of [b, c]) await sell(one, 1);
    await untilHeld(again, b);
    await untilHeld(again, c);
    await until("the old HQ's sales", () => heldOf(again.replica, id) === ofHq, 30_000);
    await until("and prices", () => again.replica.publications("prices").length === 1);
    must(
      await again.replica.publish("prices", [
        { key: "standard/C002/-", value: { priceMinor: 410 } },
      ]),
    );
    await until("tills take the new HQ's word", () =>
      [b, c].every(({ replica }) => replica.publications("prices").length === 2),
    );
  });
});
