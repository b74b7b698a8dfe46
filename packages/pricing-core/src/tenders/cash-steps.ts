/**
 * The smallest amounts that countries pay in cash. SPEC.md §20 (PY).
 *
 * Facts for whoever writes the policy of a shop; nothing here rounds by itself. Dates are those from which
 * smaller coins are not needed, by law or by withdrawal of the coin.
 *
 * @module
 */

import type { CashRounding } from "./cash-rounding.ts";

export interface CashStep {
  readonly currency: string;
  /** ISO 3166, two capitals. */
  readonly country: string;
  readonly stepMinor: number;
  /** The first day, or year. */
  readonly since: string;
  readonly source: string;
}

/** By country. */
export const cashSteps: readonly CashStep[] = [
  {
    currency: "AUD",
    country: "AU",
    stepMinor: 5,
    since: "1992",
    source: "1 and 2 cent coins withdrawn, Royal Australian Mint",
  },
  {
    currency: "EUR",
    country: "BE",
    stepMinor: 5,
    since: "2019-12-01",
    source: "Code de droit économique, book VI, article VI.7/1",
  },
  {
    currency: "CAD",
    country: "CA",
    stepMinor: 5,
    since: "2013-02-04",
    source: "distribution of the 1 cent coin ended, Department of Finance",
  },
  {
    currency: "CHF",
    country: "CH",
    stepMinor: 5,
    since: "2007-01-01",
    source: "1 centime coin withdrawn, Swiss coinage ordinance",
  },
  {
    currency: "CZK",
    country: "CZ",
    stepMinor: 100,
    since: "2008-09-01",
    source: "50 haléř coin withdrawn, Czech National Bank",
  },
  {
    currency: "DKK",
    country: "DK",
    stepMinor: 50,
    since: "2008-10-01",
    source: "25 øre coin withdrawn, Danmarks Nationalbank",
  },
  {
    currency: "EUR",
    country: "EE",
    stepMinor: 5,
    since: "2025-01-01",
    source: "Eesti Pank, rounding rules for cash",
  },
  {
    currency: "EUR",
    country: "FI",
    stepMinor: 5,
    since: "2002-01-01",
    source: "act on rounding of payments in euro, 890/2000",
  },
  {
    currency: "HUF",
    country: "HU",
    stepMinor: 500,
    since: "2008-03-01",
    source: "1 and 2 forint coins withdrawn, act III of 2008",
  },
  {
    currency: "EUR",
    country: "IE",
    stepMinor: 5,
    since: "2015-10-28",
    source: "Central Bank of Ireland, voluntary rounding",
  },
  {
    currency: "EUR",
    country: "IT",
    stepMinor: 5,
    since: "2018-01-01",
    source: "decree-law 50/2017, article 13-quater",
  },
  {
    currency: "EUR",
    country: "LT",
    stepMinor: 5,
    since: "2025-05-01",
    source: "Bank of Lithuania, rounding rules for cash",
  },
  {
    currency: "EUR",
    country: "NL",
    stepMinor: 5,
    since: "2004-09-01",
    source: "De Nederlandsche Bank, voluntary rounding",
  },
  {
    currency: "NOK",
    country: "NO",
    stepMinor: 100,
    since: "2012-05-01",
    source: "50 øre coin withdrawn, Norges Bank",
  },
  {
    currency: "NZD",
    country: "NZ",
    stepMinor: 10,
    since: "2006-11-01",
    source: "5 cent coin withdrawn, Reserve Bank of New Zealand",
  },
  {
    currency: "SEK",
    country: "SE",
    stepMinor: 100,
    since: "2010-10-01",
    source: "50 öre coin withdrawn, Sveriges Riksbank",
  },
  {
    currency: "EUR",
    country: "SK",
    stepMinor: 5,
    since: "2022-07-01",
    source: "act 18/1996 on prices as amended",
  },
];

/** What the policy of a shop in `country` would say; undefined where cash is paid to the minor unit. */
export function usualCashRounding(country: string, currency: string): CashRounding | undefined {
  const step = cashSteps.find((each) => each.country === country && each.currency === currency);
  return step === undefined ? undefined : { stepMinor: step.stepMinor, mode: "half-up" };
}
