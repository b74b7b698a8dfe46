import { describe, expect, test } from "vitest";
import { allRights } from "../identity/actor.ts";
import { FakeReplica } from "../testing/fake-replica.ts";
import { startTestService, type TestService } from "../testing/test-service.ts";
import { parseCsv } from "./csv.ts";
import { importFile } from "./import.ts";
import type { ImportRequest } from "./import-request.ts";

const header = "sku,barcode,name,department,unit,price,tax_code,opening_stock";
const rows = Array.from(
  { length: 450 },
  (_, i) =>
    `S${i},${9000 + i},Article ${i},Shelf,each,1.${String(i % 100).padStart(2, "0")},standard,${i % 7}`,
);
const catalogue = [header, ...rows].join("\n");

let runs = 0;
function run(shop: TestService, request: Partial<ImportRequest> & { readonly text: string }) {
  runs += 1;
  const actor = { by: { token: "test" }, name: "test", rights: allRights };
  const call = { actor, request: { key: `import-${runs}`, bodyHash: "x" } };
  return importFile(shop.service.till, call, { kind: "catalogue", map: {}, ...request });
}

describe("importing a catalogue", () => {
  test("again changes nothing; a changed row is published alone; stock is never repeated", async () => {
    const shop = await startTestService();
    const first = await run(shop, { text: catalogue });
    const withStock = rows.filter((_, i) => i % 7 !== 0).length;
    expect(first).toMatchObject({
      ok: true,
      value: { rows: 450, published: { catalogue: 450, prices: 450 }, openingStock: withStock },
    });
    const again = await run(shop, { text: catalogue });
    expect(again).toMatchObject({
      value: { published: { catalogue: 0, prices: 0 }, openingStock: 0 },
    });
    const changed = await run(shop, {
      text: catalogue.replace("Article 3,Shelf,each,1.03", "Article 3,Shelf,each,2.00"),
    });
    expect(changed).toMatchObject({
      value: { published: { catalogue: 0, prices: 1 }, openingStock: 0 },
    });
    expect((await shop.api.get("/stock/S3")).body.locations[0].onHand).toBe("3");
    const movements = shop.replica.held.map(({ entry }) => entry.movements?.length ?? 0);
    expect(Math.max(...movements)).toBeLessThanOrEqual(200);
    expect(Math.max(...shop.replica.said.map(({ items }) => items.length))).toBeLessThanOrEqual(
      501,
    );
    await shop.stop();
  });

  test("cut short anywhere, the next import brings what is missing and nothing twice", async () => {
    const whole = await startTestService();
    await run(whole, { text: catalogue });
    const { held, said } = whole.replica;
    for (let cut = 0; cut <= held.length; cut += 1) {
      const replica = new FakeReplica({
        clock: { nowMs: () => Date.now() },
        held: held.slice(0, cut),
        publications: said,
      });
      const shop = await startTestService({ replica });
      await run(shop, { text: catalogue });
      const moved = replica.held.flatMap(({ entry }) => entry.movements ?? []);
      const expected = held.flatMap(({ entry }) => entry.movements ?? []);
      expect(moved.map(({ sku }) => sku).toSorted()).toEqual(
        expected.map(({ sku }) => sku).toSorted(),
      );
      await shop.stop();
    }
    await whole.stop();
  });

  test("faults of all rows at once, and nothing of the file", async () => {
    const shop = await startTestService();
    const text = [
      header,
      "A,1,One,Shelf,each,1.5x,standard,1",
      "A,2,Two,Shelf,each,1.50,,-1",
      ",3,,Shelf,each,1,standard,",
    ].join("\n");
    const imported = await run(shop, { text });
    expect(imported.ok ? [] : imported.error.faults?.map(({ pointer }) => pointer)).toEqual([
      "line 3, sku",
      "line 2, price",
      "line 3, opening_stock",
      "line 3, tax_code",
      "line 4, sku",
      "line 4, name",
    ]);
    expect([shop.replica.held.length, shop.replica.said.length]).toEqual([0, 0]);
    await shop.stop();
  });

  test("another header with a map; a missing column is named", async () => {
    const shop = await startTestService();
    const text = "sku,name,price_gbp,tax_code\nA,One,1.50,standard\n";
    expect(await run(shop, { text })).toMatchObject({
      ok: false,
      error: { faults: [{ detail: expect.stringContaining("--map price=") }] },
    });
    expect(await run(shop, { text, map: { price: "price_gbp" } })).toMatchObject({
      ok: true,
      value: { rows: 1 },
    });
    await shop.stop();
  });
});

describe("CSV", () => {
  test.each([
    [
      "a,b\r\n1,2\r\n",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    ['\uFEFF"a ""x""","b\nc",\n\n1', [['a "x"', "b\nc", ""], ["1"]]],
    ["", []],
    ["a", [["a"]]],
    ["a,", [["a", ""]]],
  ])("%j", (text, expected) => {
    const parsed = parseCsv(text);
    expect(parsed.ok && parsed.value.map(({ fields }) => fields)).toEqual(expected);
  });

  test.each([
    ['a\n"b', { type: "QuoteOpen", line: 2 }],
    ['a\n"b"c', { type: "QuoteStray", line: 2 }],
  ])("%j is refused", (text, error) => {
    expect(parseCsv(text)).toEqual({ ok: false, error });
  });
});
