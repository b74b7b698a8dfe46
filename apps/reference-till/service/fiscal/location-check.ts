/**
 * Would a till of a location open its stream with what headquarters is about to say of it?
 *
 * @module
 */

import type { DeviceId, LocationId, Result } from "@tillmesh/kernel";
import type { Refusal } from "../http/problem.ts";
import { noFiscal } from "./fiscal-state.ts";
import type { LocationRegime } from "./location-regime.ts";
import { configFor, stateAtOpening } from "./stream-plan.ts";
import { makeActivation } from "./test-activation.ts";

export interface CheckedPlace {
  readonly currency: string;
  readonly timeZone: string;
  readonly nowMs: number;
}

/** With keys that are made for this question and forgotten. */
export function checkLocation(
  regime: LocationRegime,
  { currency, timeZone, nowMs }: CheckedPlace,
): Result<unknown, Refusal> {
  const device = { id: "dev_check" as DeviceId, name: "", code: "TEST", roles: ["till"] as const };
  const location = { id: "loc_check" as LocationId, name: "", currency, timeZone };
  const { activation } = makeActivation(regime, { code: device.code, today: "", nowMs });
  const replica = { device, incarnation: 1, location };
  return stateAtOpening(configFor(activation, { replica, lastNumber: 0, state: noFiscal }));
}
