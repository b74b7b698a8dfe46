/**
 * Money as callers write it, and back.
 *
 * @module
 */

import type { Json } from "@tillmesh/kernel";
import type { Fault } from "../http/problem.ts";
import type { WireMoney } from "../http/wire.ts";
import type { Till } from "./till.ts";

/** A till takes its location's currency only. */
export function currencyFaults(
  { replica }: Till,
  amounts: readonly (readonly [pointer: string, money: WireMoney])[],
): readonly Fault[] {
  const { currency } = replica.location;
  return amounts.flatMap(([pointer, money]) =>
    money.currency === currency
      ? []
      : [
          {
            pointer: `${pointer}/currency`,
            code: "CurrencyMismatch",
            detail: `This location takes ${currency}.`,
          },
        ],
  );
}

export function moneyFact({ replica }: Till, minor: number): Json {
  return { minor, currency: replica.location.currency };
}
