/**
 * Which fiscal regime headquarters says a location has: publications of topic `fiscal`.
 *
 * What a location is told itself goes before what the organisation is told. Nothing in here is secret. A till of a location with
 * test keys makes its own; where the keys are real, each till is activated with its own, and sells nothing before.
 *
 * @module
 */

import { err, ok, type Json, type JsonObject, type PublicationItem } from "@tillmesh/kernel";
import type { Publication } from "@tillmesh/kernel";
import { createBook } from "@tillmesh/pricing-core";

export const fiscalTopic = "fiscal";

export type LocationRegime = {
  readonly regime: string;
  readonly taxpayer: string;
  readonly isTest: boolean;
  readonly settings: JsonObject;
  /** Where test documents are delivered to. */
  readonly address?: string;
};

export interface LocationRegimes {
  take(publication: Publication): void;
  /** Undefined: nobody said anything, and nothing is sealed. */
  of(location: string): LocationRegime | undefined;
}

export function createLocationRegimes(): LocationRegimes {
  const book = createBook<LocationRegime>({
    topic: fiscalTopic,
    read: (_key, value) => readRegime(value),
  });
  return {
    take: (publication) => void book.apply(publication),
    of: (location) => (book.inForce(keyOf(location)) ?? book.inForce(keyOf("*")))?.value,
  };
}

/** Of one location; of `"*"`, of all that are not told their own. */
export function regimeItem(location: string, regime: LocationRegime): PublicationItem {
  return { key: keyOf(location), value: regime };
}

function keyOf(location: string): string {
  return location === "*" ? "regime" : `regime/${location}`;
}

type Read = ReturnType<Parameters<typeof createBook<LocationRegime>>[0]["read"]>;

function readRegime(value: Json): Read {
  const members = membersOf(value);
  const { regime, taxpayer, isTest, settings, address } = members;
  const isRegime =
    typeof regime === "string" &&
    typeof taxpayer === "string" &&
    typeof isTest === "boolean" &&
    isObject(settings) &&
    (address === undefined || typeof address === "string");
  if (isRegime) return ok<LocationRegime>(value as LocationRegime);
  const detail = "regime, taxpayer, isTest and settings";
  return err({ type: "Faults", faults: [{ pointer: "", code: "Unknown", detail }] });
}

function membersOf(value: Json): Readonly<Record<string, Json | undefined>> {
  return isObject(value) ? value : {};
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
