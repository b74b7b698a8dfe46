/**
 * What `init` is told of the fiscal regime.
 *
 * @module
 */

import { checkLocation, type CheckedPlace } from "../fiscal/location-check.ts";
import type { LocationRegime } from "../fiscal/location-regime.ts";
import { regimeIds } from "../fiscal/regimes.ts";
import { testTaxpayer } from "../fiscal/test-activation.ts";
import { problemOf } from "../http/problem.ts";
import { present } from "../till/present.ts";
import type { Arguments } from "./arguments.ts";
import { toldProblem } from "./control-client.ts";
import { CommandError, UsageError } from "./output.ts";
import { readJson } from "./read-file.ts";

/** Checked before anything is made. Where no taxpayer is given, one that nobody is stands in. */
export function readRegime(args: Arguments, place: CheckedPlace): LocationRegime {
  const regime = args.optional("regime") ?? "none";
  if (!regimeIds.includes(regime))
    throw new UsageError(`--regime "${regime}" is none of ${regimeIds.join(", ")}.`);
  const test = testTaxpayer(regime, args.text("org"));
  const file = args.optional("regime-settings");
  const said: LocationRegime = {
    regime,
    taxpayer: args.optional("taxpayer") ?? test.taxpayer,
    isTest: regime !== "none",
    settings: file === undefined ? test.settings : readJson(file),
    ...present({ address: args.optional("authority") }),
  };
  const checked = checkLocation(said, place);
  if (!checked.ok) throw new CommandError(toldProblem(problemOf(checked.error)));
  return said;
}
