import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allRights } from "../identity/actor.ts";
import {
  happyHour,
  published,
  startPricedShop,
  threeBakes,
  type PricedShop,
} from "../testing/priced-shop.ts";
import { gbp, type TestAnswer } from "../testing/test-service.ts";
import { importFile } from "./import.ts";

let shop: PricedShop;
beforeAll(async () => {
  shop = await startPricedShop();
});
afterAll(() => shop.stop());

const pointers = ({ body }: TestAnswer) =>
  body.errors.map(({ pointer }: { pointer: string }) => pointer).toSorted();

const changed = (count: number) => ({ ok: true, value: { published: { promotions: count } } });

describe("publishing", () => {
  test("a faulty promotion is refused with every fault, and nothing of the rest is published", async () => {
    const before = shop.replica.said.length;
    const answer = await shop.api.post("/hq/publications/promotions", {
      promotions: [
        threeBakes,
        { ...threeBakes, name: "" },
        {
          ...happyHour,
          effectiveFrom: "2026-02-30",
          times: [{ weekdays: [8], from: "25:00", to: "17:00" }],
          rule: { kind: "percent", items: { skus: ["NIX"] }, percentBp: -1 },
        },
        {
          id: "nix",
          name: "Nix",
          locations: ["loc_x"],
          rule: { kind: "percent", items: { skus: ["NIX"] }, percentBp: 1 },
        },
      ],
    });
    expect([answer.status, answer.body.code]).toEqual([422, "InvalidPublication"]);
    expect(pointers(answer)).toEqual([
      "/promotions/1/id",
      "/promotions/1/name",
      "/promotions/2/effectiveFrom",
      "/promotions/2/rule/percentBp",
      "/promotions/2/times/0/from",
      "/promotions/2/times/0/weekdays/0",
      "/promotions/3/locations/0",
      "/promotions/3/rule/items/skus/0",
    ]);
    expect(shop.replica.said.length).toBe(before);
    expect((await shop.api.get("/promotions")).body.items).toEqual([]);
  });

  test("a fraction is refused with its place, in whatever member it stands", async () => {
    const half = { ...threeBakes, rule: { ...threeBakes.rule, payFor: 1.5 }, note: { rate: 0.5 } };
    const answer = await shop.api.post("/hq/publications/promotions", { promotions: [half] });
    expect([answer.status, pointers(answer)]).toEqual([
      422,
      ["/promotions/0/note/rate", "/promotions/0/rule/payFor"],
    ]);
    const policy = { name: "Shop", note: 1.5 };
    const ofPolicy = await shop.api.post("/hq/publications/policy", { policy });
    expect([ofPolicy.status, pointers(ofPolicy)]).toEqual([422, ["/policy/note"]]);
  });

  test("promotions are listed with a sentence, page by page, and withdrawn", async () => {
    await published(shop.api, "promotions", { promotions: [threeBakes, happyHour] });
    const first = await shop.api.get("/promotions?limit=1");
    expect(first.body.items).toMatchObject([
      {
        id: "happy-hour",
        kind: "percent",
        description: "10 % off Drinks, Mon to Fri 15:00–17:00.",
        isActive: false,
        coupon: null,
        publication: { publisher: { id: "dev_a" } },
      },
    ]);
    const second = await shop.api.get(`/promotions?cursor=${first.body.next}`);
    expect(second.body.items).toMatchObject([
      { id: "three-bakes", description: "3 for the price of 2 of “bakes”.", isActive: true },
    ]);
    expect(second.body.next).toBeNull();
    await published(shop.api, "promotions", { withdrawn: ["happy-hour"] });
    const left = await shop.api.get("/promotions");
    expect(left.body.items.map(({ id }: { id: string }) => id)).toEqual(["three-bakes"]);
  });

  test("lists, policies, products, prices and taxes refer to what there is", async () => {
    const list = {
      list: "night",
      name: "Night",
      basis: "net",
      locations: ["loc_x"],
      customerGroups: null,
      priority: 0,
    };
    const lists = await shop.api.post("/hq/publications/lists", { lists: [list] });
    expect(pointers(lists)).toEqual(["/lists/0/basis"]);
    const elsewhere = { ...list, basis: "inclusive" };
    const known = await shop.api.post("/hq/publications/lists", { lists: [elsewhere] });
    expect([known.body.code, pointers(known)]).toEqual([
      "UnknownLocation",
      ["/lists/0/locations/0"],
    ]);
    const serviceCharge = { name: "Service", taxCode: "nix", percentBp: 1000 };
    const policy = await shop.api.post("/hq/publications/policy", {
      policy: { name: "Shop", serviceCharge },
    });
    expect(pointers(policy)).toEqual(["/policy/serviceCharge/taxCode"]);
    const products = await shop.api.post("/hq/publications/catalogue", {
      products: [
        {
          sku: "NEW",
          name: "New",
          taxCode: "nix",
          takeAwayTaxCode: "nix",
          deposit: "NEW",
          openPrice: { min: gbp(2), max: gbp(1) },
        },
      ],
    });
    expect(pointers(products)).toEqual([
      "/products/0/deposit",
      "/products/0/openPrice/max",
      "/products/0/takeAwayTaxCode",
      "/products/0/taxCode",
    ]);
    const prices = await shop.api.post("/hq/publications/prices", {
      prices: [
        {
          sku: "COF",
          price: gbp(1),
          effectiveFrom: "2026-12-02",
          effectiveTo: "2026-12-01",
        },
        { sku: "COF", price: gbp(1), per: "0" },
      ],
    });
    expect(pointers(prices)).toEqual(["/prices/0/effectiveTo", "/prices/1/per"]);
    const taxes = await shop.api.post("/hq/publications/taxes", {
      taxes: [
        {
          taxCode: "city",
          name: "City",
          ratePercent: "9",
          components: [{ id: "a", name: "A", ratePercent: "8" }],
        },
      ],
    });
    expect(pointers(taxes)).toEqual(["/taxes/0/ratePercent"]);
  });

  test("several taxes of a line, a price for 100 g, a service charge", async () => {
    await published(shop.api, "taxes", {
      taxes: [
        {
          taxCode: "city",
          name: "City",
          ratePercent: "9",
          components: [
            { id: "state", name: "State", ratePercent: "6" },
            { id: "town", name: "Town", ratePercent: "3" },
          ],
        },
      ],
    });
    const products = [{ sku: "HAM", name: "Ham", unit: "g", taxCode: "city" }];
    await published(shop.api, "catalogue", { products });
    await published(shop.api, "prices", { prices: [{ sku: "HAM", price: gbp(218), per: "100" }] });
    const serviceCharge = { name: "Service", taxCode: "zero", percentBp: 1000 };
    await published(shop.api, "policy", { policy: { name: "Shop", serviceCharge } });
    const sold = await shop.api.post("/sales", {
      lines: [{ sku: "HAM", quantity: "250" }],
      tenders: [{ kind: "card", amount: gbp(600) }],
    });
    expect(sold.status).toBe(201);
    expect(sold.body.lines).toMatchObject([
      {
        amount: gbp(545),
        per: "100",
        ratePercent: "9",
        taxes: [
          { id: "state", ratePercent: "6", base: gbp(500), tax: gbp(30) },
          { id: "town", ratePercent: "3", base: gbp(500), tax: gbp(15) },
        ],
      },
      { lineId: "service", amount: gbp(55) },
    ]);
    expect((await shop.api.get("/stock/HAM")).body.locations[0].onHand).toBe("-250");
    await published(shop.api, "policy", { policy: null });
  });
});

describe("a file of promotions", () => {
  const actor = { by: { token: "test" }, name: "test", rights: allRights };
  let runs = 0;
  const run = (text: string) => {
    runs += 1;
    const call = { actor, request: { key: `promotions-${runs}`, bodyHash: "x" } };
    return importFile(shop.service.till, call, { kind: "promotions", text, map: {} });
  };

  test("is imported again without effect, and updates what changed", async () => {
    const file = [happyHour, threeBakes];
    await published(shop.api, "promotions", { withdrawn: [happyHour.id, threeBakes.id] });
    expect(await run(JSON.stringify(file))).toMatchObject(changed(2));
    expect(await run(JSON.stringify({ promotions: file }))).toMatchObject(changed(0));
    const dearer = { ...happyHour, rule: { ...happyHour.rule, percentBp: 500 } };
    expect(await run(JSON.stringify([dearer]))).toMatchObject(changed(1));
    expect((await shop.api.get("/promotions")).body.items.length).toBe(2);
  });

  test("with faults says where each is, and changes nothing", async () => {
    const before = shop.replica.said.length;
    const faulty = await run(JSON.stringify([threeBakes, { id: "", name: "x", rule: {} }]));
    expect(faulty).toMatchObject({ ok: false, error: { type: "ImportFaults" } });
    const found = faulty.ok ? [] : (faulty.error.faults ?? []);
    expect(found.map(({ pointer }) => pointer)).toEqual(["/1/id", "/1/rule/kind"]);
    for (const text of ["[", "7", '{"promotions":{}}']) {
      expect(await run(text)).toMatchObject({ ok: false, error: { type: "ImportFaults" } });
    }
    expect(shop.replica.said.length).toBe(before);
  });

  test("a catalogue may have tags, deposits and take-away taxes; what it does not name stays", async () => {
    const call = { actor, request: { key: "catalogue-1", bodyHash: "x" } };
    const header = "sku,name,price,tax_code,tags,take_away_tax_code,deposit";
    const text = `${header}\nPIE,Pie,3.00,standard,bakes;hot,zero,DEP\n`;
    const done = await importFile(shop.service.till, call, { kind: "catalogue", text, map: {} });
    expect(done.ok).toBe(true);
    const pie = { tags: ["bakes", "hot"], takeAwayTaxCode: "zero", deposit: "DEP" };
    const find = async () => (await shop.api.get("/products?query=pie")).body.items[0];
    expect(await find()).toMatchObject(pie);
    const later = { actor, request: { key: "catalogue-2", bodyHash: "y" } };
    const plain = "sku,name,price,tax_code\nPIE,Pie,3.10,standard\n";
    await importFile(shop.service.till, later, { kind: "catalogue", text: plain, map: {} });
    expect(await find()).toMatchObject({ ...pie, price: gbp(310) });
  });
});
