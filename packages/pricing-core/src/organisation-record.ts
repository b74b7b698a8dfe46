/**
 * The business itself: its name, locations and devices. SPEC.md §7 (TX).
 *
 * @module
 */

import { err, type Json, type Result } from "@tillmesh/kernel";
import { createBook, type Book, type InForce } from "./book.ts";
import type { FaultsError } from "./faults.ts";
import {
  deviceKey,
  locationKey,
  organisationKey,
  parseDeviceItem,
  parseLocationItem,
  parseOrganisationItem,
  type DeviceItem,
  type LocationItem,
  type OrganisationItem,
} from "./items.ts";
import { readWithKey } from "./read-with-key.ts";

export function createOrganisationRecord(): OrganisationRecord {
  const book = createBook<OrganisationMember>({ topic: "organisation", read: readMember });
  return {
    book,
    organisation: () => as(book.inForce(organisationKey), parseOrganisationItem),
    location: (id) => as(book.inForce(`${locationPrefix}${id}`), parseLocationItem),
    device: (id) => as(book.inForce(`${devicePrefix}${id}`), parseDeviceItem),
    locations: () => allBelow(book, locationPrefix, parseLocationItem),
    devices: () => allBelow(book, devicePrefix, parseDeviceItem),
  };
}

export interface OrganisationRecord {
  readonly book: Book<OrganisationMember>;
  organisation(): InForce<OrganisationItem> | undefined;
  location(id: string): InForce<LocationItem> | undefined;
  device(id: string): InForce<DeviceItem> | undefined;
  /** By id. */
  locations(): readonly InForce<LocationItem>[];
  /** By id. */
  devices(): readonly InForce<DeviceItem>[];
}

export type OrganisationMember = OrganisationItem | LocationItem | DeviceItem;

type Parse<V> = (value: Json) => Result<V, FaultsError>;

const locationPrefix = "location/";
const devicePrefix = "device/";
const readOrganisation = readWithKey(parseOrganisationItem, () => organisationKey);
const readLocation = readWithKey(parseLocationItem, locationKey);
const readDevice = readWithKey(parseDeviceItem, deviceKey);

function readMember(key: string, value: Json): Result<OrganisationMember, FaultsError> {
  if (key === organisationKey) return readOrganisation(key, value);
  if (key.startsWith(locationPrefix)) return readLocation(key, value);
  if (key.startsWith(devicePrefix)) return readDevice(key, value);
  const detail = "organisation, location/<id> or device/<id>";
  return err({ type: "Faults", faults: [{ pointer: "", code: "Unknown", detail }] });
}

// The book has read the value by its key already; this tells the compiler.
function as<V>(entry: InForce<Json> | undefined, parse: Parse<V>): InForce<V> | undefined {
  if (entry === undefined) return undefined;
  const parsed = parse(entry.value);
  return parsed.ok ? { value: parsed.value, publication: entry.publication } : undefined;
}

function allBelow<V>(
  book: Book<OrganisationMember>,
  prefix: string,
  parse: Parse<V>,
): readonly InForce<V>[] {
  const keys = book.keys().filter((key) => key.startsWith(prefix));
  return keys.flatMap((key) => as(book.inForce(key), parse) ?? []);
}
