/**
 * One till under a fiscal regime, from outside: sold, given back, killed, started again, closed, verified, exported.
 *
 * @module
 */

import { expect } from "vitest";
import type { FiscalSeal, Refund, Sale, Shift } from "../harness/answers.ts";
import { must } from "../harness/api.ts";
import { createDice } from "../harness/dice.ts";
import { startLoad, type Order, type Promised } from "../harness/load.ts";
import { pause } from "../harness/eventually.ts";
import { tillmesh, tillmeshDone, tillmeshToFile } from "../harness/programs.ts";
import { moneyOf, type RegimeShop } from "../harness/regimes.ts";
import { serve, type Device, type Serving } from "../harness/serving.ts";
import { tokenFor } from "../harness/shop.ts";
import { sealing } from "../harness/kill-loop.ts";

export interface FiscalTill {
  readonly shop: RegimeShop;
  readonly device: Device;
  serving: Serving;
}

export type FiscalCases = Readonly<Record<string, (till: FiscalTill) => Promise<void>>>;

export const fiscalCases: FiscalCases = {
  "every receipt is sealed under its own number, and says which keys it was sealed with": async ({
    shop,
    serving: { api },
  }) => {
    must(await api.post<Shift>("/shifts", { float: moneyOf(shop)(0) }), 201);
    const first = await sellCoffee(api, shop);
    const second = await sellCoffee(api, shop);
    expectSealed(first, shop);
    expect(second.fiscal?.sequence).toBe((first.fiscal?.sequence ?? 0) + 1);
    expect(must(await api.get<Sale>(`/sales/${first.saleId}`), 200).fiscal).toEqual(first.fiscal);
  },

  "what is given back is sealed, too": async ({ shop, serving: { api } }) => {
    const partly = await sellCoffee(api, shop, { units: 2 });
    const lines = [{ sku: "COF", quantity: "1" }];
    const refund = { lines, reason: "cold", goods: "waste" };
    const back = await api.post<Refund>(`/sales/${partly.saleId}/refunds`, refund);
    expectSealed(must(back, 201), shop);
    const rest = await api.post<Refund>(`/sales/${partly.saleId}/reversal`, { reason: "wrong" });
    expectSealed(must(rest, 201), shop);
    const whole = await sellCoffee(api, shop);
    const gone = await api.post<Refund>(`/sales/${whole.saleId}/reversal`, { reason: "wrong" });
    expectSealed(must(gone, 201), shop);
  },

  "a customer gets a full invoice, at once or afterwards, where the law has one": async ({
    shop,
    device,
    serving: { api },
  }) => {
    const named = await sellCoffee(api, shop, { customer });
    expectSealed(named, shop);
    const sold = await sellCoffee(api, shop);
    const path = `/sales/${sold.saleId}/invoice`;
    if (!shop.regime.startsWith("es-")) {
      expect(must(await api.post(path, { customer }), 409)).toMatchObject({
        code: "FiscalNoInvoice",
      });
      return;
    }
    const made = must(await api.post<FullInvoice>(path, { customer }, { key: "invoice" }), 201);
    expect(made.number).toMatch(/-F000001$/);
    expect(must(await api.post(path, { customer }, { key: "invoice" }), 200)).toEqual(made);
    expect(must(await api.post(path, { customer }), 409)).toMatchObject({
      code: "FiscalInvoiced",
      invoiceNumber: made.number,
    });
    for (const { saleId } of [named, sold])
      must(await api.post<Refund>(`/sales/${saleId}/reversal`, { reason: "wrong" }), 201);
    const args = ["--kind", shop.exportKind, "--data", device.directory];
    const records = (await tillmeshDone("fiscal", "export", ...args)).split("<sf:RegistroAlta ");
    const types = records
      .filter((record) => record.includes(`<sf:NIF>${customer.taxId}<`))
      .map((record) => /TipoFactura>(..)</.exec(record)?.[1]);
    expect(types).toEqual(["F1", "F3", "R1", "R1"]);
    expect(records.at(-1)).toContain(`<sf:NumSerieFactura>${made.number}<`);
    expect(await verified("fiscal", "verify", "--data", device.directory)).toBe(0);
  },

  "killed under load it goes on in its chain, and what was asked again is sealed once": async (
    till,
  ) => {
    const { shop } = till;
    const asked: Promised[] = [];
    const open: Order[] = [];
    for (const round of [1, 2]) {
      const load = startLoad(till.serving.api, {
        dice: createDice(round),
        workers: 4,
        keyPrefix: `fiscal/${round}`,
        money: moneyOf(shop),
      });
      await pause(60 * round);
      await till.serving.kill();
      const { promised, unanswered, faults } = await load.stop();
      expect(faults).toEqual([]);
      asked.push(...promised.values());
      open.push(...unanswered);
      till.serving = await serve(till.device);
      for (const { key, body } of unanswered)
        must(await till.serving.api.post<Sale>("/sales", body, { key }), 200, 201);
    }
    const sales = await till.serving.api.all<Sale>("/sales");
    const numbers = new Set(sales.map(({ receiptNumber }) => receiptNumber));
    expect(asked.filter(({ receiptNumber }) => !numbers.has(receiptNumber))).toEqual([]);
    expect(numbers.size).toBe(sales.length);
    expect(sealing(sales)).toEqual([]);
    expect(open.length).toBeGreaterThan(0);
  },

  "the day is closed, and what the regime wants closed with it": async ({
    shop,
    serving: { api },
  }) => {
    must(await api.post("/shifts/close", { counted: moneyOf(shop)(0) }), 200);
    must(await api.post("/days/close", {}), 200);
    expect(must(await api.get<FiscalStatus>("/fiscal"), 200)).toMatchObject({
      regime: shop.regime,
      isTest: shop.isTest,
      stopped: null,
      stream: { closed: null, epoch: 1, incarnation: 1 },
    });
  },

  "every chain verifies, while it serves and when it is off": async (till) => {
    const { directory } = till.device;
    expect(await verified("fiscal", "verify", "--data", directory)).toBe(0);
    await till.serving.stop();
    expect(await verified("verify", "--data", directory)).toBe(0);
    expect(await verified("fiscal", "status", "--data", directory)).toBe(0);
    till.serving = await serve(till.device);
  },

  "the export holds every receipt": async ({ shop, device, serving: { api } }) => {
    if (shop.exportKind === "") return;
    const sales = await api.all<Sale>("/sales");
    const args = ["fiscal", "export", "--kind", shop.exportKind, "--data", device.directory];
    const text = await tillmeshDone(...args);
    const found = shop.regime === "at-rksv" ? dep7Texts(text) : text;
    const missing = sales.filter(({ receiptNumber }) => !found.includes(receiptNumber));
    expect(missing.map(({ receiptNumber }) => receiptNumber)).toEqual([]);
    const longAgo = await tillmeshDone(...args, "--from", "2001-01-01", "--to", "2001-01-02");
    expect(longAgo.length).toBeLessThan(text.length);
  },

  "back from its backup it closes that chain and begins another, with a series of its own": async (
    till,
  ) => {
    const { shop, device } = till;
    const backup = `${device.directory}.backup`;
    await tillmeshToFile(["backup", "--data", device.directory], backup);
    await till.serving.stop();
    const directory = `${device.directory}-new-disk`;
    await tillmeshDone("replace", "--data", directory, "--backup", backup);
    till.serving = await serve({ ...device, directory, token: await tokenFor(directory) });
    const { api } = till.serving;
    must(await api.post<Shift>("/shifts", { float: moneyOf(shop)(0) }), 201);
    const sale = await sellCoffee(api, shop);
    expectSealed(sale, shop);
    expect(sale.receiptNumber).toMatch(/-2-000001$/);
    expect(must(await api.get<FiscalStatus>("/fiscal"), 200)).toMatchObject({
      stopped: null,
      stream: { closed: null, epoch: 2, incarnation: 2 },
    });
    await till.serving.stop();
    expect(await verified("verify", "--data", directory)).toBe(0);
  },
};

interface FiscalStatus {
  readonly regime: string | null;
}

interface FullInvoice {
  readonly number: string;
}

const customer = { name: "Ñandú & Co.", taxId: "89890002E", country: "ES" };

async function sellCoffee(
  api: Serving["api"],
  shop: RegimeShop,
  { units = 1, ...more }: { readonly units?: number; readonly customer?: object } = {},
): Promise<Sale> {
  const total = moneyOf(shop)(290 * units);
  const tenders = [{ kind: "cash", amount: total }];
  const lines = [{ sku: "COF", quantity: String(units) }];
  return must(
    await api.post<Sale>("/sales", { lines, tenders, expectedTotal: total, ...more }),
    201,
  );
}

function expectSealed(
  { receiptNumber, fiscal }: { readonly receiptNumber: string; readonly fiscal?: FiscalSeal },
  { regime, isTest }: RegimeShop,
): void {
  expect(fiscal).toMatchObject({ regime, isTest, number: receiptNumber, isDegraded: false });
  expect(fiscal?.lines.some((line) => line.includes("TEST"))).toBe(isTest);
}

async function verified(...args: readonly string[]): Promise<string | number> {
  const { code, stdout, stderr } = await tillmesh(...args);
  return code === 0 ? 0 : `${args.join(" ")}: ${code} ${stdout}${stderr}`;
}

/** The payloads of the receipts, which are base64url in the file. */
function dep7Texts(text: string): string {
  const file = JSON.parse(text) as {
    readonly "Belege-Gruppe": readonly { readonly "Belege-kompakt": readonly string[] }[];
  };
  const receipts = file["Belege-Gruppe"].flatMap((group) => group["Belege-kompakt"]);
  return receipts
    .map((jws) => Buffer.from(jws.split(".")[1] ?? "", "base64url").toString("utf8"))
    .join("\n");
}
