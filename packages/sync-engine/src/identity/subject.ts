/**
 * Whom a certificate speaks of: opaque ids only, in one fixed order.
 *
 *     O = organisation, L = location, CN = device, OU = role ..., OU = enrolment
 *
 * An organisation's CA has O alone. Rules: SPEC.md [CE1].
 *
 * @module
 */

import type { DeviceId, LocationId, OrganisationId } from "@tillmesh/kernel";
import { allRoles, idRule, type Role } from "./records.ts";

export type Subject = CaSubject | DeviceSubject;

export interface CaSubject {
  readonly kind: "ca";
  readonly organisationId: OrganisationId;
}

/** A device, or (`enrolment`) the right to make the certificate of that one device. */
export interface DeviceSubject {
  readonly kind: "device" | "enrolment";
  readonly organisationId: OrganisationId;
  readonly locationId: LocationId;
  readonly deviceId: DeviceId;
  readonly roles: readonly Role[];
}

/** Attribute and value, in the order of the certificate. */
export type NameParts = readonly (readonly [attribute: string, value: string])[];

export function subjectToParts(subject: Subject): NameParts {
  if (subject.kind === "ca") return [["O", subject.organisationId]];
  return [
    ["O", subject.organisationId],
    ["L", subject.locationId],
    ["CN", subject.deviceId],
    ...allRoles.filter((role) => subject.roles.includes(role)).map((role) => ["OU", role] as const),
    ...(subject.kind === "enrolment" ? [["OU", "enrolment"] as const] : []),
  ];
}

/** The subject, or undefined if the name is not exactly what `subjectToParts` writes. */
export function partsToSubject(parts: NameParts): Subject | undefined {
  const subject = parts.length === 1 ? readCa(parts) : readDeviceOrEnrolment(parts);
  if (subject === undefined) return undefined;
  return isSameName(subjectToParts(subject), parts) ? subject : undefined;
}

export function isSameName(a: NameParts, b: NameParts): boolean {
  return (
    a.length === b.length &&
    a.every(([attribute, value], i) => attribute === b[i]?.[0] && value === b[i][1])
  );
}

function readCa(parts: NameParts): CaSubject | undefined {
  const organisationId = valueOf(parts, "O");
  return organisationId === undefined
    ? undefined
    : { kind: "ca", organisationId: organisationId as OrganisationId };
}

function readDeviceOrEnrolment(parts: NameParts): DeviceSubject | undefined {
  const organisationId = valueOf(parts, "O");
  const locationId = valueOf(parts, "L");
  const deviceId = valueOf(parts, "CN");
  const units = new Set(unitsOf(parts));
  const roles = allRoles.filter((role) => units.has(role));
  if (!organisationId || !locationId || !deviceId || roles.length === 0) return undefined;
  return {
    kind: units.has("enrolment") ? "enrolment" : "device",
    organisationId: organisationId as OrganisationId,
    locationId: locationId as LocationId,
    deviceId: deviceId as DeviceId,
    roles,
  };
}

function unitsOf(parts: NameParts): readonly string[] {
  return parts.filter(([attribute]) => attribute === "OU").map(([, value]) => value);
}

function valueOf(parts: NameParts, attribute: string): string | undefined {
  const value = parts.find(([name]) => name === attribute)?.[1];
  return value !== undefined && idRule(value) === undefined ? value : undefined;
}
