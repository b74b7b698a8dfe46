import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { settle } from "./settle.ts";
import type { Due, Settlement, Tender, TenderLimits, VoucherChange } from "./settlement.ts";

const due: fc.Arbitrary<Due> = fc.record({
  totalMinor: fc.oneof(fc.nat(60), fc.nat(3000)),
  currency: fc.constant("CHF"),
  cashRounding: fc.oneof(
    fc.constant(null),
    fc.record({ stepMinor: fc.constantFrom(5, 10, 50), mode: fc.constant("half-up" as const) }),
  ),
});
const amountMinor = fc.oneof(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 3000 }));
const tip = fc.oneof(
  fc.constant({}),
  fc.nat(20).map((tipMinor) => ({ tipMinor })),
);
const tender: fc.Arbitrary<Tender> = fc.oneof(
  fc
    .tuple(fc.constantFrom("cash" as const, "card" as const), amountMinor, tip)
    .map(([kind, minor, tipped]): Tender => ({ kind, amountMinor: minor, ...tipped })),
  fc.record({
    kind: fc.constantFrom("voucher" as const, "gift-card" as const, "on-account" as const),
    amountMinor,
    reference: fc.constantFrom("a", "b"),
  }),
  fc.integer({ min: 1, max: 2000 }).map((minor): Tender => {
    const foreign = {
      currency: "EUR",
      amountMinor: minor,
      rate: { numerator: 94, denominator: 100 },
    };
    return { kind: "foreign-cash", amountMinor: 0, foreign };
  }),
);
const tenders = fc.array(tender, { maxLength: 4 });
const change = fc.constantFrom<VoucherChange>("voucher", "cash", "forfeited");
const open = { rightsMinor: { a: 10_000, b: 10_000 }, riskBudgetMinor: 0 };
const limits = change.map((voucherChange): TenderLimits => ({ voucherChange, storedValue: open }));

/** The plainest way: what each kind pays in turn, and multiples of the step found by counting. */
function oracle(owed: Due, offered: readonly Tender[], { voucherChange }: TenderLimits) {
  const step = owed.cashRounding?.stepMinor ?? 1;
  const left = leftForCash(owed.totalMinor, offered, voucherChange);
  const isTipWrong = offered.some(({ amountMinor: minor, tipMinor = 0 }) => tipMinor > minor);
  if (left === undefined || isTipWrong) return "faulty";
  const inCash = offered.filter(({ kind }) => kind === "cash" || kind === "foreign-cash");
  const paid = inCash.reduce((sum, each) => sum + cashWorth(each), 0);
  const toPay = inCash.length === 0 && left > 0 ? left : nearest(left, step);
  if (paid < toPay) return "underpaid";
  const back = nearest(paid - toPay, step);
  return { changeMinor: back, roundingMinor: paid - back - left };
}

/** Undefined: somebody would be charged for what is not due. */
function leftForCash(
  totalMinor: number,
  offered: readonly Tender[],
  voucherChange: VoucherChange | undefined,
): number | undefined {
  let left = totalMinor;
  for (const { amountMinor: face } of offered.filter(({ kind }) => kind === "voucher")) {
    if (left <= 0) return undefined;
    left -= voucherChange === "cash" ? face : Math.min(face, left);
  }
  const charged: readonly string[] = ["card", "gift-card", "on-account"];
  for (const { amountMinor: minor, tipMinor = 0 } of offered.filter(isIn(charged))) {
    if (minor - tipMinor > Math.max(0, left)) return undefined;
    left -= minor - tipMinor;
  }
  return left;
}

function isIn(kinds: readonly string[]): (tender: Tender) => boolean {
  return ({ kind }) => kinds.includes(kind);
}

function cashWorth({ foreign, amountMinor: minor, tipMinor = 0 }: Tender): number {
  return foreign === undefined ? minor - tipMinor : Math.round((foreign.amountMinor * 94) / 100);
}

function nearest(minor: number, step: number): number {
  const magnitude = Math.abs(minor);
  let multiple = 0;
  while (2 * (magnitude - multiple) >= step) multiple += step;
  return minor < 0 ? 0 - multiple : multiple;
}

function balance({ tenders: taken, changeMinor }: Settlement): number {
  return taken.reduce((sum, each) => sum + each.amountMinor, 0) - changeMinor;
}

describe("settle laws (TN, PY)", () => {
  test("[TN1] [TN2] [TN3] [PY2] settles what the plainest calculation settles, and nothing else", () => {
    fc.assert(
      fc.property(due, tenders, limits, (owed, offered, limit) => {
        const expected = oracle(owed, offered, limit);
        const result = settle(owed, offered, limit);
        if (expected === "faulty") expect(result).toMatchObject({ error: { type: "Tenders" } });
        else if (expected === "underpaid") {
          expect(result).toMatchObject({ error: { type: "Underpaid" } });
        } else expect(result).toMatchObject({ ok: true, value: expected });
      }),
      { numRuns: 1000 },
    );
  });

  test("[TN10] tenders less change are total, rounding and tip; nothing of a voucher is lost", () => {
    fc.assert(
      fc.property(due, tenders, limits, (owed, offered, limit) => {
        const result = settle(owed, offered, limit);
        fc.pre(result.ok);
        const { roundingMinor, tipMinor, voucherChangeMinor, forfeitedMinor } = result.value;
        expect(balance(result.value)).toBe(owed.totalMinor + roundingMinor + tipMinor);
        const restMinor = voucherChangeMinor + forfeitedMinor;
        expect(balance(result.value) + restMinor + result.value.changeMinor).toBe(
          result.value.tenderedMinor,
        );
        const isInCash =
          result.value.changeMinor > 0 || offered.some(({ kind }) => kind.endsWith("cash"));
        if (!isInCash) expect(roundingMinor).toBe(0);
        expect(Math.abs(roundingMinor)).toBeLessThanOrEqual(owed.cashRounding?.stepMinor ?? 0);
      }),
      { numRuns: 500 },
    );
  });

  test("[TN11] the order of tenders of different kinds changes neither change nor rounding", () => {
    const kinds = fc.uniqueArray(tender, { maxLength: 4, selector: ({ kind }) => kind });
    const shuffled = kinds.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray([...all], { minLength: all.length })),
    );
    fc.assert(
      fc.property(due, shuffled, limits, (owed, [a, b], limit) => {
        const [one, other] = [settle(owed, a, limit), settle(owed, b, limit)];
        expect(one.ok).toBe(other.ok);
        if (!one.ok || !other.ok) return;
        const { tenders: _a, storedValue: _b, ...sums } = one.value;
        expect(other.value).toMatchObject(sums);
      }),
    );
  });

  test("[TN5] what is taken of stored value is rights and budget, and never more", () => {
    const rights = fc.record({ a: fc.nat(1000), b: fc.nat(1000) });
    fc.assert(
      fc.property(tenders, rights, fc.nat(1000), (offered, rightsMinor, riskBudgetMinor) => {
        const owed: Due = { totalMinor: 3000, currency: "CHF", cashRounding: null };
        const paid: Tender = { kind: "cash", amountMinor: 10_000 };
        const result = settle(owed, [...offered, paid], {
          storedValue: { rightsMinor, riskBudgetMinor },
        });
        fc.pre(result.ok);
        const { storedValue } = result.value;
        const atRisk = storedValue.reduce((sum, use) => sum + use.atRiskMinor, 0);
        expect(atRisk).toBeLessThanOrEqual(riskBudgetMinor);
        for (const { reference, fromRightsMinor, atRiskMinor } of storedValue) {
          const right = reference === "a" ? rightsMinor.a : rightsMinor.b;
          expect(fromRightsMinor).toBeLessThanOrEqual(right);
          expect(atRiskMinor === 0 || fromRightsMinor === right).toBe(true);
        }
        const stored = offered.filter(({ kind }) => kind === "voucher" || kind === "gift-card");
        const asked = stored.reduce((sum, each) => sum + each.amountMinor, 0);
        const used = storedValue.reduce((sum, use) => sum + use.fromRightsMinor, atRisk);
        expect(used).toBe(asked);
      }),
      { numRuns: 400 },
    );
  });

  test("[TN5] POS-23: tills that are apart never spend more of a gift card than its balance", () => {
    const till = fc.record({
      rightMinor: fc.nat(2000),
      asks: fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 6 }),
    });
    fc.assert(
      fc.property(fc.array(till, { minLength: 1, maxLength: 3 }), (tills) => {
        const balanceMinor = tills.reduce((sum, { rightMinor }) => sum + rightMinor, 0);
        const spent = tills.map(({ rightMinor, asks }) => spendInTurn(rightMinor, asks));
        const spentMinor = spent.reduce((sum, minor) => sum + minor, 0);
        expect(spentMinor).toBeLessThanOrEqual(balanceMinor);
        for (const [index, { rightMinor, asks }] of tills.entries()) {
          const [first = rightMinor + 1] = asks;
          if (first <= rightMinor) expect(spent[index]).toBeGreaterThanOrEqual(first);
        }
      }),
    );
  });
});

/** What one till lets be spent, its right less with each sale. */
function spendInTurn(rightMinor: number, asks: readonly number[]): number {
  let spentMinor = 0;
  for (const askedMinor of asks) {
    const rightsMinor = { g1: rightMinor - spentMinor };
    const owed: Due = { totalMinor: askedMinor, currency: "CHF", cashRounding: null };
    const gift: Tender = { kind: "gift-card", amountMinor: askedMinor, reference: "g1" };
    const result = settle(owed, [gift], { storedValue: { rightsMinor, riskBudgetMinor: 0 } });
    if (result.ok) spentMinor += askedMinor;
  }
  return spentMinor;
}
