/**
 * What an organisation, a location and a device are called.
 *
 * Ids are opaque and never change; names are for people and may change. Only
 * ids go into certificates. Rules: SPEC.md.
 *
 * @module
 */

import {
  isTimeZone,
  type DeviceId,
  type Json,
  type LocationId,
  type OrganisationId,
  type Random,
} from "@tillmesh/kernel";
import {
  cursorOf,
  expectObject,
  member,
  noteFault,
  readList,
  readText,
  type Cursor,
  type Fault,
} from "./faults.ts";

export type Role = "till" | "hq";

export interface OrganisationRecord {
  readonly id: OrganisationId;
  readonly name: string;
  /** ISO 4217, such as "GBP". */
  readonly currency: string;
}

export interface LocationRecord {
  readonly id: LocationId;
  readonly name: string;
  readonly currency: string;
  /** IANA name, such as "Europe/London". */
  readonly timeZone: string;
}

export interface DeviceRecord {
  readonly id: DeviceId;
  readonly name: string;
  /** Four characters of Crockford base32 that begin this device's receipt numbers. */
  readonly code: string;
  readonly roles: readonly Role[];
  readonly location: LocationRecord;
}

/** The roles in the one order they are written in. */
export const allRoles: readonly Role[] = ["till", "hq"];

export const nameMaxLength = 200;

/** A device code that no device of the organisation has yet. */
export function newDeviceCode(random: Random, taken: ReadonlySet<string>): string {
  for (;;) {
    const code = [...random(4)].map((byte) => codeAlphabet[byte & 31]).join("");
    if (!taken.has(code)) return code;
  }
}

const codeAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** All faults of records that a person or a program handed in, before anything is made of them. */
export function recordFaults(
  organisation: OrganisationRecord,
  device: DeviceRecord,
): readonly Fault[] {
  const cursor = cursorOf({ organisation, device } as unknown as Json);
  readOrganisation(member(cursor, "organisation"));
  readDevice(member(cursor, "device"));
  return cursor.faults;
}

export function readOrganisation(cursor: Cursor): OrganisationRecord {
  expectObject(cursor);
  return {
    id: readText(member(cursor, "id"), idRule) as OrganisationId,
    name: readText(member(cursor, "name"), nameRule),
    currency: readText(member(cursor, "currency"), currencyRule),
  };
}

export function readDevice(cursor: Cursor): DeviceRecord {
  expectObject(cursor);
  return {
    id: readText(member(cursor, "id"), idRule) as DeviceId,
    name: readText(member(cursor, "name"), nameRule),
    code: readText(member(cursor, "code"), codeRule),
    roles: readRoles(member(cursor, "roles")),
    location: readLocation(member(cursor, "location")),
  };
}

function readLocation(cursor: Cursor): LocationRecord {
  expectObject(cursor);
  return {
    id: readText(member(cursor, "id"), idRule) as LocationId,
    name: readText(member(cursor, "name"), nameRule),
    currency: readText(member(cursor, "currency"), currencyRule),
    timeZone: readText(member(cursor, "timeZone"), timeZoneRule),
  };
}

function readRoles(cursor: Cursor): readonly Role[] {
  const found = readList(cursor, allRoles.length).map((each) => readText(each, roleRule));
  const roles = allRoles.filter((role) => found.includes(role));
  if (roles.length !== found.length || roles.length === 0) {
    noteFault(cursor, "expected one or both of till and hq, each once");
  }
  return roles;
}

/** Safe in a certificate, a file name and a URL. */
export function idRule(text: string): string | undefined {
  return /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(text)
    ? undefined
    : "expected an id: 1 to 64 letters, digits, _ or -";
}

function nameRule(text: string): string | undefined {
  if (text.trim() === "" || text.length > nameMaxLength) {
    return `expected a name of 1 to ${nameMaxLength} characters`;
  }
  return /\p{Cc}|\p{Cs}/u.test(text) ? "a name has no control characters" : undefined;
}

function codeRule(text: string): string | undefined {
  return /^[0-9A-HJKMNP-TV-Z]{4}$/i.test(text)
    ? undefined
    : "expected four digits or letters without I, L, O, U";
}

function currencyRule(text: string): string | undefined {
  return /^[A-Z]{3}$/.test(text) ? undefined : "expected an ISO 4217 currency such as GBP";
}

function timeZoneRule(text: string): string | undefined {
  const isKnown = /^[A-Za-z0-9_+/-]{1,64}$/.test(text) && isTimeZone(text);
  return isKnown ? undefined : "expected an IANA time zone such as Europe/London";
}

function roleRule(text: string): string | undefined {
  return (allRoles as readonly string[]).includes(text) ? undefined : "expected till or hq";
}
