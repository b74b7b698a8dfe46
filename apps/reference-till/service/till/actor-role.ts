/**
 * As whom somebody decides about prices.
 *
 * @module
 */

import type { Actor } from "../identity/actor.ts";
import type { Till } from "./till.ts";

/** The role of a member of staff; of a program that of whoever publishes prices anyway, or none of them. */
export function roleOf({ books }: Till, { staff, rights }: Actor): "manager" | "cashier" {
  if (staff !== undefined) return books.staff.byId(staff)?.value.role ?? "cashier";
  return rights.has("publish") ? "manager" : "cashier";
}
