import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { testRandom } from "@tillmesh/kernel/testing";
import { streamIdOf, type SealedDocument } from "./document.ts";
import { createHttpTransport } from "./node/index.ts";
import { unknownOutboxItem } from "./outbox.ts";
import { outboxItemAfterRecord } from "./outbox-record.ts";
import type { Transport } from "./ports.ts";
import { serveAuthority } from "./testing/authority-server.ts";
import { createDeliverer, type Deliverer, type WorldClock } from "./testing/delivery-world.ts";
import { plainReceipt } from "./testing/receipts.ts";
import {
  createScriptedAuthority,
  type Behaviour,
  type ScriptedAuthority,
} from "./testing/scripted-authority.ts";
import { sealAll } from "./testing/seal-all.ts";
import { tinyAuthority, type TinyDeliveryOptions } from "./testing/tiny-delivery.ts";
import { createTinyRegime, tinyConfig } from "./testing/tiny-regime.ts";

const fromMs = Date.parse("2026-11-22T11:00:00Z");
const count = 12;

/** What an authority may do without refusing a document for good. */
const passing: fc.Arbitrary<Behaviour> = fc.oneof(
  fc.constantFrom<Behaviour>(
    { type: "accept" },
    { type: "drop-reply" },
    { type: "late", delayMs: 60_000 },
    { type: "twice" },
    { type: "down" },
    { type: "garbage", isStored: true },
    { type: "garbage", isStored: false },
    { type: "error", status: 500, isStored: true },
    { type: "error", status: 503, isStored: false },
  ),
  fc
    .integer({ min: 1000, max: 600_000 })
    .map((waitMs): Behaviour => ({ type: "throttle", waitMs })),
);
const wire = fc.record({
  batchMax: fc.integer({ min: 1, max: 6 }),
  tellsHash: fc.boolean(),
  lateAfterMs: fc.constantFrom(1000, 86_400_000),
});
const scripts = fc.array(passing, { maxLength: 12 });

interface World {
  readonly authority: ScriptedAuthority;
  readonly clock: WorldClock;
  readonly documents: readonly SealedDocument[];
  readonly stream: string;
  deliverer(transport?: Transport, seed?: number): Deliverer;
}

async function world(options: TinyDeliveryOptions, till = "B1", size = count): Promise<World> {
  const regime = createTinyRegime({ ...options, capabilities: { signer: "none" } });
  const config = tinyConfig({ till, series: `${till}-1` });
  const receipts = Array.from({ length: size }, (_, at) => plainReceipt(100 + at));
  const { documents } = await sealAll(regime, receipts, { config, fromMs, stepMs: 1000 });
  const clock: WorldClock = { nowMs: fromMs + 60_000 };
  const authority = createScriptedAuthority(tinyAuthority(options), { nowMs: () => clock.nowMs });
  const { transport: own } = authority;
  return {
    authority,
    clock,
    documents,
    stream: streamIdOf(config),
    deliverer: (transport = own, seed = 7) =>
      createDeliverer({ config, regime, transport, documents, clock, random: testRandom(seed) }),
  };
}

/** One accepted record for each, with its text's hash, in the order of the stream unless one stepped aside; no fork seen. */
function expectAllOnce({ authority, documents }: World, { store }: Deliverer): void {
  const { books } = authority;
  const stored = books.accepted().map(({ hash }) => hash);
  const hashes = documents.map(({ hash }) => hash);
  const isInOrder = documents.every(({ stream }) =>
    store.items(stream).every(({ attempts }) => attempts < 5),
  );
  expect(isInOrder ? stored : stored.toSorted()).toEqual(isInOrder ? hashes : hashes.toSorted());
  expect(books.forks()).toEqual([]);
}

/** The texts of documents never change from one request to the next. */
function expectSameBytes({ authority, documents }: World): void {
  const texts = new Set(documents.map(({ text }) => text));
  for (const { body, method } of authority.received()) {
    if (method === "GET") continue;
    const sent = JSON.parse(body) as { readonly texts: readonly string[] };
    expect(sent.texts.every((text) => texts.has(text))).toBe(true);
  }
}

function statesOf({ store }: Deliverer, stream: string): readonly string[] {
  return [...new Set(store.items(stream).map(({ state }) => state))];
}

describe("whatever the authority does to requests and answers", () => {
  test("[FDE14] each document is accepted once, in order, none lost, wherever the power goes", async () => {
    await fc.assert(
      fc.asyncProperty(
        wire,
        scripts,
        fc.integer({ min: 1, max: 40 }),
        async (options, script, cut) => {
          const scene = await world(options);
          scene.authority.script(...script);
          const deliverer = scene.deliverer();
          const { type } = await deliverer.run({ cutBeforeWrite: cut });
          expect(type).toBe("idle");
          expect(statesOf(deliverer, scene.stream)).toEqual(["accepted"]);
          expectAllOnce(scene, deliverer);
          expectSameBytes(scene);
        },
      ),
      { numRuns: 150 },
    );
  });

  test("[FDE14] a power cut before each single write of a delivery with troubles loses nothing", async () => {
    const script: readonly Behaviour[] = [
      { type: "drop-reply" },
      { type: "throttle", waitMs: 5000 },
      { type: "error", status: 500, isStored: true },
      { type: "twice" },
    ];
    const whole = await world({ batchMax: 4 });
    whole.authority.script(...script);
    const { writes } = await whole.deliverer().run({});
    expect(writes).toBeGreaterThan(8);
    for (let cut = 1; cut <= writes; cut += 1) {
      const scene = await world({ batchMax: 4 });
      scene.authority.script(...script);
      const deliverer = scene.deliverer();
      await deliverer.run({ cutBeforeWrite: cut });
      expect(statesOf(deliverer, scene.stream)).toEqual(["accepted"]);
      expectAllOnce(scene, deliverer);
    }
  });

  test("[FDE14] [FDE10] those that are refused for good hold up no other", async () => {
    const refusing: fc.Arbitrary<Behaviour> = fc.oneof(
      passing,
      fc.nat(9).map((index): Behaviour => ({ type: "reject-one", index })),
      fc.nat(9).map((index): Behaviour => ({ type: "other-hash", index })),
    );
    await fc.assert(
      fc.asyncProperty(wire, fc.array(refusing, { maxLength: 8 }), async (options, script) => {
        const scene = await world(options);
        scene.authority.script(...script);
        const deliverer = scene.deliverer();
        expect((await deliverer.run({})).type).toBe("idle");
        const items = deliverer.store.items(scene.stream);
        const { books } = scene.authority;
        const stored = new Set(books.accepted().map(({ hash }) => hash));
        for (const [at, { state }] of items.entries()) {
          const isStored = stored.has(scene.documents[at]?.hash ?? "");
          expect(["accepted", "rejected", "conflict"]).toContain(state);
          if (state === "accepted") expect(isStored).toBe(true);
          if (state === "rejected") expect(isStored).toBe(false);
        }
        expect(books.forks()).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  test("[FDE14] three days down cost nothing but time", async () => {
    const scene = await world({ batchMax: 5 });
    scene.authority.always({ type: "down" });
    const deliverer = scene.deliverer();
    const upAtMs = scene.clock.nowMs + 3 * 86_400_000;
    let requests = 0;
    while (scene.clock.nowMs < upAtMs) {
      requests += (await deliverer.run({ stepsMax: 10 })).steps.length;
    }
    expect(requests).toBeLessThan(3 * 24 * 60);
    scene.authority.always(undefined);
    await deliverer.run({});
    expectAllOnce(scene, deliverer);
  });

  test("[FDE14] over real sockets too", async () => {
    const scene = await world({ batchMax: 4, tellsHash: false });
    const server = await serveAuthority(scene.authority, { nowMs: () => scene.clock.nowMs });
    scene.authority.script(
      { type: "drop-reply" },
      { type: "down" },
      { type: "late", delayMs: 5000 },
      { type: "garbage", isStored: true },
      { type: "error", status: 500, isStored: true },
      { type: "throttle", waitMs: 30_000 },
      { type: "twice" },
    );
    const { baseUrl } = server;
    const transport = createHttpTransport({ baseUrl, timeoutMs: 150, maxBytes: 100_000 });
    const deliverer = scene.deliverer(transport);
    const { type } = await deliverer.run({ cutBeforeWrite: 3 });
    await server.close();
    expect(type).toBe("idle");
    expect(statesOf(deliverer, scene.stream)).toEqual(["accepted"]);
    expectAllOnce(scene, deliverer);
  });

  test("[FDE11] a backlog of 10,000 goes out a page at a time", async () => {
    const scene = await world({ batchMax: 500, pendingMax: 500 }, "B1", 1);
    const [first] = scene.documents;
    const many = Array.from(
      { length: 10_000 },
      (_, at) => ({ ...first, sequence: at + 1 }) as SealedDocument,
    );
    const config = tinyConfig();
    const regime = createTinyRegime({
      batchMax: 500,
      pendingMax: 500,
      capabilities: { signer: "none" },
    });
    const deliverer = createDeliverer({
      config,
      regime,
      transport: { send: ({ body }) => Promise.resolve(allAccepted(body)) },
      documents: many,
      clock: scene.clock,
    });
    const { steps } = await deliverer.run({});
    expect(steps).toHaveLength(21);
    expect(deliverer.store.pageMax()).toBe(500);
    expect(statesOf(deliverer, streamIdOf(config))).toEqual(["accepted"]);
  });
});

describe("[FHO9] two devices deliver the same documents apart", () => {
  test("and the authority has each once, whoever's answers are lost", async () => {
    const turns = fc.array(fc.record({ who: fc.boolean(), behaviour: passing }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(wire, turns, async (options, script) => {
        const scene = await world(options);
        const devices = [scene.deliverer(undefined, 1), scene.deliverer(undefined, 2)] as const;
        for (const { behaviour, who } of script) {
          scene.authority.script(behaviour);
          await devices[who ? 1 : 0].run({ stepsMax: 2 });
        }
        for (const device of devices) {
          expect((await device.run({})).type).toBe("idle");
          expect(statesOf(device, scene.stream)).toEqual(["accepted"]);
        }
        expect(scene.authority.books.accepted()).toHaveLength(count);
        expect(scene.authority.books.forks()).toEqual([]);
        expectSameBytes(scene);
      }),
      { numRuns: 60 },
    );
  });
});

describe("[FHO9] [FDE18] another device takes over for a till that died", () => {
  test("with what the ledger tells and nothing else, also from an authority that tells no hash", async () => {
    const cuts = fc.integer({ min: 1, max: 12 });
    await fc.assert(
      fc.asyncProperty(scripts, cuts, fc.boolean(), async (script, stepsMax, isBlind) => {
        const scene = await world({ batchMax: 3, tellsHash: !isBlind, hasLookup: !isBlind });
        // Who tells no hash cannot tell a request that a proxy repeated from somebody else's: that one is a conflict.
        scene.authority.script(...script.filter(({ type }) => !isBlind || type !== "twice"));
        const dead = scene.deliverer();
        await dead.run({ stepsMax });
        const heir = scene.deliverer(undefined, 9);
        for (const document of scene.documents) {
          const unknown = unknownOutboxItem(document);
          const known = dead.store
            .records()
            .reduce((item, record) => outboxItemAfterRecord(item, record, document), unknown);
          heir.store.add(document, known);
        }
        expect((await heir.run({})).type).toBe("idle");
        expect(statesOf(heir, scene.stream)).toEqual(["accepted"]);
        expect(scene.authority.books.accepted()).toHaveLength(count);
        expect(scene.authority.books.forks()).toEqual([]);
        expectSameBytes(scene);
      }),
      { numRuns: 60 },
    );
  });
});

function allAccepted(body: string) {
  const { texts } = JSON.parse(body) as { readonly texts: readonly string[] };
  const results = texts.map(() => ({ status: "accepted" }));
  return { type: "answer", status: 200, headers: {}, body: JSON.stringify({ results }) } as const;
}
