/**
 * The two devices that the contract is tried on: headquarters in one place, a till in another.
 *
 * @module
 */

import { must, type Answer, type Api } from "../harness/api.ts";
import { gbp, type Money, type Sale, type Status } from "../harness/answers.ts";
import type { AnswerSchemas, OpenApi } from "../harness/answer-schemas.ts";
import type { Device, Serving } from "../harness/serving.ts";
import type { FirstDevice } from "../harness/shop.ts";

export interface Pair {
  readonly folder: string;
  /** Till and headquarters, on the High Street. */
  readonly first: FirstDevice;
  /** A till at the Harbour. */
  readonly second: Device;
  readonly tills: readonly [Serving, Serving];
  readonly openApi: OpenApi;
  readonly schemas: AnswerSchemas;
}

/** Sentences for a test's title, and the test; they run in this order. */
export type Cases = Readonly<Record<string, (pair: Pair) => Promise<void>>>;

/** Calls that must be refused, and may record nothing. */
export async function refusedWithoutTrace(
  api: Api,
  calls: () => Promise<readonly Answer[]>,
): Promise<readonly Answer[]> {
  const before = await ledgerLength(api);
  const answers = await calls();
  const after = await ledgerLength(api);
  if (after !== before) throw new Error(`${after - before} entries were recorded by refused calls`);
  return answers;
}

export async function ledgerLength(api: Api): Promise<number> {
  return must(await api.get<Status>("/status"), 200).ledgerLength;
}

/** Exact cash for whole units at these prices. */
export function saleBody(sku: string, units: number, unitMinor: number) {
  const total: Money = gbp(units * unitMinor);
  const tenders = [{ kind: "cash", amount: total }];
  return { lines: [{ sku, quantity: String(units) }], tenders, expectedTotal: total };
}

export async function sellCoffee({ api }: Serving, units = 1): Promise<Sale> {
  return must(await api.post<Sale>("/sales", saleBody("COF", units, 290)), 201);
}
