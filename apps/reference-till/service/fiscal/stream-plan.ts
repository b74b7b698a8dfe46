/**
 * Which fiscal stream this device should seal into, and whether the one that is open is that.
 *
 * What this device was activated with goes before what headquarters says of the location. Test keys are made on the spot.
 *
 * @module
 */

import { canonicalJson, err, ok, type Json, type JsonObject, type Result } from "@tillmesh/kernel";
import type { StreamConfig } from "@tillmesh/fiscal-queue";
import type { Refusal } from "../http/problem.ts";
import type { Replica } from "../till/replica.ts";
import { epochKey, type FiscalState, type OpenStream } from "./fiscal-state.ts";
import type { Activation } from "./key-files.ts";
import type { LocationRegime } from "./location-regime.ts";
import { isRemade } from "./kept-seal.ts";
import { regimeNamed } from "./regimes.ts";

export interface Wanted {
  /** That holds today. */
  readonly activation: Activation | undefined;
  readonly location: LocationRegime | undefined;
}

/** What to seal into; `make`: test keys are to be made first; undefined: nothing is sealed here. */
export function wantedActivation({
  activation,
  location,
}: Wanted): Result<Activation | { readonly make: LocationRegime } | undefined, Refusal> {
  const isGood = activation !== undefined && !(isMade(activation) && isOther(activation, location));
  if (isGood) return ok(activation);
  if (location === undefined) return ok(undefined);
  if (!location.isTest && !needsNoKeys(location.regime)) {
    const detail = `This location seals by ${location.regime}; this till has no keys for it yet: tillmesh fiscal activate.`;
    return err({ type: "FiscalNotActivated", detail });
  }
  return ok({ make: location });
}

function needsNoKeys(regime: string): boolean {
  const known = regimeNamed(regime);
  return known !== undefined && isRemade(known);
}

/** The open stream, if it goes on for this activation. */
export function goesOn(
  stream: OpenStream,
  activation: Activation,
  { incarnation }: Pick<Replica, "incarnation">,
): boolean {
  if (stream.closed !== undefined || stream.incarnation !== incarnation) return false;
  const { config } = stream;
  return (
    config.regime === activation.regime &&
    config.taxpayer === activation.taxpayer &&
    config.till === activation.till &&
    config.isTest === activation.isTest
  );
}

export interface Place {
  readonly replica: Pick<Replica, "device" | "incarnation" | "location">;
  /** The last receipt number of this incarnation's series. */
  readonly lastNumber: number;
  readonly state: FiscalState;
}

/**
 * Numbers go on where the series stands. An incarnation has a chain of its own, and an epoch that no earlier life of this device can have
 * used: what that did after the backup is not known here.
 */
export function configFor(
  { regime, taxpayer, till, isTest, keys, settings }: Activation,
  { replica, lastNumber, state }: Place,
): StreamConfig {
  const { incarnation, location } = replica;
  const known = state.epochs[epochKey({ regime, taxpayer, till })] ?? 0;
  return {
    regime,
    taxpayer,
    till,
    series: seriesOf(replica),
    epoch: Math.max(known + 1, incarnation),
    numbersFrom: lastNumber,
    timeZone: location.timeZone,
    currency: location.currency,
    currencyDigits: digitsOf(location.currency),
    isTest,
    keys,
    settings,
  };
}

/** The series of receipt numbers of this incarnation. */
export function seriesOf({ device, incarnation }: Pick<Replica, "device" | "incarnation">): string {
  return `${device.code.toUpperCase()}-${incarnation}`;
}

/** Refused before anything is recorded, with what the regime says is wrong. */
export function stateAtOpening(config: StreamConfig): Result<Json, Refusal> {
  const regime = regimeNamed(config.regime);
  if (regime === undefined) {
    return err({
      type: "FiscalSettings",
      detail: `This version knows no regime "${config.regime}".`,
    });
  }
  const opened = regime.open(config);
  if (opened.ok) return ok(opened.value.state);
  return err({
    type: "FiscalSettings",
    faults: opened.error.faults.map(({ pointer, code, detail }) => ({ pointer, code, detail })),
  });
}

/** Made here, because headquarters said so, and made again if it says otherwise. */
function isMade({ isTest, regime }: Activation): boolean {
  return isTest || needsNoKeys(regime);
}

function isOther(
  { regime, taxpayer, settings }: Activation,
  location: LocationRegime | undefined,
): boolean {
  if (location === undefined) return false;
  return (
    regime !== location.regime ||
    taxpayer !== location.taxpayer ||
    !isSame(settings, location.settings)
  );
}

function isSame(a: JsonObject, b: JsonObject): boolean {
  return canonicalJson(a) === canonicalJson(b);
}

function digitsOf(currency: string): number {
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  return format.resolvedOptions().maximumFractionDigits ?? 2;
}
