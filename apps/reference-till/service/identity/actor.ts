/**
 * Who asks, and what they may do.
 *
 * @module
 */

import type { EntryBy, StaffId } from "@tillmesh/kernel";

/** "control" is the command line's on this machine; nobody else can be given it. */
export type Right = (typeof rights)[number] | "control";

export interface Actor {
  /** What entries record. */
  readonly by: EntryBy;
  readonly name: string;
  readonly rights: ReadonlySet<Right>;
  /** Only a session of a member of staff has one. */
  readonly staff?: StaffId;
}

/**
 * read: see prices, products, stock, sales · sell: shifts, quotes, sales, drawer · refund · cash ·
 * count: add lines to a count · stock: movements, open and close counts · day: X and Z ·
 * publish: HQ publications · audit: raw entries and exceptions · links: cut and mend LAN and uplink ·
 * devices: see, invite, approve and revoke devices.
 */
export const rights = [
  "read",
  "sell",
  "refund",
  "cash",
  "count",
  "stock",
  "day",
  "publish",
  "audit",
  "links",
  "devices",
] as const;

export const allRights: ReadonlySet<Right> = new Set<Right>(rights);

const rightsByRole: Readonly<Record<"manager" | "cashier", ReadonlySet<Right>>> = {
  manager: allRights,
  cashier: new Set<Right>(["read", "sell", "refund", "cash", "count"]),
};

export function rightsOf(role: "manager" | "cashier"): ReadonlySet<Right> {
  return rightsByRole[role];
}

export function isRight(text: string): text is Right {
  return (rights as readonly string[]).includes(text);
}
