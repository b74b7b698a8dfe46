/**
 * Ids with the names that belong to them now.
 *
 * @module
 */

import type { EntryBy, Json } from "@tillmesh/kernel";
import type { Till } from "./till.ts";

export interface Named {
  readonly id: string;
  readonly name: string;
}

export function locationNamed({ books, replica }: Till, id: string): Named {
  const own = replica.location.id === id ? replica.location.name : id;
  return { id, name: books.organisation.location(id)?.value.name ?? own };
}

export function deviceNamed({ books, replica }: Till, id: string): Named {
  const own = replica.device.id === id ? replica.device.name : id;
  return { id, name: books.organisation.device(id)?.value.name ?? own };
}

export function staffNamed({ books }: Till, id: string): Named {
  return { id, name: books.staff.byId(id)?.value.name ?? id };
}

export function byNamed(till: Till, by: EntryBy): Json {
  if ("staff" in by) return { staff: { ...staffNamed(till, by.staff) } };
  if ("token" in by) return { token: by.token };
  return { device: { ...deviceNamed(till, by.device) } };
}
