import fs from "node:fs";
import path from "node:path";
import type { FiscalRecord } from "@tillmesh/fiscal-queue";
import { fromBase64url } from "@tillmesh/kernel";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FakeReplica, listing } from "../testing/fake-replica.ts";
import { entriesOf, startSpanishShop, type SpanishShop } from "../testing/spanish-shop.ts";
import { startTestService, type TestService } from "../testing/test-service.ts";
import { activateFiscal } from "./activate.ts";
import { takeUpActivation } from "./rekeying.ts";

/** What the authority asks of whoever delivers. */
const token = "Bearer s3cret-of-the-shop";
const clientKey = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0IGtleSBvZiB0aGUgc2hvcA==\n-----END";

let shop: SpanishShop;
const others: TestService[] = [];

beforeEach(async () => {
  shop = await startSpanishShop();
  shop.replica.others = [
    listing({ id: "dev_b", roles: ["till", "hq"], location: "loc_a" }),
    listing({ id: "dev_c", roles: ["till"], location: "loc_a" }),
  ];
});

afterEach(async () => {
  for (const other of others.splice(0)) await other.stop();
  await shop.closeAll();
});

/** As `fiscal activate`, with keys of its own, an address and credentials. */
async function activate(authorization = token) {
  const { till } = shop.service;
  const said = till.fiscal.locations.of("loc_a");
  const done = activateFiscal(till, {
    regime: "es-verifactu",
    taxpayer: said?.taxpayer ?? "",
    till: "CAJA-1",
    settings: said?.settings ?? {},
    keys: [],
    secrets: {},
    from: "2026-11-23",
    isTest: false,
    address: shop.baseUrl,
    client: { cert: "-----BEGIN CERTIFICATE-----", key: clientKey },
    headers: { authorization },
  });
  expect(done).toMatchObject({ ok: true });
  expect(await takeUpActivation(till)).toEqual({ ok: true, value: null });
}

async function sold(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    const { status, body } = await shop.sell();
    expect(status, JSON.stringify(body)).toBe(201);
  }
}

function deposits({ replica }: Pick<TestService, "replica"> = shop) {
  return replica.held.flatMap(({ entry }) => {
    const record = entry.body as unknown as FiscalRecord;
    return entry.kind === "fiscal" && record.type === "deposited" ? [record] : [];
  });
}

/** Another device that has all that the till recorded; it was never activated. */
async function another(device: string, roles: readonly ("till" | "hq")[]): Promise<TestService> {
  const { clock } = shop;
  const replica = new FakeReplica({ clock, device, code: device.slice(-1).repeat(4), roles });
  replica.deliver(entriesOf(shop.replica));
  const service = await startTestService({ clock, replica });
  others.push(service);
  return service;
}

function textsUnder(directory: string): string {
  return fs
    .readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => fs.readFileSync(path.join(one.parentPath, one.name), "latin1"))
    .join("\n");
}

const authorizations = () =>
  shop.aeat.authority.received().map(({ headers }) => headers["authorization"]);

describe("credentials for whoever may have to deliver", () => {
  test("headquarters delivers with those of a till that is gone, once, and both send the same", async () => {
    await activate();
    shop.aeat.authority.always({ type: "down" });
    await sold(3);
    await shop.service.delivery.deliver();
    shop.aeat.authority.always(undefined);
    const asked = shop.aeat.authority.received().length;
    const hq = await another("dev_b", ["till", "hq"]);
    const taken = await hq.api.post("/fiscal/hand-overs", { device: "dev_a" });
    expect(taken).toMatchObject({ status: 201, body: { items: [{ fromSequence: 1 }] } });
    shop.clock.advance(20 * 60_000);
    await hq.service.delivery.deliver();
    expect(shop.aeat.accepted()).toHaveLength(3);
    expect(authorizations().slice(asked)).toEqual([token]);
    // The till comes back and knows nothing of it.
    await shop.service.delivery.deliver();
    expect(shop.aeat.accepted()).toHaveLength(3);
    expect(shop.aeat.authority.received().length).toBeGreaterThan(asked + 1);
  });

  test("nothing secret is in an entry, an answer, a log, or any file of another device", async () => {
    await activate();
    await sold(1);
    await shop.service.delivery.deliver();
    expect(deposits()).toMatchObject([{ to: "dev_b" }]);
    const hq = await another("dev_b", ["till", "hq"]);
    await hq.api.post("/fiscal/hand-overs", { device: "dev_a" });
    await hq.service.delivery.deliver();
    const answers = [await shop.api.get("/fiscal"), await hq.api.get("/fiscal")];
    const seen = [
      JSON.stringify(shop.replica.held),
      JSON.stringify(hq.replica.held),
      ...deposits().map(({ sealed }) => {
        const box = fromBase64url(sealed);
        return Buffer.from(box.ok ? box.value : []).toString("latin1");
      }),
      JSON.stringify(answers.map(({ body }) => body as unknown)),
      ...shop.logs,
      ...hq.logs,
      textsUnder(hq.directory),
    ].join("\n");
    expect(seen).not.toContain(token);
    expect(seen).not.toContain("c2VjcmV0IGtleSBvZiB0aGUgc2hvcA");
    expect(textsUnder(shop.directory)).toContain(token);
  });

  test("once for each headquarters; again for a new one, and for new credentials", async () => {
    await activate();
    await sold(2);
    await shop.service.delivery.deliver();
    await shop.service.delivery.deliver();
    expect(deposits().map(({ to }) => to)).toEqual(["dev_b"]);
    shop = await shop.restart();
    await shop.service.delivery.deliver();
    expect(deposits()).toHaveLength(1);
    shop.replica.others = [
      ...shop.replica.others,
      listing({ id: "dev_d", roles: ["hq"], location: "loc_a" }),
      listing({ id: "dev_e", roles: ["hq"], location: "loc_a", state: "revoked" }),
    ];
    await shop.service.delivery.deliver();
    expect(deposits().map(({ to }) => to)).toEqual(["dev_b", "dev_d"]);
    await activate("Bearer another");
    expect(deposits().map(({ to }) => to)).toEqual(["dev_b", "dev_d", "dev_b", "dev_d"]);
  });

  test("a till names another one, which delivers with its credentials; and takes it back", async () => {
    await activate();
    shop.aeat.authority.always({ type: "down" });
    await sold(2);
    await shop.service.delivery.deliver();
    const given = await shop.api.post("/fiscal/hand-overs", { device: "dev_a", to: "dev_c" });
    expect(given.status, JSON.stringify(given.body)).toBe(201);
    expect(deposits().map(({ to }) => to)).toEqual(["dev_b", "dev_c"]);
    shop.aeat.authority.always(undefined);
    shop.clock.advance(20 * 60_000);
    await shop.service.delivery.deliver();
    expect(shop.aeat.accepted()).toHaveLength(0);
    const sibling = await another("dev_c", ["till"]);
    const stranger = await sibling.api.post("/fiscal/hand-overs", { device: "dev_a" });
    expect(stranger).toMatchObject({ status: 403, body: { code: "NotHq" } });
    await sibling.service.delivery.deliver();
    expect(shop.aeat.accepted()).toHaveLength(2);
    expect(authorizations().at(-1)).toBe(token);
    await sold(1);
    const back = await shop.api.post("/fiscal/hand-overs", { device: "dev_a", to: "dev_a" });
    expect(back.status).toBe(201);
    shop.clock.advance(20 * 60_000);
    await shop.service.delivery.deliver();
    expect(shop.aeat.accepted()).toHaveLength(3);
  });

  test("nobody is told to send who must not have them, and nobody deposits for another's stream", async () => {
    await activate();
    shop.aeat.authority.always({ type: "down" });
    await sold(1);
    await shop.service.delivery.deliver();
    shop.replica.others = [
      listing({ id: "dev_c", roles: ["till"], location: "loc_a", state: "revoked" }),
    ];
    const refused = await shop.api.post("/fiscal/hand-overs", { device: "dev_a", to: "dev_c" });
    expect(refused).toMatchObject({ status: 404, body: { code: "NotKnownHere" } });
    const hq = await another("dev_b", ["till", "hq"]);
    const third = await hq.api.post("/fiscal/hand-overs", { device: "dev_a", to: "dev_b" });
    expect(third.status).toBe(201);
    // What some other device recorded under the till's stream is not looked at.
    const [own] = deposits();
    const forged = hq.replica.sealFor(
      { device: "dev_b", purpose: `fiscal-delivery/1\n${own?.stream}` },
      Buffer.from(JSON.stringify({ v: 1, address: "http://127.0.0.1:9", headers: {} })),
    );
    expect(forged.ok).toBe(true);
    const sealed = Buffer.from(forged.ok ? forged.value : []).toString("base64url");
    await hq.service.till.fiscal.commit({ ...own!, sealed });
    shop.aeat.authority.always(undefined);
    shop.clock.advance(20 * 60_000);
    await hq.service.delivery.deliver();
    expect(shop.aeat.accepted()).toHaveLength(1);
  });
});
