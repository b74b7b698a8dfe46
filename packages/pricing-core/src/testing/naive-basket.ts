/**
 * Tax-inclusive lines by the school book: the oracle of `priceBasket` under `inclusivePerRate`.
 *
 * It works in sixty-four digits of decimal fraction where the engine works in ratios, and hands
 * out the pennies of a tax one by one.
 *
 * @module
 */

export interface NaiveLine {
  readonly priceMinor: number;
  readonly quantityMilli: number;
  readonly taxCode: string;
  readonly rateBp: number;
}

export interface NaiveBasket {
  readonly amounts: readonly number[];
  readonly taxes: readonly number[];
  readonly totalMinor: number;
}

export function naiveBasket(lines: readonly NaiveLine[]): NaiveBasket {
  const amounts = lines.map((line) =>
    nearest(BigInt(line.priceMinor) * BigInt(line.quantityMilli), 1000n),
  );
  const taxes = amounts.map(() => 0);
  for (const code of new Set(lines.map((line) => line.taxCode))) {
    handOut(lines, code, { amounts, taxes });
  }
  return { amounts, taxes, totalMinor: amounts.reduce((sum, amount) => sum + amount, 0) };
}

const one = 10n ** 64n;

interface Columns {
  readonly amounts: readonly number[];
  readonly taxes: number[];
}

function handOut(lines: readonly NaiveLine[], code: string, { amounts, taxes }: Columns): void {
  const own = lines.flatMap((line, index) =>
    line.taxCode === code ? [{ index, rateBp: line.rateBp, amountMinor: amounts[index] ?? 0 }] : [],
  );
  const rateBp = own[0]?.rateBp ?? 0;
  const gross = own.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  let left = nearest(BigInt(gross) * BigInt(rateBp), BigInt(10_000 + rateBp));
  const rests = new Map<number, bigint>();
  for (const { index, amountMinor } of own) {
    const exact = (BigInt(amountMinor) * BigInt(rateBp) * one) / BigInt(10_000 + rateBp);
    taxes[index] = Number(exact / one);
    rests.set(index, exact % one);
    left -= Number(exact / one);
  }
  for (; left > 0; left -= 1) {
    const index = takeLargest(rests);
    taxes[index] = (taxes[index] ?? 0) + 1;
  }
}

function takeLargest(rests: Map<number, bigint>): number {
  const largest = [...rests].reduce((best, rest) => (rest[1] > best[1] ? rest : best));
  rests.delete(largest[0]);
  return largest[0];
}

/** To the nearest integer, halves up; for what is not negative. */
function nearest(numerator: bigint, denominator: bigint): number {
  return Number((numerator * 2n + denominator) / (denominator * 2n));
}
