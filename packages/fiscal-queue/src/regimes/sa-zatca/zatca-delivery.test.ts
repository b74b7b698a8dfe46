import { assert, describe, expect, test } from "vitest";
import { deliverStep, requeueInflight, type DeliverPorts } from "../../deliver.ts";
import type { Verdict } from "../../delivery.ts";
import { streamIdOf, type SealedDocument } from "../../document.ts";
import { createHttpTransport } from "../../node/index.ts";
import { initialDelivery } from "../../outbox-store.ts";
import type { Transport, WireAnswer } from "../../ports.ts";
import { serveAuthority } from "../../testing/authority-server.ts";
import { createFakeZatca, type FakeZatca } from "../../testing/fake-zatca.ts";
import { createMemoryOutbox, type MemoryOutbox } from "../../testing/memory-outbox.ts";
import type { Behaviour } from "../../testing/scripted-authority.ts";
import { sealAll } from "../../testing/seal-all.ts";
import { zatcaNowMs, zatcaReceipt, zatcaShop } from "../../testing/zatca-shop.ts";
import { fiscalTimeAt } from "../../time.ts";
import { zatcaAuthorization, zatcaDelivery } from "./delivery.ts";
import { zatca } from "./zatca.ts";

const hourMs = 3_600_000;
const shop = zatcaShop();
const stream = streamIdOf(shop.config);
const credentials = { unit: shop.config.till, securityToken: "dG9rZW4=", secret: "s3cret" };
const authorization = zatcaAuthorization(credentials.securityToken, credentials.secret);

async function documents(count: number): Promise<readonly SealedDocument[]> {
  const receipt = zatcaReceipt([{ name: "Book", quantityMilli: 1000, netMinor: 3300 }]);
  const receipts = Array.from({ length: count }, () => receipt);
  return (await sealAll(zatca, receipts, { ...shop, fromMs: zatcaNowMs })).documents;
}

interface Street {
  readonly fake: FakeZatca;
  readonly store: MemoryOutbox;
  readonly ports: DeliverPorts;
  readonly move: (ms: number) => void;
  readonly close: () => Promise<void>;
}

/** A till, its outbox and the authority behind a socket; time is moved by hand. */
async function street(
  sealed: readonly SealedDocument[],
  { headers = { authorization }, timeoutMs = 10_000 } = {},
): Promise<Street> {
  let nowMs = zatcaNowMs + hourMs;
  const clock = (): number => nowMs;
  const fake = createFakeZatca({ nowMs: clock });
  fake.admit(credentials);
  const server = await serveAuthority(fake.authority, { nowMs: clock });
  const store = createMemoryOutbox({ initial: initialDelivery(zatcaDelivery.initialThrottle) });
  for (const document of sealed) store.add(document);
  const transport = createHttpTransport({
    baseUrl: server.baseUrl,
    timeoutMs,
    maxBytes: 100_000,
    headers,
  });
  const ports: DeliverPorts = {
    config: shop.config,
    delivery: zatcaDelivery,
    store,
    transport,
    now: () => fiscalTimeAt(nowMs, "Asia/Riyadh"),
    random: (size) => new Uint8Array(size),
  };
  const move = (ms: number): void => {
    nowMs += ms;
  };
  return { fake, store, ports, move, close: () => server.close() };
}

/** Steps until nothing is left, at most 200; waits are slept through at once. */
async function deliverAll({ move, ports }: Street): Promise<void> {
  for (let count = 0; count < 200; count += 1) {
    const step = await deliverStep(ports);
    if (step.type === "idle" || step.type === "paused") return;
    if (step.type === "waiting") move(Math.max(1, step.untilMs - ports.now().epochMs));
  }
  throw new Error("no end");
}

function statesOf({ store }: Street): readonly string[] {
  return store.items(stream).map(({ state }) => state);
}

async function afterScript(
  sealed: readonly SealedDocument[],
  behaviours: readonly Behaviour[],
): Promise<Street> {
  // Only who is to come late meets somebody who does not wait.
  const isLate = behaviours.some(({ type }) => type === "late");
  const on = await street(sealed, isLate ? { timeoutMs: 150 } : {});
  on.fake.authority.script(...behaviours);
  await deliverAll(on);
  await on.close();
  return on;
}

describe("reporting against the fake authority over HTTP (RSA)", () => {
  test.each<[string, readonly Behaviour[]]>([
    ["accepts", []],
    ["drops its replies", [{ type: "drop-reply" }, { type: "drop-reply" }, { type: "drop-reply" }]],
    ["answers late", [{ type: "late", delayMs: 300 }]],
    ["gets it twice", [{ type: "twice" }]],
    ["throttles", [{ type: "throttle", waitMs: 90_000 }, { type: "accept" }]],
    [
      "answers garbage, stored or not",
      [
        { type: "garbage", isStored: true },
        { type: "garbage", isStored: false, body: '{"reportingStatus":1}' },
        { type: "garbage", isStored: false, body: "<html>Welcome to the hotel</html>" },
      ],
    ],
    [
      "answers 5xx, 413 and 303, stored or not",
      [
        { type: "error", status: 500, isStored: true },
        { type: "error", status: 503, isStored: false },
        { type: "error", status: 413, isStored: false },
        { type: "error", status: 303, isStored: false },
        { type: "error", status: 400, isStored: true },
      ],
    ],
    ["is down for a while", Array.from({ length: 4 }, () => ({ type: "down" }) as const)],
  ])("[RSA14] it %s: exactly one record of each document, in a whole chain", async (_, script) => {
    const sealed = await documents(3);
    const on = await afterScript(sealed, script);
    expect(
      on.fake
        .accepted()
        .map(({ hash }) => hash)
        .toSorted(),
    ).toEqual(sealed.map(({ hash }) => hash).toSorted());
    expect(on.fake.accepted().map(({ xml }) => xml)).toEqual(
      expect.arrayContaining(sealed.map(({ text }) => text)),
    );
    expect(statesOf(on)).toEqual(["accepted", "accepted", "accepted"]);
    expect(on.fake.authority.books.forks()).toEqual([]);
  });

  test("[RSA14] a document in doubt does not hold the following ones", async () => {
    const sealed = await documents(3);
    const on = await street(sealed);
    on.fake.authority.script(...Array.from({ length: 6 }, () => ({ type: "drop-reply" }) as const));
    await deliverAll(on);
    await on.close();
    expect(on.fake.accepted()).toHaveLength(3);
    expect(statesOf(on)).toEqual(["accepted", "accepted", "accepted"]);
  });

  test("[RSA14] the process ends with a document in flight: the same bytes again, a duplicate, success", async () => {
    const sealed = await documents(1);
    const on = await street(sealed);
    const cut: Transport = {
      send: async (request) => {
        await on.ports.transport.send(request);
        throw new Error("power cut");
      },
    };
    await deliverStep({ ...on.ports, transport: cut });
    await requeueInflight(on.store, stream);
    await deliverAll(on);
    await on.close();
    const [first, second] = on.fake.authority.received();
    expect(second?.body).toBe(first?.body);
    expect(on.fake.accepted()).toHaveLength(1);
    expect(statesOf(on)).toEqual(["accepted"]);
  });

  test("[RSA14] another hash under our UUID is an alarm, and others go on", async () => {
    const sealed = await documents(2);
    const on = await afterScript(sealed, [{ type: "other-hash", index: 0 }]);
    expect(statesOf(on)).toEqual(["conflict", "accepted"]);
    expect(on.store.items(stream)[0]?.code).toBe("duplicate-other-hash");
  });

  test("[RSA14] three days down: all arrive, and are flagged as late", async () => {
    const sealed = await documents(3);
    const on = await street(sealed);
    on.fake.authority.always({ type: "down" });
    for (let hour = 0; hour < 72; hour += 1) {
      await deliverStep(on.ports);
      on.move(hourMs);
    }
    expect(on.fake.accepted()).toEqual([]);
    on.fake.authority.always(undefined);
    await deliverAll(on);
    await on.close();
    expect(on.fake.accepted().map(({ isLate }) => isLate)).toEqual([true, true, true]);
    expect(statesOf(on)).toEqual(["flagged", "flagged", "flagged"]);
    expect(on.store.items(stream)[0]).toMatchObject({
      code: "late-reporting",
      asksCorrection: false,
    });
  });

  test("[RSA12] late is more than 24 hours after sealing", async () => {
    const [document] = await documents(1);
    assert(document !== undefined);
    const lateAt = (ms: number): unknown => {
      const now = fiscalTimeAt(document.at.epochMs + ms, "Asia/Riyadh");
      const plan = zatcaDelivery.plan([document], {
        now,
        throttle: zatcaDelivery.initialThrottle,
        waitingCount: 1,
        config: shop.config,
      });
      return plan.type === "send" && plan.group.isLate;
    };
    expect([lateAt(24 * hourMs), lateAt(24 * hourMs + 1)]).toEqual([false, true]);
    expect(document.due).toEqual({ kind: "after-ms", ms: 24 * hourMs });
  });

  test("[RSA13] wrong credentials stop the delivery until somebody looks", async () => {
    const on = await street(await documents(2), {
      headers: { authorization: "Basic d3Jvbmc6b25l" },
    });
    await deliverAll(on);
    await on.close();
    expect(await deliverStep(on.ports)).toMatchObject({ type: "paused", code: "401" });
    expect(statesOf(on)).toEqual(["queued", "queued"]);
  });

  test("[RSA15] a rejected document stays in the chain; the sale is sealed anew", async () => {
    const receipt = zatcaReceipt([{ name: "Book", quantityMilli: 1000, netMinor: 3300 }]);
    const first = await sealAll(zatca, [receipt, receipt], { ...shop, fromMs: zatcaNowMs });
    const on = await street(first.documents);
    on.fake.authority.script({ type: "reject-one", index: 0, code: "BR-X", detail: "refused" });
    await deliverAll(on);
    expect(statesOf(on)).toEqual(["rejected", "accepted"]);
    const [rejected] = first.documents;
    assert(rejected !== undefined);
    const verdict: Verdict = { type: "rejected-final", code: "BR-X", detail: "refused" };
    const request = zatcaDelivery.correct?.({ document: rejected, verdict, fix: receipt });
    assert(request !== undefined);
    const later = await sealAll(zatca, [request], {
      ...shop,
      fromMs: zatcaNowMs + hourMs,
      head: first.head,
    });
    const [corrected] = later.documents;
    assert(corrected !== undefined);
    on.store.add(corrected);
    await deliverAll(on);
    await on.close();
    expect(statesOf(on)).toEqual(["rejected", "accepted", "accepted"]);
    expect(corrected).toMatchObject({ sequence: 3, number: "B1-1-000003", kind: "correction" });
    expect(corrected.state).toMatchObject({ icv: 3 });
    const uuids = [...first.documents, corrected].map(
      ({ state }) => (state as { uuid: string }).uuid,
    );
    expect(new Set(uuids).size).toBe(3);
    const verifier = zatca.verifier(first.context);
    const chain = [...first.documents, corrected];
    expect(chain.flatMap((one) => verifier.step(one))).toEqual([]);
  });

  test("[RSA15] nothing is corrected without a fix, nor what was accepted", async () => {
    const [document] = await documents(1);
    assert(document !== undefined);
    const fix = zatcaReceipt([{ name: "Book", quantityMilli: 1000, netMinor: 3300 }]);
    const rejected: Verdict = { type: "rejected-final", code: "", detail: "" };
    expect(
      zatcaDelivery.correct?.({ document, verdict: rejected, fix: undefined }),
    ).toBeUndefined();
    expect(
      zatcaDelivery.correct?.({ document, verdict: { type: "accepted" }, fix }),
    ).toBeUndefined();
  });

  test("[RSA14] the authority refuses a forked chain: two documents on one place", async () => {
    const [one] = await documents(1);
    const [other] = await documents(1);
    assert(one !== undefined && other !== undefined);
    const on = await street([one, { ...other, sequence: 2 }]);
    await deliverAll(on);
    await on.close();
    expect(statesOf(on)).toEqual(["accepted", "rejected"]);
    expect(on.fake.accepted()).toHaveLength(1);
  });
});

describe("what answers mean (RSA)", () => {
  const earlier = '{"message":"x","reportingStatus":"REPORTED_SUCCESSFULLY_EARLIER"}';
  const error =
    '{"validationResults":{"errorMessages":[{"code":"BR-KSA-1","message":"m"}]},"reportingStatus":"NOT_REPORTED"}';
  const warning =
    '{"validationResults":{"warningMessages":[{"code":"W","message":"m"}]},"reportingStatus":"REPORTED"}';
  const reported = '{"validationResults":{},"reportingStatus":"REPORTED"}';

  test.each<[number, string, object]>([
    [200, reported, { type: "accepted" }],
    [200, warning, { type: "accepted-warn", code: "W", detail: "m", asksCorrection: false }],
    [202, warning, { type: "accepted-warn", code: "W" }],
    [202, reported, { type: "accepted-warn", code: "202" }],
    [200, error, { type: "rejected-final", code: "BR-KSA-1" }],
    [200, "{}", { type: "retry", mayBeDuplicate: true }],
    [200, "<html>", { type: "retry", mayBeDuplicate: true }],
    [208, '{"clearanceStatus":"CLEARED"}', { type: "duplicate", hash: "ours" }],
    [409, earlier, { type: "duplicate", hash: "ours" }],
    [
      409,
      '{"invoiceHash":"ours","reportingStatus":"REPORTED"}',
      { type: "duplicate", hash: "ours" },
    ],
    [409, '{"invoiceHash":"theirs"}', { type: "duplicate", hash: "theirs" }],
    [409, "{}", { type: "retry", mayBeDuplicate: true }],
    [303, "{}", { type: "retry", mayBeDuplicate: true }],
    [400, error, { type: "rejected-final", code: "BR-KSA-1", detail: "m" }],
    [400, "{}", { type: "retry", mayBeDuplicate: true }],
    [401, "", { type: "fatal-config", code: "401" }],
    [403, "{}", { type: "fatal-config", code: "403" }],
    [413, "{}", { type: "retry", mayBeDuplicate: true }],
    [429, "", { type: "retry", mayBeDuplicate: true }],
    [500, "{}", { type: "retry", mayBeDuplicate: true }],
    [599, "[1,2", { type: "retry", mayBeDuplicate: true }],
  ])("[RSA13] status %i with %s", (status, body, verdict) => {
    expect(interpreted({ type: "answer", status, headers: {}, body }).verdicts).toEqual([
      expect.objectContaining(verdict),
    ]);
  });

  test("[RSA13] what never left is no duplicate, what got no answer may be one", () => {
    expect(interpreted({ type: "unsent", reason: "x" }).verdicts).toEqual([
      { type: "retry", reason: "x", mayBeDuplicate: false },
    ]);
    expect(interpreted({ type: "lost", reason: "x" }).verdicts).toEqual([
      { type: "retry", reason: "x", mayBeDuplicate: true },
    ]);
  });

  test("[RSA13] 429 makes everybody wait as long as it says, or longer each time", () => {
    const busy = { type: "answer", status: 429, body: "" } as const;
    const told = interpreted({ ...busy, headers: { "Retry-After": "90" } });
    expect(told.throttle).toEqual({ notBeforeMs: 95_000, waitMs: 90_000, lastSentMs: 5000 });
    expect(interpreted({ ...busy, headers: {} }, 8000).throttle.waitMs).toBe(16_000);
    expect(interpreted({ ...busy, headers: {} }, 0).throttle.waitMs).toBe(1000);
  });

  test("[RSA13] the authority's clock is told on", () => {
    const headers = { date: "Sun, 22 Nov 2026 07:00:00 GMT" };
    const answer = { type: "answer", status: 200, headers, body: reported } as const;
    expect(interpreted(answer).authorityMs).toBe(zatcaNowMs);
    expect(interpreted({ ...answer, headers: { date: "yesterday" } }).authorityMs).toBeUndefined();
  });

  test("[RSA12] a request is the same bytes whenever asked, without credentials", async () => {
    const [document] = await documents(1);
    assert(document !== undefined);
    const request = zatcaDelivery.encode({ documents: [document], isLate: false }, shop.config);
    expect(zatcaDelivery.encode({ documents: [document], isLate: true }, shop.config)).toEqual(
      request,
    );
    expect(request).toMatchObject({ method: "POST", path: "/invoices/reporting/single" });
    expect(request.headers).toEqual({
      accept: "application/json",
      "accept-language": "en",
      "accept-version": "V2",
      "clearance-status": "0",
      "content-type": "application/json",
    });
    const body = JSON.parse(request.body) as Readonly<Record<string, string>>;
    expect(Object.keys(body)).toEqual(["invoiceHash", "uuid", "invoice"]);
    expect(Buffer.from(body["invoice"] ?? "", "base64").toString("utf8")).toBe(document.text);
    expect(document.text).toContain(`<cbc:UUID>${body["uuid"]}</cbc:UUID>`);
    expect(body["invoiceHash"]).toBe(document.hash);
    expect(authorization).toBe(`Basic ${Buffer.from("dG9rZW4=:s3cret").toString("base64")}`);
  });
});

function interpreted(answer: WireAnswer, waitMs = 0): ReturnType<typeof zatcaDelivery.interpret> {
  const document = { hash: "ours" } as SealedDocument;
  const throttle = { notBeforeMs: 0, waitMs, lastSentMs: 0 };
  return zatcaDelivery.interpret({ documents: [document], isLate: false }, answer, {
    config: shop.config,
    nowMs: 5000,
    throttle,
  });
}
