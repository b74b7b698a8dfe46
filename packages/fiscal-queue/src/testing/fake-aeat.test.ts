import { afterEach, describe, expect, test } from "vitest";
import { deliverStep, requeueInflight, type DeliveryStep } from "../deliver.ts";
import { streamIdOf, type SealedDocument } from "../document.ts";
import { createHttpTransport } from "../node/index.ts";
import { initialDelivery } from "../outbox-store.ts";
import { veriFactuDelivery } from "../regimes/es-verifactu/delivery.ts";
import { cancellationOf, correctionOf } from "../regimes/es-verifactu/corrections.ts";
import { fiscalTimeAt } from "../time.ts";
import { serveAuthority, type AuthorityServer } from "./authority-server.ts";
import { isConformanceAbsent } from "./conformance.ts";
import { aeatShop, sealInSpain, spanishReceipt } from "./fake-aeat-shop.ts";
import { schemaFaults, validOnes } from "./fake-aeat-schema.ts";
import { createFakeAeat, type FakeAeat } from "./fake-aeat.ts";
import { createMemoryOutbox, type MemoryOutbox } from "./memory-outbox.ts";
import type { Behaviour } from "./scripted-authority.ts";

const config = aeatShop;
const stream = streamIdOf(config);
const openedMs = 1_795_341_600_000;
const sale = spanishReceipt("sale", { 21: 1210 });
const refund = spanishReceipt(
  "refund",
  { 21: -1210 },
  {
    refersTo: { number: "B1-1-000001", issuedOn: "2026-11-22" },
  },
);

const servers: AuthorityServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** A shop, its outbox and the authority behind a socket; the clock moves only when it waits. */
interface Scene {
  readonly aeat: FakeAeat;
  readonly outbox: MemoryOutbox;
  readonly clock: { nowMs: number };
  readonly line: { isUp: boolean };
  step(): Promise<DeliveryStep>;
  /** Until nothing is queued; the clock jumps to whatever is waited for. */
  settle(stepsMax?: number): Promise<void>;
}

async function scene(documents: readonly SealedDocument[], startMs?: number): Promise<Scene> {
  const clock = { nowMs: startMs ?? (documents.at(-1)?.at.epochMs ?? openedMs) + 1000 };
  const aeat = createFakeAeat({ nowMs: () => clock.nowMs });
  const server = await serveAuthority(aeat.authority, { nowMs: () => clock.nowMs });
  servers.push(server);
  const outbox = createMemoryOutbox({
    initial: initialDelivery(veriFactuDelivery.initialThrottle),
  });
  for (const document of documents) outbox.add(document);
  const transport = createHttpTransport({
    baseUrl: server.baseUrl,
    timeoutMs: 60_000,
    maxBytes: 8_000_000,
  });
  const unplugged = createHttpTransport({
    baseUrl: await deadAddress(),
    timeoutMs: 60_000,
    maxBytes: 1000,
  });
  const line = { isUp: true };
  const step = (): Promise<DeliveryStep> =>
    deliverStep({
      config,
      delivery: veriFactuDelivery,
      store: outbox,
      transport: line.isUp ? transport : unplugged,
      now: () => fiscalTimeAt(clock.nowMs, config.timeZone),
      random: (size) => new Uint8Array(size).fill(255),
    });
  const settle = async (stepsMax = 200): Promise<void> => {
    for (let count = 0; count < stepsMax; count += 1) {
      const done = await step();
      if (done.type === "idle" || done.type === "paused") return;
      if (done.type === "waiting") clock.nowMs = Math.max(clock.nowMs + 1, done.untilMs);
    }
    throw new Error("delivery does not end");
  };
  return { aeat, outbox, clock, line, step, settle };
}

/** Where a server was: connections are refused. */
async function deadAddress(): Promise<string> {
  const server = await serveAuthority(createFakeAeat({ nowMs: () => 0 }).authority);
  await server.close();
  return server.baseUrl;
}

function expectOnceInOrder({ aeat, outbox }: Scene, documents: readonly SealedDocument[]): void {
  expect(aeat.accepted().map(({ hash }) => hash)).toEqual(documents.map(({ hash }) => hash));
  expect(outbox.items(stream).map(({ state }) => state)).toEqual(documents.map(() => "accepted"));
  expect(aeat.authority.books.forks()).toEqual([]);
}

const sealSome = (count: number, stepMs = 1000) =>
  sealInSpain(
    Array.from({ length: count }, (_, index) => (index % 5 === 4 ? refund : sale)),
    { stepMs },
  );

describe("exactly one accepted record for each document, in order", () => {
  const scripts: readonly [string, readonly Behaviour[]][] = [
    ["nothing wrong", []],
    ["a reply that is dropped", [{ type: "drop-reply" }]],
    ["two replies dropped", [{ type: "drop-reply" }, { type: "drop-reply" }]],
    ["a request that arrives twice", [{ type: "twice" }]],
    ["not so fast", [{ type: "throttle", waitMs: 120_000 }]],
    ["garbage before it is stored", [{ type: "garbage", isStored: false }]],
    ["garbage after it is stored", [{ type: "garbage", isStored: true }]],
    ["500 after it is stored", [{ type: "error", status: 500, isStored: true }]],
    ["503 before it is stored", [{ type: "error", status: 503, isStored: false }]],
    ["a line that is down", [{ type: "down" }, { type: "down" }, { type: "down" }]],
    [
      "a dropped reply, then a look-up that fails",
      [{ type: "drop-reply" }, { type: "accept" }, { type: "error", status: 500, isStored: false }],
    ],
  ];

  test.each(scripts)("[RES20] %s", async (_, script) => {
    const { documents } = await sealSome(7);
    const shop = await scene(documents);
    shop.aeat.authority.script(...script);
    await shop.settle();
    expectOnceInOrder(shop, documents);
    const twice = script.filter(({ type }) => type === "twice").length;
    expect(shop.aeat.earlyCount()).toBe(twice);
  });

  test("[RES20] three days without a line: everything arrives, told as held up", async () => {
    const { documents } = await sealInSpain([sale, refund, sale], { stepMs: 40_000_000 });
    const shop = await scene(documents, openedMs + 1000);
    shop.line.isUp = false;
    while (shop.clock.nowMs < openedMs + 3 * 86_400_000) {
      const done = await shop.step();
      shop.clock.nowMs = done.type === "waiting" ? done.untilMs : shop.clock.nowMs + 1;
    }
    shop.line.isUp = true;
    await shop.settle();
    expectOnceInOrder(shop, documents);
    const last = shop.aeat.authority.received().at(-1);
    expect(last?.body).toContain("<sf:Incidencia>S</sf:Incidencia>");
    expect(shop.aeat.earlyCount()).toBe(0);
    expect(shop.aeat.accepted().map(({ warning }) => warning)).toEqual(["", "", ""]);
  });

  test("[RES20] three days of connections that are cut: everything arrives once", async () => {
    const { documents } = await sealSome(4);
    const shop = await scene(documents);
    shop.aeat.authority.always({ type: "down" });
    while (shop.clock.nowMs < openedMs + 3 * 86_400_000) {
      const done = await shop.step();
      shop.clock.nowMs = done.type === "waiting" ? done.untilMs : shop.clock.nowMs + 1;
    }
    shop.aeat.authority.always(undefined);
    await shop.settle();
    const hashes = documents.map(({ hash }) => hash);
    expect(
      shop.aeat
        .accepted()
        .map(({ hash }) => hash)
        .toSorted(),
    ).toEqual(hashes.toSorted());
    expect(shop.outbox.items(stream).map(({ state }) => state)).toEqual(
      hashes.map(() => "accepted"),
    );
  });

  test("[RES20] a process that ends with a request in flight", async () => {
    const { documents } = await sealSome(3);
    const shop = await scene(documents);
    const { outbox } = shop;
    const apply = outbox.apply.bind(outbox);
    let isCut = true;
    Object.assign(outbox, {
      apply: async (change: Parameters<typeof apply>[0]) => {
        if (isCut && change.record !== undefined) throw new Error("power cut");
        await apply(change);
      },
    });
    await expect(shop.step()).rejects.toThrow("power cut");
    isCut = false;
    expect(await requeueInflight(outbox, stream)).toBe(3);
    expect(await shop.step()).toMatchObject({ type: "waiting" });
    await shop.settle();
    expectOnceInOrder(shop, documents);
    expect(shop.aeat.earlyCount()).toBe(0);
  });
});

describe("rhythm", () => {
  test("[RES11] the wait that the authority asks for is kept, whatever comes in meanwhile", async () => {
    const { documents, head } = await sealSome(2);
    const shop = await scene(documents);
    shop.aeat.setWait(200);
    await shop.settle();
    const sentMs = shop.clock.nowMs;
    const more = await sealInSpain([sale, sale], { head, fromMs: sentMs + 1000, stepMs: 1000 });
    for (const document of more.documents) shop.outbox.add(document);
    shop.clock.nowMs = sentMs + 3000;
    expect(await shop.step()).toEqual({ type: "waiting", untilMs: sentMs + 200_000 });
    await shop.settle();
    expect(shop.aeat.earlyCount()).toBe(0);
    expect(shop.aeat.accepted()).toHaveLength(4);
  });

  test("[RES11] a backlog of 2100 goes in batches of 1000, the full ones without a wait", async () => {
    const { documents } = await sealSome(2100, 1);
    const shop = await scene(documents);
    const startMs = shop.clock.nowMs;
    await shop.step();
    await shop.step();
    expect(shop.clock.nowMs).toBe(startMs);
    expect(shop.aeat.accepted()).toHaveLength(2000);
    expect((await shop.step()).type).toBe("waiting");
    await shop.settle();
    expectOnceInOrder(shop, documents);
    expect(shop.aeat.earlyCount()).toBe(0);
    expect(shop.outbox.pageMax()).toBeLessThanOrEqual(1000);
  }, 120_000);

  test("[RES12] late records and those in time go apart", async () => {
    const early = await sealSome(2);
    const later = await sealInSpain([sale], { head: early.head, fromMs: openedMs + 300_000 });
    const documents = [...early.documents, ...later.documents];
    const shop = await scene(documents, openedMs + 301_000);
    await shop.settle();
    expectOnceInOrder(shop, documents);
    const flags = shop.aeat.authority
      .received()
      .map(({ body }) => /Incidencia>(.)</.exec(body)?.[1]);
    expect(flags).toEqual(["S", "N"]);
    expect(shop.aeat.accepted().map(({ warning }) => warning)).toEqual(["", "", ""]);
  });
});

describe("refusals", () => {
  test("[RES13] one of a batch refused: the others are accepted, and its correction after it", async () => {
    const { documents, head } = await sealSome(4);
    const shop = await scene(documents);
    shop.aeat.authority.script({ type: "reject-one", index: 1, code: "1100" });
    await shop.settle();
    const states = () => shop.outbox.items(stream).map(({ state }) => state);
    expect(states()).toEqual(["accepted", "rejected", "accepted", "accepted"]);
    const verdict = { type: "rejected-fixable", code: "1100", detail: "" } as const;
    const request = correctionOf({ document: documents[1]!, verdict, fix: sale });
    const fixed = await sealInSpain([request!], { head, fromMs: shop.clock.nowMs });
    for (const document of fixed.documents) shop.outbox.add(document);
    await shop.settle();
    expect(states()).toEqual(["accepted", "rejected", "accepted", "accepted", "accepted"]);
    expect(shop.aeat.accepted().at(-1)).toMatchObject({ subsanacion: "S", rechazoPrevio: "X" });
    expect(shop.aeat.accepted().at(-1)?.hash).toBe(fixed.documents[0]!.hash);
  });

  test("[RES10] a correction of what is stored, and a cancellation, wait for what they follow", async () => {
    const first = await sealSome(2);
    const flagged = {
      type: "accepted-warn",
      code: "2000",
      detail: "",
      asksCorrection: true,
    } as const;
    const [one, two] = first.documents;
    const run = await sealInSpain(
      [correctionOf({ document: one!, verdict: flagged, fix: sale })!, cancellationOf(two!)!],
      { head: first.head, fromMs: openedMs + 5000 },
    );
    const documents = [...first.documents, ...run.documents];
    const shop = await scene(documents);
    shop.aeat.authority.script({ type: "drop-reply" }, { type: "accept" });
    await shop.settle();
    expectOnceInOrder(shop, documents);
  });

  test("[RES14] a cloned till: another record under the same number is an alarm, not a success", async () => {
    const { documents } = await sealSome(1);
    const clone = await sealInSpain([spanishReceipt("sale", { 21: 2420 })]);
    const shop = await scene(documents);
    const { body, headers, method, path } = veriFactuDelivery.encode(
      { documents: clone.documents, isLate: true },
      config,
    );
    await shop.aeat.authority.transport.send({ body, headers, method, path });
    await shop.settle();
    expect(shop.outbox.items(stream).map(({ state }) => state)).toEqual(["conflict"]);
    expect(shop.aeat.accepted().map(({ hash }) => hash)).toEqual([clone.documents[0]!.hash]);
  });

  test("[RES20] two records that follow the same one: the second is refused, and the fork is known", async () => {
    const base = await sealSome(1);
    const branch = (gross: number, series: string) =>
      sealInSpain([spanishReceipt("sale", { 21: gross })], {
        config: { ...config, series },
        head: base.head,
        fromMs: openedMs + 2000,
      });
    const left = await branch(1000, "B1-1");
    const right = await sealInSpain([spanishReceipt("sale", { 21: 2000 }), sale], {
      head: base.head,
      fromMs: openedMs + 2000,
    });
    const shop = await scene([...base.documents, ...left.documents]);
    await shop.settle();
    const fork = {
      ...right.documents[0]!,
      text: right.documents[0]!.text.replaceAll("B1-1-000002", "B9-000002"),
    };
    await shop.aeat.authority.transport.send(
      veriFactuDelivery.encode({ documents: [fork], isLate: true }, config),
    );
    expect(shop.aeat.authority.books.forks()).toEqual([
      { hash: fork.hash, rival: left.documents[0]!.hash },
    ]);
  });

  test("[RES13] a record that is not of the taxpayer in the header stops the delivery", async () => {
    const { documents } = await sealSome(2);
    const foreign = {
      ...documents[1]!,
      text: documents[1]!.text.replace("IDEmisorFactura>89890001K", "IDEmisorFactura>89890009K"),
    };
    const shop = await scene([documents[0]!, foreign]);
    await shop.settle();
    expect(await shop.step()).toMatchObject({ type: "paused", code: "4104" });
    expect(shop.aeat.accepted()).toEqual([]);
  });

  test("[RES13] a hash that is wrong is accepted with errors, and asks for a correction, also where that is told only once more", async () => {
    const { documents } = await sealSome(1);
    const wrong = {
      ...documents[0]!,
      text: documents[0]!.text.replace("CuotaTotal>2.10<", "CuotaTotal>2.11<"),
    };
    for (const script of [[], [{ type: "drop-reply" } as const]]) {
      const shop = await scene([wrong]);
      shop.aeat.authority.script(...script);
      await shop.settle();
      expect(shop.outbox.items(stream)).toMatchObject([
        { state: "flagged", code: "2000", asksCorrection: true },
      ]);
    }
  });
});

describe.skipIf(isConformanceAbsent("answers of the fake authority of Spain", 2))(
  "the fake's answers",
  () => {
    const nowMs = openedMs + 10_000;

    async function answers(): Promise<readonly string[]> {
      const { documents } = await sealSome(4);
      const { authority } = createFakeAeat({ nowMs: () => nowMs });
      const send = async (list: readonly SealedDocument[]): Promise<string> => {
        const request = veriFactuDelivery.encode({ documents: list, isLate: false }, config);
        const answer = await authority.transport.send(request);
        return answer.type === "answer" ? answer.body : "";
      };
      authority.script({ type: "reject-one", index: 0 });
      const [, second, third] = documents;
      const bodies = [
        await send(documents.slice(0, 2)),
        await send([second!, third!]),
        await send([second!]),
      ];
      for (const document of documents.slice(2)) {
        const answer = await authority.transport.send(veriFactuDelivery.lookup!(document, config));
        bodies.push(answer.type === "answer" ? answer.body : "");
      }
      return bodies;
    }

    test("[RES20] to submissions, duplicates and look-ups are valid by the authority's schemas", async () => {
      const bodies = await answers();
      expect(bodies.join("")).toContain("RegistroDuplicado");
      expect(bodies.join("")).toContain("SinDatos");
      expect(await schemaFaults(...bodies)).toEqual([]);
    });

    test("[RES20] with another state they are not", async () => {
      const twins = (await answers()).map((body) =>
        body.replace(/(EstadoEnvio|ResultadoConsulta)>\w+</, "$1>Quizás<"),
      );
      expect(await validOnes(twins)).toEqual([]);
    });
  },
);
