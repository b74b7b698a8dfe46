/**
 * Sales as a till makes them: three lines of a few among many SKUs, two tax rates, cash.
 *
 * @module
 */

import {
  newId,
  type BusinessDate,
  type EntryDraft,
  type Random,
  type ShiftId,
  type Sku,
  type StaffId,
} from "@tillmesh/kernel";
import { saleDraft, type SaleLine, type TaxLine } from "@tillmesh/sales-ledger";
import type { Replica } from "@tillmesh/sync-engine/node";

/** Makes one sale after the other, the same for the same seed. */
export interface SaleMaker {
  next(place: SalePlace): EntryDraft;
}

export type SalePlace = Pick<Replica, "location" | "device" | "incarnation"> & {
  readonly businessDate: BusinessDate;
};

export interface SaleMakerOptions {
  readonly random: Random;
  readonly skuCount: number;
}

export function createSaleMaker({ random, skuCount }: SaleMakerOptions): SaleMaker {
  const staff = newId("staff", random);
  const shiftId = newId("shift", random);
  const publications = [1, 2, 3].map(() => newId("pub", random));
  let made = 0;
  return {
    next: (place) => {
      made += 1;
      const lines = ["1", "2", "3"].map((lineId) => line(lineId, skewedIndex(random, skuCount)));
      return draftOf(place, {
        lines: lines.map((one) => ({ ...one, publications: publicationsOf(publications) })),
        random,
        staff,
        shiftId,
        number: made,
      });
    },
  };
}

export function skuAt(index: number): Sku {
  return `SKU-${String(index).padStart(6, "0")}` as Sku;
}

/** A tenth of the articles make about half of the lines. */
function skewedIndex(random: Random, skuCount: number): number {
  const [a = 0, b = 0, c = 0] = random(3);
  const uniform = (a * 65_536 + b * 256 + c) / 16_777_216;
  return Math.min(skuCount - 1, Math.floor(uniform ** 3 * skuCount));
}

type Line = Omit<SaleLine, "publications">;

function line(lineId: string, index: number): Line {
  const rateBp = index % 3 === 0 ? 0 : 2_000;
  const quantity = 1 + (index % 2);
  const unitPriceMinor = 150 + ((index * 37) % 900);
  const amountMinor = quantity * unitPriceMinor;
  return {
    lineId,
    sku: skuAt(index),
    name: nameAt(index),
    quantityMilli: quantity * 1_000,
    unitPriceMinor,
    amountMinor,
    taxCode: rateBp === 0 ? "zero" : "standard",
    rateBp,
    taxMinor: taxWithin(amountMinor, rateBp),
  };
}

export function nameAt(index: number): string {
  const goods = ["Flat white", "Oat biscuit", "Rye loaf, small", "Olive oil 0.5 l", "Soap bar"];
  return `${goods[index % goods.length]} no. ${index}`;
}

function taxWithin(grossMinor: number, rateBp: number): number {
  return Math.round((grossMinor * rateBp) / (10_000 + rateBp));
}

function publicationsOf(ids: readonly string[]): SaleLine["publications"] {
  const [price = "", tax = "", catalogue = ""] = ids;
  return { price, tax, catalogue };
}

interface SaleFacts {
  readonly lines: readonly SaleLine[];
  readonly random: Random;
  readonly staff: StaffId;
  readonly shiftId: ShiftId;
  readonly number: number;
}

function draftOf(place: SalePlace, facts: SaleFacts): EntryDraft {
  const { lines, random, staff, shiftId, number } = facts;
  const { location, device, incarnation, businessDate } = place;
  const totalMinor = lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  const paidMinor = Math.ceil(totalMinor / 500) * 500;
  return saleDraft(
    {
      location: location.id,
      businessDate,
      by: { staff },
      key: newId("key", random),
      bodyHash: Buffer.from(random(32)).toString("hex"),
    },
    {
      saleId: newId("sale", random),
      receiptNumber: `${device.code}-${incarnation}-${String(number).padStart(6, "0")}`,
      shiftId,
      currency: location.currency,
      lines,
      totalMinor,
      taxes: taxesOf(lines),
      tenders: [{ kind: "cash", amountMinor: paidMinor }],
      changeMinor: paidMinor - totalMinor,
      quoteId: newId("quote", random),
    },
  );
}

function taxesOf(lines: readonly SaleLine[]): readonly TaxLine[] {
  return ["standard", "zero"].flatMap((taxCode) => {
    const taxed = lines.filter((one) => one.taxCode === taxCode);
    const rateBp = taxed[0]?.rateBp;
    if (rateBp === undefined) return [];
    const grossMinor = taxed.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
    const taxMinor = taxed.reduce((sum, one) => sum + one.taxMinor, 0);
    const name = `VAT ${rateBp / 100} %`;
    return [{ taxCode, name, rateBp, grossMinor, netMinor: grossMinor - taxMinor, taxMinor }];
  });
}
