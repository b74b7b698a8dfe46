/**
 * New keys or settings for the stream that is open: recorded in it, and the chain goes on.
 *
 * @module
 */

import { err, ok, type Result } from "@tillmesh/kernel";
import { rekey, type Rekeyed } from "@tillmesh/fiscal-queue";
import type { Refusal } from "../http/problem.ts";
import type { Till } from "../till/till.ts";
import { depositCredentials } from "./deposits.ts";
import type { OpenStream } from "./fiscal-state.ts";
import type { Activation } from "./key-files.ts";
import { regimeNamed } from "./regimes.ts";
import { goesOn } from "./stream-plan.ts";

/** What an activation changes in the stream; refused where the stream cannot go on with it. */
export function rekeyed(
  { config }: OpenStream,
  { keys, settings }: Activation,
  atMs: number,
): Result<Rekeyed | undefined, Refusal> {
  const regime = regimeNamed(config.regime);
  if (regime === undefined) return ok(undefined);
  const change = rekey({ config }, { keys, settings, atMs }, regime);
  if (change.ok) return change;
  const faults = change.error.faults.map((fault) => ({ ...fault }));
  return err({ type: "FiscalSettings", faults });
}

/** Takes up at once what an activation changes that holds today; one of a later day is taken up by the first receipt of that day. */
export function takeUpActivation(till: Till): Promise<Result<null, Refusal>> {
  return till.fiscal.exclusively(async () => {
    const taken = await takeUp(till);
    return taken.ok ? depositCredentials(till) : taken;
  });
}

async function takeUp({ fiscal, replica, clock }: Till): Promise<Result<null, Refusal>> {
  const { activation, state, stopped } = fiscal;
  const { stream } = state;
  const isOpen = stream !== null && stopped === undefined;
  if (!isOpen || activation === undefined || !goesOn(stream, activation, replica)) return ok(null);
  const change = rekeyed(stream, activation, clock.nowMs());
  if (!change.ok || change.value === undefined) return change.ok ? ok(null) : change;
  const kept = await fiscal.commit(change.value);
  return kept.ok ? ok(null) : kept;
}
