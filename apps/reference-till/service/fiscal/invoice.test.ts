import { aeatSchemaFaults, isAeatSchemaAbsent } from "@tillmesh/fiscal-queue/testing";
import { afterEach, describe, expect, test } from "vitest";
import { FakeReplica } from "../testing/fake-replica.ts";
import { published } from "../testing/priced-shop.ts";
import { startRegimeShop, type RegimeName, type RegimeShop } from "../testing/regime-shop.ts";
import { entriesOf, startSpanishShop } from "../testing/spanish-shop.ts";
import { startTestService, type TestAnswer } from "../testing/test-service.ts";
import { verifyTill } from "../till/verify.ts";
import { exportFiscal } from "./export.ts";
import { regimeItem } from "./location-regime.ts";
import { testTaxpayer } from "./test-activation.ts";

let shop: RegimeShop;
let isOpen = false;

afterEach(async () => {
  if (isOpen) await shop.stop();
  isOpen = false;
});

const customer = {
  name: "Ñandú & Co.",
  taxId: "89890002E",
  country: "ES",
  street: "Gran Vía 1",
  city: "Madrid",
  postalCode: "28013",
};

async function start(regime: RegimeName): Promise<void> {
  shop = await startRegimeShop(regime);
  isOpen = true;
  await shop.api.post("/shifts", { float: shop.money(0) });
}

function sell(more: object = {}, key?: string) {
  const tenders = [{ kind: "cash", amount: shop.money(600) }];
  return shop.api.post("/sales", { lines: [{ sku: "COF", quantity: "2" }], tenders, ...more }, key);
}

interface Sealing {
  readonly fiscal?: { readonly text?: string };
  readonly document?: { readonly kind: string; readonly text: string };
}

/** Of all documents that a till made, in their order. */
function textsOf({ held }: Pick<FakeReplica, "held">): readonly string[] {
  return held.flatMap(({ entry }) => {
    const { fiscal, document } = entry.body as unknown as Sealing;
    return fiscal?.text ?? document?.text ?? [];
  });
}

function lastText({ replica }: Pick<RegimeShop, "replica"> = shop): string {
  return textsOf(replica).at(-1) ?? "";
}

/** All that is recorded, without fiscal documents and what stands beside them. */
function plainRecords(): string {
  const plain = shop.replica.held
    .filter(({ entry }) => entry.kind !== "fiscal")
    .map(({ entry }) => ({ ...entry, body: { ...(entry.body as object), fiscal: undefined } }));
  return JSON.stringify(plain);
}

async function exported(): Promise<string> {
  const found = exportFiscal(shop.service.till, { kind: "verifactu-xml" });
  if (!found.ok) throw new Error(found.error.type);
  let xml = "";
  for await (const piece of found.value.pieces) xml += piece;
  return xml;
}

async function sound(): Promise<void> {
  const { differences } = await verifyTill(shop.service.till);
  expect(differences).toEqual([]);
}

const spain: readonly RegimeName[] = ["es-verifactu", "es-no-verifactu"];

describe.each(spain)("%s: a customer who says so at the sale", (regime) => {
  test("is named by a full invoice, and by what is given back of it", async () => {
    await start(regime);
    const { status, body } = await sell({ customer });
    expect(status, JSON.stringify(body)).toBe(201);
    const text = lastText();
    expect(text).toContain("<sf:TipoFactura>F1<");
    expect(text).toContain("<sf:Destinatarios>");
    expect(text).toContain(`<sf:NIF>${customer.taxId}<`);
    expect(body.fiscal.lines).toContain("Destinatario: Ñandú & Co.");
    const part = { lines: [{ sku: "COF", quantity: "1" }], reason: "cold", goods: "waste" };
    const back = await shop.api.post(`/sales/${body.saleId}/refunds`, part);
    expect(back.status, JSON.stringify(back.body)).toBe(201);
    expect(lastText()).toContain("<sf:TipoFactura>R1<");
    expect(lastText()).toContain(`<sf:NIF>${customer.taxId}<`);
    expect(lastText()).toContain(`>${body.receiptNumber}<`);
    const rest = await shop.api.post(`/sales/${body.saleId}/reversal`, {});
    expect(rest.status, JSON.stringify(rest.body)).toBe(201);
    expect(lastText()).toContain("<sf:TipoFactura>R1<");
    await sound();
  });

  test("stands in the fiscal document alone, and the sale is found again by its key", async () => {
    await start(regime);
    const first = await sell({ customer }, "key-1");
    const again = await sell({ customer }, "key-1");
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body.fiscal).toEqual(first.body.fiscal);
    expect((await sell({ customer: { ...customer, name: "Other" } }, "key-1")).status).toBe(409);
    expect(plainRecords()).not.toContain("89890002E");
    expect(plainRecords()).not.toContain("andú");
  });

  test("without a tax number gets a simplified invoice, which names nobody", async () => {
    await start(regime);
    expect((await sell({ customer: { name: "Ana", country: "ES" } })).status).toBe(201);
    expect(lastText()).toContain("<sf:TipoFactura>F2<");
    expect(JSON.stringify(shop.replica.held)).not.toContain("Ana");
  });

  test("is refused by name where the regime refuses, and no number is taken", async () => {
    await start(regime);
    const before = shop.replica.held.length;
    const { status, body } = await sell({ customer: { ...customer, taxId: "12" } });
    expect(status).toBe(422);
    expect(body).toMatchObject({ code: "FiscalRefused", errors: [{ pointer: "/customer/taxId" }] });
    const bad = await sell({ customer: { ...customer, country: "Spain" } });
    expect(bad.body).toMatchObject({
      code: "InvalidBody",
      errors: [{ pointer: "/customer/country" }],
    });
    expect(shop.replica.held).toHaveLength(before);
    expect((await sell()).body.receiptNumber).toMatch(/-000001$/);
  });
});

function invoice(sale: string, key?: string): Promise<TestAnswer> {
  return shop.api.post(`/sales/${sale}/invoice`, { customer }, key);
}

describe.each(spain)("%s: a customer who comes back with a receipt", (regime) => {
  test("gets one full invoice in its place, however often it is asked", async () => {
    await start(regime);
    const { body: sold } = await sell();
    const first = await invoice(sold.saleId, "key-1");
    expect(first.status, JSON.stringify(first.body)).toBe(201);
    expect(first.body).toMatchObject({ saleId: sold.saleId, replaces: sold.receiptNumber });
    expect(first.body.number).toMatch(/^[A-Z0-9]+-1-F000001$/);
    expect(first.body.fiscal).toMatchObject({ number: first.body.number, isTest: true });
    expect(first.body.fiscal.lines.at(-1)).toContain(`Sustituye ${sold.receiptNumber} de`);
    const again = await invoice(sold.saleId, "key-1");
    expect([again.status, again.body]).toEqual([200, first.body]);
    const second = await invoice(sold.saleId);
    expect(second).toMatchObject({
      status: 409,
      body: { code: "FiscalInvoiced", invoiceNumber: first.body.number },
    });
    expect((await sell()).body.receiptNumber).toMatch(/-000002$/);
    const { body: known } = await shop.api.get(`/sales/${sold.saleId}`);
    expect(known.invoice).toEqual(first.body);
    expect(plainRecords()).not.toContain("89890002E");
    await sound();
  });

  test("the next one has the next number, also after a restart", async () => {
    await start(regime);
    const sales = [(await sell()).body.saleId, (await sell()).body.saleId];
    await invoice(sales[0]);
    shop = await shop.restart();
    expect((await invoice(sales[1])).body.number).toMatch(/-F000002$/);
    expect((await invoice(sales[0])).body).toMatchObject({ code: "FiscalInvoiced" });
    await sound();
  });

  test("what is given back then rectifies the invoice, not the receipt", async () => {
    await start(regime);
    const { body: sold } = await sell();
    const { body: made } = await invoice(sold.saleId);
    expect((await shop.api.post(`/sales/${sold.saleId}/reversal`, {})).status).toBe(201);
    const text = lastText();
    expect(text).toContain("<sf:TipoFactura>R1<");
    expect(text).toContain(`<sf:NumSerieFactura>${made.number}</sf:NumSerieFactura>`);
    expect(text).not.toContain(`<sf:NumSerieFactura>${sold.receiptNumber}<`);
    expect(text).toContain(`<sf:NIF>${customer.taxId}<`);
    await sound();
  });

  test("on a later day says when it was sold", async () => {
    await start(regime);
    const { body: sold } = await sell();
    shop.clock.advance(86_400_000);
    expect((await invoice(sold.saleId)).status).toBe(201);
    expect(lastText()).toContain("<sf:FechaOperacion>23-11-2026</sf:FechaOperacion>");
    await sound();
  });

  test("gets none without a tax number, and none of what was a full one or is given back", async () => {
    await start(regime);
    const { body: sold } = await sell();
    const bare = { customer: { name: "Ana", country: "ES" } };
    const nameless = await shop.api.post(`/sales/${sold.saleId}/invoice`, bare);
    expect(nameless).toMatchObject({
      status: 422,
      body: { code: "FiscalRefused", errors: [{ pointer: "/customer" }] },
    });
    const { body: full } = await sell({ customer });
    expect((await invoice(full.saleId)).body).toMatchObject({
      code: "FiscalInvoiced",
      invoiceNumber: full.receiptNumber,
    });
    await shop.api.post(`/sales/${sold.saleId}/reversal`, {});
    expect(await invoice(sold.saleId)).toMatchObject({
      status: 409,
      body: { code: "FiscalNoInvoice" },
    });
    expect((await invoice("sale_nobody")).body).toMatchObject({ code: "NotKnownHere" });
  });

  test("the export holds it, and every record is valid by the official schema", async () => {
    await start(regime);
    const { body: sold } = await sell();
    await sell({ customer });
    const { body: made } = await invoice(sold.saleId);
    await shop.api.post(`/sales/${sold.saleId}/reversal`, {});
    const xml = await exported();
    expect(xml).toContain(made.number);
    for (const type of ["F1", "F2", "F3", "R1"]) expect(xml).toContain(`TipoFactura>${type}<`);
    if (isAeatSchemaAbsent(1)) return;
    const texts = textsOf(shop.replica);
    expect(texts.length).toBeGreaterThanOrEqual(4);
    expect(await aeatSchemaFaults(...texts)).toEqual([]);
  });
});

describe("where the law has no such invoice", () => {
  test.each<RegimeName>(["none", "at-rksv", "no-saft"])(
    "%s: nothing is kept of a customer, and none is made",
    async (regime) => {
      await start(regime);
      const { status, body } = await sell({ customer });
      expect(status, JSON.stringify(body)).toBe(201);
      expect(JSON.stringify(shop.replica.held)).not.toContain("89890002E");
      const asked = await shop.api.post(`/sales/${body.saleId}/invoice`, { customer });
      expect(asked).toMatchObject({ status: 409, body: { code: "FiscalNoInvoice" } });
      expect((await shop.api.post(`/sales/${body.saleId}/reversal`, {})).status).toBe(201);
      await sound();
    },
  );

  test("sa-zatca: the invoice and what is given back of it name the buyer", async () => {
    await start("sa-zatca");
    const buyer = { name: "Noura", country: "SA" };
    const { status, body } = await sell({ customer: buyer });
    expect(status, JSON.stringify(body)).toBe(201);
    expect(lastText()).toContain("Noura");
    expect((await invoice(body.saleId)).body).toMatchObject({ code: "FiscalNoInvoice" });
    const back = await shop.api.post(`/sales/${body.saleId}/reversal`, { reason: "cold" });
    expect(back.status, JSON.stringify(back.body)).toBe(201);
    expect(lastText()).toContain("Noura");
    await sound();
  });
});

describe("beyond the till", () => {
  test("another till gives back of a full invoice by naming its customer, and makes no invoice", async () => {
    await start("es-verifactu");
    const { body: sold } = await sell({ customer });
    const { body: plain } = await sell();
    const { body: made } = await shop.api.post(`/sales/${plain.saleId}/invoice`, { customer });
    const { clock, replica: first } = shop;
    const { location } = first;
    const replica = new FakeReplica({ clock, device: "dev_b", code: "BBBB", location });
    const said = { regime: "es-verifactu", isTest: true, ...testTaxpayer("es-verifactu", "Café") };
    await replica.publish("fiscal", [regimeItem("*", said)]);
    replica.deliver(entriesOf(first));
    const other = await startTestService({ clock, replica });
    await published(other.api, "staff", { staff: [{ name: "Eva", role: "manager", pin: "4321" }] });
    const opened = await other.api.post("/shifts", { float: shop.money(0) });
    expect(opened.status, JSON.stringify(opened.body)).toBe(201);
    for (const [saleId, number] of [
      [sold.saleId, sold.receiptNumber],
      [plain.saleId, made.number],
    ]) {
      const back = await other.api.post(`/sales/${saleId}/reversal`, {});
      expect(back.status, JSON.stringify(back.body)).toBe(201);
      const text = lastText({ replica });
      expect(text).toContain("<sf:TipoFactura>R1<");
      expect(text).toContain(`<sf:NumSerieFactura>${number}<`);
    }
    const asked = await other.api.post(`/sales/${sold.saleId}/invoice`, { customer });
    expect(asked).toMatchObject({ status: 404, body: { code: "NotKnownHere" } });
    await other.stop();
  });

  test("rejected, both kinds are put right with their customer, and then accepted", async () => {
    const spanish = await startSpanishShop();
    const { aeat, api, clock, service } = spanish;
    const deliver = async () => {
      clock.advance(61_000);
      await service.delivery.deliver();
    };
    const money = { minor: 200, currency: "EUR" };
    const sale = { lines: [{ sku: "CAF" }], tenders: [{ kind: "cash", amount: money }] };
    const reject = { type: "reject-one", index: 0, code: "1100", detail: "wrong" } as const;
    const putRight = async (number: string, type: string) => {
      await deliver();
      const { body } = await api.get("/fiscal/documents?state=rejected");
      expect(body.items).toMatchObject([{ number }]);
      const corrected = await api.post(`/fiscal/documents/${body.items[0].sequence}/correct`);
      expect(corrected).toMatchObject({ status: 201, body: { number, kind: "correction" } });
      const text = lastText(spanish);
      expect(text).toContain("<sf:Subsanacion>S<");
      expect(text).toContain(`<sf:TipoFactura>${type}<`);
      expect(text).toContain("<sf:NIF>89890002E<");
      await deliver();
    };
    aeat.authority.script(reject);
    const { body: full } = await api.post("/sales", { ...sale, customer });
    await putRight(full.receiptNumber, "F1");
    const { body: plain } = await api.post("/sales", sale);
    await deliver();
    aeat.authority.script(reject);
    const { body: made } = await api.post(`/sales/${plain.saleId}/invoice`, { customer });
    await putRight(made.number, "F3");
    for (let i = 0; i < 3; i += 1) await deliver();
    expect((await api.get("/fiscal")).body.delivery).toMatchObject({ waiting: 0, corrected: 2 });
    expect((await verifyTill(service.till)).differences).toEqual([]);
    await spanish.closeAll();
  });
});
