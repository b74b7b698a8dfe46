/**
 * Whether the tables that were found can be gone on with.
 *
 * @module
 */

import type { Replica } from "../till/replica.ts";
import { isHalfBegun } from "./begin-ledger.ts";
import { isSuperseded } from "./history.ts";
import { isPastOf } from "./marks.ts";
import { isOfOtherRevision } from "./revision.ts";
import type { Tables } from "./tables.ts";

/** Why everything is to be read again; undefined where it need not be. */
export function reasonToStartAnew(tables: Tables, replica: Replica): string | undefined {
  const marks = new Map(tables.marks);
  if (!isPastOf(replica, marks)) return "of-another-past";
  if (isHalfBegun(tables)) return "half-begun";
  if (isSuperseded(replica, marks)) return "branches-below-carry";
  return isOfOtherRevision(tables, replica) ? "revoked" : undefined;
}
