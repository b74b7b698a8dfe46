/**
 * Who may work at a till. SPEC.md §7 (TX).
 *
 * @module
 */

import { createBook, type Book, type InForce } from "./book.ts";
import { parseStaffItem, staffKey, type StaffItem } from "./items.ts";
import { readWithKey } from "./read-with-key.ts";

export function createStaffList(): StaffList {
  const book = createBook<StaffItem>({
    topic: "staff",
    read: readWithKey(parseStaffItem, staffKey),
  });
  return {
    book,
    byId: (id) => book.inForce(id),
    all: () => book.keys().flatMap((id) => book.inForce(id) ?? []),
  };
}

export interface StaffList {
  readonly book: Book<StaffItem>;
  byId(id: string): InForce<StaffItem> | undefined;
  /** By id. */
  all(): readonly InForce<StaffItem>[];
}
