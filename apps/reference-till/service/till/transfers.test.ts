import { locationKey } from "@tillmesh/pricing-core";
import { afterEach, describe, expect, test } from "vitest";
import { transfersTopic } from "../projection/told-transfers.ts";
import { FakeReplica } from "../testing/fake-replica.ts";
import {
  startTestService,
  stockShop,
  type TestService,
  type TestServiceOptions,
} from "../testing/test-service.ts";

const harbour = { id: "loc_b", name: "Harbour" };
const started: TestService[] = [];

afterEach(async () => {
  for (const shop of started.splice(0)) await shop.stop();
});

async function open(options: TestServiceOptions = {}): Promise<TestService> {
  const shop = await startTestService(options);
  started.push(shop);
  return shop;
}

/** Headquarters on the High Street, which knows of the Harbour, and a till there. */
async function openShops() {
  const hq = await open();
  await stockShop(hq.api);
  const own = { ...hq.replica.location };
  const places = [own, { ...own, ...harbour }].map((location) => {
    return { key: locationKey(location as never), value: location };
  });
  await hq.replica.publish("organisation", places);
  const publications = [...hq.replica.said];
  const till = await open({
    device: "dev_b",
    code: "BBBB",
    roles: ["till"],
    location: harbour,
    publications,
  });
  return { hq, till };
}

const ship = (hq: TestService, quantity: string, transfer?: string) =>
  hq.api.post("/stock/movements", {
    kind: "transfer-out",
    sku: "C1",
    quantity,
    counterpart: "Harbour",
    ...(transfer === undefined ? {} : { transfer }),
  });

const receive = (till: TestService, quantity: string, transfer: string) =>
  till.api.post("/stock/movements", {
    kind: "transfer-in",
    sku: "C1",
    quantity,
    counterpart: "High Street",
    transfer,
  });

const told = ({ replica }: TestService) => replica.publications(transfersTopic);

const untilTold = (hq: TestService, count: number) =>
  expect.poll(() => told(hq).length, { interval: 10 }).toBe(count);

interface At {
  readonly location: { readonly name: string };
  readonly onHand: string;
  readonly inTransit: string;
}

const levels = async ({ api }: TestService) =>
  (await api.get("/stock/C1")).body.locations.map(
    ({ location, onHand, inTransit }: At) => `${location.name}: ${onHand}, ${inTransit}`,
  );

const types = async ({ api }: TestService) =>
  (await api.get("/exceptions")).body.items.map(({ type }: { type: string }) => type);

describe("goods between shops", () => {
  test("a till that does not hold the sender's ledger sees what is on its way, by headquarters' word", async () => {
    const { hq, till } = await openShops();
    const { transfer } = (await ship(hq, "10")).body;
    expect(await levels(till)).toEqual([]);
    await untilTold(hq, 1);
    expect(told(hq)[0]?.items).toMatchObject([
      { key: `${transfer}/loc_b/C1`, value: { source: "loc_a", quantityMilli: 10_000 } },
    ]);
    for (const one of told(hq)) till.replica.hear(one);
    expect(await levels(till)).toEqual(["Harbour: 0, 10"]);
    await receive(till, "8", transfer);
    expect(await levels(till)).toEqual(["Harbour: 8, 2"]);
    expect(await types(till)).toEqual([]);
    hq.replica.deliver(till.replica.held);
    expect(await levels(hq)).toEqual(["High Street: -10, 0", "Harbour: 8, 2"]);
  });

  test("the ledger and headquarters' word are never added up, in any order and repetition", async () => {
    const { hq, till } = await openShops();
    await ship(hq, "10", "t1");
    await ship(hq, "5", "t1");
    await untilTold(hq, 1);
    const word = told(hq);
    for (const one of [...word, ...word]) till.replica.hear(one);
    expect(await levels(till)).toEqual(["Harbour: 0, 15"]);
    till.replica.deliver(hq.replica.held);
    expect(await levels(till)).toEqual(["Harbour: 0, 15"]);
    const other = await open({ device: "dev_c", code: "CCCC", roles: ["till"], location: harbour });
    other.replica.deliver(hq.replica.held);
    for (const one of word) other.replica.hear(one);
    expect(await levels(other)).toEqual(["Harbour: 0, 15"]);
  });

  test("what came before headquarters' word is raised, and settled by it", async () => {
    const { hq, till } = await openShops();
    await ship(hq, "4", "t2");
    await receive(till, "4", "t2");
    expect(await types(till)).toEqual(["OverReceived"]);
    await untilTold(hq, 1);
    for (const one of told(hq)) till.replica.hear(one);
    expect(await types(till)).toEqual([]);
    expect(await levels(till)).toEqual(["Harbour: 4, 0"]);
  });

  test("headquarters says it once: a restart and a second headquarters add nothing, more shipped does", async () => {
    const { hq } = await openShops();
    await ship(hq, "3", "t3");
    await untilTold(hq, 1);
    const { held, said } = hq.replica;
    const replica = new FakeReplica({
      clock: { nowMs: () => Date.now() },
      device: "dev_h",
      code: "HHHH",
      held,
      publications: said,
    });
    const second = await open({ replica });
    await second.api.get("/stock/C1");
    await ship(second, "1", "t4");
    await untilTold(second, 2);
    expect(told(second)[1]?.items.map(({ key }) => key)).toEqual(["t4/loc_b/C1"]);
    await ship(hq, "2", "t3");
    await untilTold(hq, 2);
    expect(told(hq)[1]?.items).toMatchObject([{ value: { quantityMilli: 5000 } }]);
  });

  test("a till publishes nothing and answers for its own place alone", async () => {
    const { till } = await openShops();
    await till.api.post("/stock/movements", {
      kind: "transfer-out",
      sku: "C1",
      quantity: "2",
      counterpart: "High Street",
    });
    expect(await levels(till)).toEqual(["Harbour: -2, 0"]);
    expect(await types(till)).toEqual(["OversellRaised"]);
    expect(told(till)).toEqual([]);
  });
});
