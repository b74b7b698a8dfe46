/**
 * Which taxes a fiscal regime would refuse at the counter, told before anybody stands there.
 *
 * The regime itself is asked, with a receipt of one line. Tax codes are the organisation's, its locations may lie in several countries:
 * a tax is refused when it is published only if no location could seal it, and each till shows those that its own regime does not take.
 *
 * @module
 */

import { emptyHead, fiscalTimeAt, type Receipt, type Regime } from "@tillmesh/fiscal-queue";
import { canonicalJson, type BusinessDate, type DeviceId, type JsonObject } from "@tillmesh/kernel";
import type { TaxCategory, TaxItem } from "@tillmesh/pricing-core";
import type { Fault } from "../http/problem.ts";
import type { Till } from "../till/till.ts";
import { noFiscal } from "./fiscal-state.ts";
import type { LocationRegime } from "./location-regime.ts";
import { regimeNamed } from "./regimes.ts";
import { configFor } from "./stream-plan.ts";
import { makeActivation } from "./test-activation.ts";

type StreamConfig = ReturnType<typeof configFor>;

/** Of taxes that headquarters is about to publish. */
export type TaxCheck = (tax: TaxItem, pointer: string) => readonly Fault[];

export function createTaxCheck(till: Till): TaxCheck {
  let places: readonly (StreamConfig | undefined)[] | undefined;
  return (tax, pointer) => {
    places ??= placesOf(till);
    const why = places.map((config) => config && refusalOf(config, tax, till.clock.nowMs()));
    const [first] = why;
    if (first === undefined || why.includes(undefined)) return [];
    const detail = `The fiscal regime does not take tax code ${JSON.stringify(tax.taxCode)}: ${first}.`;
    return [{ pointer, code: "FiscalRefused", detail }];
  };
}

/** Of the taxes in force, for the regime of this till. */
export function refusedTaxes(till: Till): readonly JsonObject[] {
  const config = till.fiscal.open?.stream.config;
  if (config === undefined) return [];
  const { taxes } = till.books;
  const { book } = taxes;
  const codes = new Set(book.keys().flatMap((key) => book.inForce(key)?.value.taxCode ?? []));
  return [...codes].flatMap((taxCode) => {
    const tax = taxes.byCode(taxCode, till.fiscal.today)?.value;
    const detail = tax && refusalOf(config, tax, till.clock.nowMs());
    return detail === undefined ? [] : [{ taxCode, detail }];
  });
}

/** One for each regime that this organisation's locations are told; undefined: nobody here knows what is taken there. */
function placesOf(till: Till): readonly (StreamConfig | undefined)[] {
  const { fiscal, replica } = till;
  const own = fiscal.open?.stream.config;
  const locations = new Set([
    replica.location.id,
    ...replica.devices().flatMap(({ location, state }) => (state === "active" ? location : [])),
  ]);
  const told = new Map<string, StreamConfig | undefined>();
  for (const id of locations) {
    const said = fiscal.locations.of(id);
    const isHere = id === replica.location.id && own !== undefined;
    const name = isHere ? "here" : canonicalJson(said ?? null);
    if (!told.has(name)) told.set(name, isHere ? own : said && probeConfig(till, said));
  }
  return [...told.values()];
}

/** With keys that are made for this question and forgotten; real ones come with settings of their own. */
function probeConfig({ clock, replica }: Till, said: LocationRegime): StreamConfig | undefined {
  if (!said.isTest) return undefined;
  const { activation } = makeActivation(said, { code: "TEST", today: "", nowMs: clock.nowMs() });
  const device = { ...replica.device, id: "dev_check" as DeviceId, code: "TEST" };
  const place = { replica: { device, incarnation: 1, location: replica.location }, lastNumber: 0 };
  return configFor(activation, { ...place, state: noFiscal });
}

/** What the regime says against it; of a tax to come, on its first day. */
function refusalOf(config: StreamConfig, tax: TaxItem, nowMs: number): string | undefined {
  const regime = regimeNamed(config.regime);
  const opened = regime?.open(config);
  if (regime === undefined || opened?.ok !== true) return undefined;
  const head = emptyHead(config, opened.value.state);
  const at = fiscalTimeAt(Math.max(nowMs, noonOf(tax.effectiveFrom)), config.timeZone);
  const request = { kind: "sale", receipt: receiptWith(config, tax) } as const;
  return taxFaults(regime.check(request, { config, head, at }))[0]?.detail;
}

function taxFaults(faults: ReturnType<Regime["check"]>): ReturnType<Regime["check"]> {
  return faults.filter(({ pointer }) => /\/(taxes|lines)\//.test(pointer));
}

function noonOf(date: BusinessDate | undefined): number {
  return date === undefined ? 0 : Date.parse(`${date}T12:00:00Z`);
}

function receiptWith({ currency }: StreamConfig, tax: TaxItem): Receipt {
  const { taxCode, rateBp } = tax;
  const category: TaxCategory = tax.category ?? (rateBp > 0 ? "S" : "Z");
  const [netMinor, taxMinor] = [10_000, rateBp];
  const row = { taxCode, category, rateBp, netMinor, taxMinor };
  const totalMinor = netMinor + taxMinor;
  return {
    kind: "sale",
    currency,
    lines: [{ lineId: "line_1", sku: "1", name: "1", quantityMilli: 1000, ...row }],
    taxes: [row],
    totalMinor,
    payments: [{ kind: "cash", amountMinor: totalMinor }],
  };
}
