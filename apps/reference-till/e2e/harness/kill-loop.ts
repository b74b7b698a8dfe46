/**
 * Two tills under load, one of them killed again and again; then a reckoning of every answer.
 *
 * @module
 */

import path from "node:path";
import { must } from "./api.ts";
import type { Page, Sale, Shift, Stock } from "./answers.ts";
import { articles, catalogueCsv, openingUnits, priceMap } from "./corner-shop.ts";
import { createDice, type Dice } from "./dice.ts";
import { eventually, pause } from "./eventually.ts";
import { writeText } from "./folders.ts";
import { startLoad, type Order, type Promised } from "./load.ts";
import { tillmesh } from "./programs.ts";
import { moneyOf, regimeShops, type RegimeName, type RegimeShop } from "./regimes.ts";
import { serve, untilConnected, type Device, type Serving } from "./serving.ts";
import { foundShop, joinShop } from "./shop.ts";

export interface KillOptions {
  readonly folder: string;
  readonly rounds: number;
  readonly seed: number;
  /** By which fiscal regime receipts are sealed. */
  readonly regime: RegimeName;
  readonly onRound?: (round: number, facts: RoundFacts) => void;
}

export interface RoundFacts {
  readonly victim: string;
  /** Sales that had their 201 when the process died. */
  readonly acknowledged: number;
  /** Requests that had no answer yet. */
  readonly unanswered: number;
  /** Of those: how many turned out to be recorded already. */
  readonly foundRecorded: number;
}

export interface Reckoning {
  readonly sales: number;
  readonly unanswered: number;
  readonly foundRecorded: number;
  /** Sentences; empty when everything holds. */
  readonly faults: readonly string[];
}

/** One till and what it promised, over all its lives. */
interface Subject {
  readonly name: string;
  readonly device: Device;
  readonly peerPort: number;
  readonly promised: Map<string, Promised>;
  serving: Serving;
}

export async function killLoop(options: KillOptions): Promise<Reckoning> {
  const dice = createDice(options.seed);
  const shop = regimeShops[options.regime];
  const [one, two] = await openPair(options.folder, shop);
  const faults: string[] = [];
  let unanswered = 0;
  let foundRecorded = 0;
  try {
    for (let round = 1; round <= options.rounds; round += 1) {
      const [victim, other] = round % 3 === 0 ? [two, one] : [one, two];
      const facts = await killOnce({ shop, victim, other, dice, round, faults });
      unanswered += facts.unanswered;
      foundRecorded += facts.foundRecorded;
      options.onRound?.(round, facts);
    }
    faults.push(...(await reckon([one, two])));
  } finally {
    await Promise.all([one, two].map(({ serving }) => serving.stop()));
  }
  for (const { name, device } of [one, two]) faults.push(...(await verified(name, device)));
  return { sales: one.promised.size + two.promised.size, unanswered, foundRecorded, faults };
}

async function openPair(folder: string, shop: RegimeShop): Promise<readonly [Subject, Subject]> {
  const taxes = writeText(folder, "taxes.csv", shop.taxesCsv);
  const catalogue = writeText(folder, "catalogue.csv", catalogueCsv);
  const first = await foundShop(folder, { taxes, catalogue, map: priceMap, regime: shop });
  const second = await joinShop(first, { folder, name: "Till 2" });
  const one = await openSubject(first, second.lanPort);
  const two = await openSubject(second, first.lanPort);
  await untilConnected(two.serving);
  await eventually("the catalogue on till 2", async () => {
    const { status } = await two.serving.api.get("/prices/SNK");
    return status === 200 ? true : undefined;
  });
  for (const { serving } of [one, two]) {
    must(await serving.api.post<Shift>("/shifts", { float: moneyOf(shop)(0) }), 201);
  }
  return [one, two];
}

async function openSubject(device: Device, peerPort: number): Promise<Subject> {
  const serving = await serve(device, { peers: [peerPort] });
  const name = path.basename(device.directory);
  return { name, device, peerPort, promised: new Map(), serving };
}

interface Round {
  readonly shop: RegimeShop;
  readonly victim: Subject;
  readonly other: Subject;
  readonly dice: Dice;
  readonly round: number;
  readonly faults: string[];
}

async function killOnce({ shop, victim, other, dice, round, faults }: Round): Promise<RoundFacts> {
  const loads = [victim, other].map(({ name, serving }) =>
    startLoad(serving.api, {
      dice,
      workers: 4,
      keyPrefix: `${round}/${name}`,
      money: moneyOf(shop),
    }),
  );
  const [load, otherLoad] = loads as [(typeof loads)[0], (typeof loads)[0]];
  await pause(40 + dice(360));
  const ending = await victim.serving.kill();
  if (ending.signal !== "SIGKILL") faults.push(`round ${round}: ended by itself (${ending.code})`);
  const [ofVictim, ofOther] = await Promise.all([load.stop(), otherLoad.stop()]);
  faults.push(...ofVictim.faults, ...ofOther.faults, ...ofOther.unanswered.map(lostElsewhere));
  victim.serving = await serve(victim.device, { peers: [victim.peerPort] });
  keep(victim, ofVictim.promised);
  keep(other, ofOther.promised);
  faults.push(...(await findAll(victim, ofVictim.promised)));
  let foundRecorded = 0;
  for (const order of ofVictim.unanswered) {
    const answer = await victim.serving.api.post<Sale>("/sales", order.body, { key: order.key });
    const { saleId, receiptNumber, total } = must(answer, 200, 201);
    if (answer.status === 200) foundRecorded += 1;
    victim.promised.set(order.key, { order, saleId, receiptNumber, totalMinor: total.minor });
  }
  return {
    victim: victim.name,
    acknowledged: ofVictim.promised.size,
    unanswered: ofVictim.unanswered.length,
    foundRecorded,
  };
}

function lostElsewhere({ key }: Order): string {
  return `${key}: no answer from the till that was not killed`;
}

function keep(subject: Subject, promised: ReadonlyMap<string, Promised>): void {
  for (const [key, promise] of promised) subject.promised.set(key, promise);
}

/** Each sale by its id, and the newest once more by its key: the same sale, nothing new. */
async function findAll(
  { serving: { api } }: Subject,
  promised: ReadonlyMap<string, Promised>,
): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const promise of promised.values()) {
    const { status, body } = await api.get<Sale>(`/sales/${promise.saleId}`);
    if (status !== 200) faults.push(`${promise.receiptNumber}: answered with 201, then ${status}`);
    else faults.push(...differences(promise, body));
  }
  const newest = [...promised.values()].at(-1);
  if (newest === undefined) return faults;
  const { order } = newest;
  const again = await api.post<Sale>("/sales", order.body, { key: order.key });
  if (again.status !== 200) faults.push(`${order.key}: asked again after 201: ${again.status}`);
  else faults.push(...differences(newest, again.body));
  return faults;
}

function differences(promise: Promised, sale: Sale): readonly string[] {
  const found = `${sale.saleId} ${sale.receiptNumber} ${sale.total.minor}`;
  const expected = `${promise.saleId} ${promise.receiptNumber} ${promise.totalMinor}`;
  return found === expected ? [] : [`${promise.order.key}: ${found}, not ${expected}`];
}

/** Both tills have exactly the promised sales, and the stock that follows from them. */
async function reckon(subjects: readonly [Subject, Subject]): Promise<readonly string[]> {
  const all = new Map(
    subjects.flatMap(({ promised }) =>
      [...promised.values()].map((one) => [one.saleId, one] as const),
    ),
  );
  const promises = subjects.reduce((sum, { promised }) => sum + promised.size, 0);
  const faults = all.size === promises ? [] : [`${promises} keys, but ${all.size} sales`];
  for (const subject of subjects) {
    const { name, serving } = subject;
    await eventually(
      `${all.size} sales on ${name}`,
      async () => ((await countOf(serving)) >= all.size ? true : undefined),
      { everyMs: 300 },
    ).catch((error: unknown) => faults.push(String(error)));
    const sales = await serving.api.all<Sale>("/sales");
    const unknown = sales.filter(({ saleId }) => !all.has(saleId));
    if (sales.length !== all.size) faults.push(`${name}: ${sales.length} sales, not ${all.size}`);
    faults.push(
      ...unknown.map(({ receiptNumber }) => `${name}: nobody asked for ${receiptNumber}`),
    );
    faults.push(...sales.flatMap((sale) => differences(all.get(sale.saleId) ?? nobody, sale)));
    faults.push(...numbering(sales).map((fault) => `${name}: ${fault}`));
    faults.push(...sealing(sales).map((fault) => `${name}: ${fault}`));
    faults.push(...(await stockFaults(subject, [...all.values()])));
  }
  return faults;
}

const nobody: Promised = {
  order: { key: "nobody", units: {}, body: {} },
  saleId: "",
  receiptNumber: "",
  totalMinor: 0,
};

async function countOf({ api }: Serving): Promise<number> {
  return (await api.all<Sale>("/sales")).length;
}

/** 1, 2, 3 … in each series. */
export function numbering(sales: readonly Pick<Sale, "receiptNumber">[]): readonly string[] {
  const series = Map.groupBy(sales, ({ receiptNumber }) => receiptNumber.replace(/-\d+$/, ""));
  return [...series].flatMap(([name, ofSeries]) => {
    const numbers = ofSeries.map(({ receiptNumber }) => Number(/\d+$/.exec(receiptNumber)?.[0]));
    const sorted = numbers.toSorted((a, b) => a - b);
    const wrong = sorted.findIndex((number, index) => number !== index + 1);
    return wrong === -1 ? [] : [`series ${name}: ${sorted[wrong]} where ${wrong + 1} belongs`];
  });
}

/** Every receipt is sealed under its own number, no place in a chain twice, and the chain goes on as the numbers do. */
export function sealing(
  sales: readonly Pick<Sale, "receiptNumber" | "fiscal">[],
): readonly string[] {
  const series = Map.groupBy(sales, ({ receiptNumber }) => receiptNumber.replace(/-\d+$/, ""));
  return [...series.values()].flatMap((ofSeries) => {
    const sorted = ofSeries.toSorted((a, b) => (a.receiptNumber < b.receiptNumber ? -1 : 1));
    return sorted.flatMap(({ receiptNumber, fiscal }, index) => {
      const before = sorted[index - 1]?.fiscal?.sequence ?? 0;
      if (fiscal === undefined) return [`${receiptNumber} has no seal`];
      if (fiscal.number !== receiptNumber)
        return [`${receiptNumber} is sealed as ${fiscal.number}`];
      return fiscal.sequence > before ? [] : [`${receiptNumber} does not go on in its chain`];
    });
  });
}

async function stockFaults(
  { name, serving }: Subject,
  promises: readonly Promised[],
): Promise<readonly string[]> {
  const { items } = must(await serving.api.get<Page<Stock>>("/stock?limit=200"), 200);
  return articles.flatMap((sku) => {
    const sold = promises.reduce((sum, { order }) => sum + (order.units[sku] ?? 0), 0);
    const expected = String(openingUnits[sku] - sold);
    const found = items.find((item) => item.sku === sku)?.locations[0]?.onHand;
    return found === expected ? [] : [`${name}: ${found} of ${sku} on hand, not ${expected}`];
  });
}

async function verified(name: string, device: Device): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const command of [["verify"], ["fiscal", "verify"]]) {
    const args = [...command, "--data", device.directory, "--json"];
    const { code, stdout, stderr } = await tillmesh(...args);
    const told = `${name}: ${command.join(" ")} ended with ${code}: ${stdout}${stderr}`;
    if (code !== 0) faults.push(told);
  }
  return faults;
}
