import { describe, expect, test } from "vitest";
import { backOffMs } from "./back-off.ts";
import {
  deliverStep,
  releaseParked,
  requeueInflight,
  resumeDelivery,
  type DeliverPorts,
} from "./deliver.ts";
import { streamIdOf } from "./document.ts";
import type { OutboxStore } from "./outbox-store.ts";
import { createDeliverer, type WorldClock } from "./testing/delivery-world.ts";
import { plainReceipt } from "./testing/receipts.ts";
import {
  createScriptedAuthority,
  type Behaviour,
  type ScriptedAuthority,
} from "./testing/scripted-authority.ts";
import { sealAll } from "./testing/seal-all.ts";
import { tinyAuthority, type TinyDeliveryOptions } from "./testing/tiny-delivery.ts";
import { createTinyRegime, tinyConfig } from "./testing/tiny-regime.ts";

const config = tinyConfig();
const stream = streamIdOf(config);
const fromMs = Date.parse("2026-11-22T11:00:00Z");

interface SceneOptions extends TinyDeliveryOptions {
  readonly count?: number;
  readonly poison?: number;
  readonly script?: readonly Behaviour[];
}

async function scene({ count = 5, poison, script = [], ...options }: SceneOptions = {}) {
  const regime = createTinyRegime({ ...options, capabilities: { signer: "none" } });
  const receipts = Array.from({ length: count }, (_, at) =>
    plainReceipt(100, at + 1 === poison ? { reason: "POISON" } : {}),
  );
  const { documents } = await sealAll(regime, receipts, { config, fromMs, stepMs: 1000 });
  const clock: WorldClock = { nowMs: fromMs + 60_000 };
  const authority = createScriptedAuthority(tinyAuthority(options), { nowMs: () => clock.nowMs });
  authority.script(...script);
  const deliverer = createDeliverer({
    config,
    regime,
    transport: authority.transport,
    documents,
    clock,
  });
  return { ...deliverer, authority, clock, documents, regime };
}

function states({ store }: { store: { items: (s: string) => readonly { state: string }[] } }) {
  return store.items(stream).map(({ state }) => state);
}

function bodies(authority: ScriptedAuthority): readonly string[] {
  return authority.received().map(({ body }) => body);
}

const accepted = (count: number) => Array.from({ length: count }, () => "accepted");

describe("delivery", () => {
  test("[FDE2] a document is in flight on disk before its request leaves", async () => {
    const world = await scene();
    const seen: string[][] = [];
    const transport: DeliverPorts["transport"] = {
      send: (request) => {
        seen.push([...states(world)]);
        return world.ports.transport.send(request);
      },
    };
    await deliverStep({ ...world.ports, transport });
    expect(seen).toEqual([Array.from({ length: 5 }, () => "inflight")]);
    expect(states(world)).toEqual(accepted(5));
  });

  test("[FDE3] [FDE4] what is found in flight at start goes out again with the same bytes", async () => {
    const world = await scene();
    await expect(
      deliverStep({
        ...world.ports,
        store: { ...world.store, apply: applyOnce((change) => world.store.apply(change)) },
      }),
    ).rejects.toThrow("power cut");
    expect(states(world)).toContain("inflight");
    expect(await requeueInflight(world.store, stream)).toBe(5);
    expect(world.store.items(stream).every(({ mayBeDuplicate }) => mayBeDuplicate)).toBe(true);
    expect((await world.run({})).type).toBe("idle");
    const [first, second] = bodies(world.authority);
    expect(second).toBe(first);
    expect(states(world)).toEqual(accepted(5));
    expect(world.authority.books.accepted()).toHaveLength(5);
  });

  test("[FDE5] a reply that was dropped is settled by sending again: same hash, accepted", async () => {
    const world = await scene({ script: [{ type: "drop-reply" }] });
    await world.run({});
    expect(states(world)).toEqual(accepted(5));
    expect(world.authority.books.accepted()).toHaveLength(5);
    const [record] = world.store.records();
    expect(record).toMatchObject({
      type: "answered",
      verdicts: [{ verdict: { type: "duplicate" } }, {}, {}, {}, {}],
    });
  });

  test("[FDE5] another hash is a conflict that blocks nobody", async () => {
    const world = await scene({ script: [{ type: "other-hash", index: 1 }] });
    await world.run({});
    expect(states(world)).toEqual(["accepted", "conflict", ...accepted(3)]);
    expect(world.store.items(stream)[1]).toMatchObject({ code: "duplicate-other-hash" });
  });

  test("[FDE5] without a hash in the answer the record is looked up", async () => {
    const world = await scene({ tellsHash: false, script: [{ type: "drop-reply" }] });
    await world.run({});
    expect(states(world)).toEqual(accepted(5));
    const lookups = world.authority.received().filter(({ method }) => method === "GET");
    expect(lookups).toHaveLength(5);
  });

  test("[FDE5] a look-up that fails leaves the document queued", async () => {
    const failing: Behaviour = { type: "error", status: 503, isStored: false };
    const script = [{ type: "drop-reply" }, { type: "accept" }, failing] as const;
    const world = await scene({ count: 1, tellsHash: false, script });
    await world.run({ stepsMax: 3 });
    expect(states(world)).toEqual(["queued"]);
    await world.run({});
    expect(states(world)).toEqual(["accepted"]);
  });

  test("[FDE5] where nothing can be looked up, what we may have sent is ours and anything else is not", async () => {
    const blind = { tellsHash: false, hasLookup: false, count: 1 };
    const ours = await scene({ ...blind, script: [{ type: "drop-reply" }] });
    await ours.run({});
    expect(states(ours)).toEqual(["accepted"]);
    const theirs = await scene({ ...blind, script: [{ type: "other-hash", index: 0 }] });
    await theirs.run({});
    expect(states(theirs)).toEqual(["conflict"]);
  });

  test("[FDE6] a document that cannot be encoded is parked alone, and not called a network error", async () => {
    const world = await scene({ poison: 2 });
    const { steps } = await world.run({});
    expect(steps[0]).toEqual({ type: "parked", sequences: [2] });
    expect(states(world)).toEqual(["accepted", "parked", ...accepted(3)]);
    expect(world.store.items(stream)[1]).toMatchObject({
      code: "unencodable",
      detail: "B1-1-000002 cannot be written",
      attempts: 0,
    });
    expect(world.store.records()[0]).toMatchObject({ type: "parked", sequence: 2 });
  });

  test("[FDE7] a throttle holds after a restart", async () => {
    const world = await scene({ script: [{ type: "throttle", waitMs: 90_000 }] });
    await deliverStep(world.ports);
    const known = await world.store.delivery(stream);
    expect(known.throttle).toMatchObject({ notBeforeMs: world.clock.nowMs + 90_000 });
    world.clock.nowMs += 60_000;
    await requeueInflight(world.store, stream);
    const until = known.throttle.notBeforeMs;
    expect(await deliverStep(world.ports)).toEqual({ type: "waiting", untilMs: until });
    expect(world.authority.received()).toHaveLength(1);
    world.clock.nowMs = until;
    expect((await deliverStep(world.ports)).type).toBe("answered");
    expect(states(world)).toEqual(accepted(5));
  });

  test("[FDE20] waits of a clock that was years ahead are taken anew once it is right", async () => {
    const script: readonly Behaviour[] = [
      { type: "accept" },
      { type: "throttle", waitMs: 90_000 },
      { type: "down" },
    ];
    const world = await scene({ count: 12, script });
    const rightMs = world.clock.nowMs;
    world.clock.nowMs += 4 * 365 * 86_400_000;
    await world.run({ stepsMax: 5 });
    expect(new Set(states(world))).toEqual(new Set(["accepted", "queued"]));
    world.clock.nowMs = rightMs;
    expect((await world.run({})).type).toBe("idle");
    expect(states(world)).toEqual(accepted(12));
    const tookMs = world.clock.nowMs - rightMs;
    expect(tookMs).toBeGreaterThanOrEqual(90_000);
    expect(tookMs).toBeLessThan(3_600_000);
  });

  test("[FDE20] a document that waits longer than any back-off is due", async () => {
    const world = await scene({ count: 2 });
    for (const { document, item } of (await world.store.page(stream, { limit: 2, nowMs: 0 }))
      .waiting) {
      const farMs = world.clock.nowMs + 10 * 365 * 86_400_000;
      world.store.add(document, { ...item, notBeforeMs: farMs });
    }
    expect((await deliverStep(world.ports)).type).toBe("answered");
    expect(states(world)).toEqual(accepted(2));
  });

  test("[FDE8] waits grow to a bound and are drawn from all of it", () => {
    const policy = { baseMs: 2000, maxMs: 900_000 };
    expect([0, 1, 2, 20, 4000].map((failures) => backOffMs(failures, highest, policy))).toEqual([
      1999, 3999, 7999, 899_999, 899_999,
    ]);
    expect(backOffMs(9, lowest, policy)).toBe(0);
  });

  test("[FDE9] wrong credentials pause the stream until somebody resumes it", async () => {
    const world = await scene({ script: [{ type: "error", status: 401, isStored: false }] });
    expect((await world.run({})).type).toBe("paused");
    expect(await deliverStep(world.ports)).toMatchObject({ type: "paused", code: "401" });
    expect(states(world)).toEqual(Array.from({ length: 5 }, () => "queued"));
    await resumeDelivery(world.store, stream);
    expect((await world.run({})).type).toBe("idle");
    expect(states(world)).toEqual(accepted(5));
  });

  test("[FDE10] a rejected document blocks no other, and goes out again when it is released", async () => {
    const script: readonly Behaviour[] = [{ type: "reject-one", index: 2, code: "1104" }];
    const world = await scene({ count: 7, script });
    await world.run({});
    expect(states(world)).toEqual([...accepted(2), "rejected", ...accepted(4)]);
    expect(world.store.items(stream)[2]).toMatchObject({ code: "1104" });
    const release = { stream, sequence: 3, atMs: world.clock.nowMs };
    expect(await releaseParked(world.store, release)).toBe(true);
    expect(await releaseParked(world.store, { ...release, sequence: 1 })).toBe(false);
    expect(await releaseParked(world.store, { ...release, sequence: 99 })).toBe(false);
    await world.run({});
    expect(states(world)).toEqual(accepted(7));
  });

  test("[FDE11] however many wait, a page holds no more than the regime asks for", async () => {
    const world = await scene({ count: 60, pendingMax: 8, batchMax: 8 });
    await world.run({});
    expect(states(world)).toEqual(accepted(60));
    expect(world.store.pageMax()).toBe(8);
  });

  test("[FDE12] answers that cannot be read leave everything queued", async () => {
    const world = await scene({
      script: [
        { type: "garbage", isStored: true },
        { type: "garbage", isStored: false, body: "{}" },
        { type: "garbage", isStored: false, body: '{"results":[]}' },
        { type: "garbage", isStored: false, body: '{"results":7}' },
      ],
    });
    for (let step = 0; step < 4; step += 1) {
      const { notBeforeMs } = await world.store.delivery(stream);
      world.clock.nowMs = Math.max(world.clock.nowMs, notBeforeMs);
      await deliverStep(world.ports);
      expect(states(world)).toEqual(Array.from({ length: 5 }, () => "queued"));
    }
    await world.run({});
    expect(states(world)).toEqual(accepted(5));
  });

  test("[FDE12] a regime or a transport that throws loses nothing", async () => {
    const world = await scene();
    const delivery = { ...world.ports.delivery, interpret: broken };
    await deliverStep({ ...world.ports, delivery });
    expect(world.store.items(stream)[0]).toMatchObject({
      state: "queued",
      detail: "unreadable: a bug",
    });
    world.clock.nowMs += 3_600_000;
    const transport = { send: () => Promise.reject(new Error("socket")) };
    await deliverStep({ ...world.ports, transport });
    await world.run({});
    expect(states(world)).toEqual(accepted(5));
    expect(world.authority.books.accepted()).toHaveLength(5);
  });

  test("[FDE13] a document that makes the authority stumble is found out, and the others go without it", async () => {
    const world = await scene({ count: 20, batchMax: 10, pendingMax: 10 });
    const [, , , stumbling] = world.documents;
    const transport: DeliverPorts["transport"] = {
      send: (request) =>
        request.body.includes(JSON.stringify(stumbling?.text).slice(1, -1))
          ? Promise.resolve({ type: "answer", status: 500, headers: {}, body: "" })
          : world.authority.transport.send(request),
    };
    for (let step = 0; step < 60; step += 1) {
      const done = await deliverStep({ ...world.ports, transport });
      if (done.type === "waiting") world.clock.nowMs = done.untilMs;
    }
    expect(states(world)).toEqual([...accepted(3), "queued", ...accepted(16)]);
  });

  test("[FHO2] an authority that sees a fork takes one branch, and the other is told", async () => {
    const world = await scene({ count: 2 });
    await world.run({});
    const [first] = world.documents;
    const receipts = [plainReceipt(100), plainReceipt(900)];
    const options = { config, fromMs, stepMs: 2000 };
    const clone = await sealAll(world.regime, receipts, options);
    expect(clone.documents[0]).toEqual(first);
    const { clock, regime } = world;
    const { transport } = world.authority;
    const { documents } = clone;
    const other = createDeliverer({ config, regime, transport, documents, clock });
    await other.run({});
    expect(states(other)).toEqual(["accepted", "conflict"]);
    expect(world.authority.books.accepted()).toHaveLength(2);
  });

  test("[FDE17] the authority's clock is held against ours", async () => {
    const world = await scene();
    const ahead = createScriptedAuthority(tinyAuthority(), {
      nowMs: () => world.clock.nowMs + 61_000,
    });
    await deliverStep({ ...world.ports, transport: ahead.transport });
    expect((await world.store.delivery(stream)).skewMs).toBe(61_000);
  });
});

function broken(): never {
  throw new Error("a bug");
}

function highest(size: number): Uint8Array {
  return new Uint8Array(size).fill(255);
}

function lowest(size: number): Uint8Array {
  return new Uint8Array(size);
}

/** The first write is kept, the second is the power cut. */
function applyOnce(apply: OutboxStore["apply"]): OutboxStore["apply"] {
  let isFirst = true;
  return (change) => {
    if (!isFirst) throw new Error("power cut");
    isFirst = false;
    return apply(change);
  };
}
