/**
 * What the till knows besides documents, as kinds of export ask for it: `ExportInput.more`.
 *
 * From the books in force: names as they are now, since when headquarters says them.
 *
 * @module
 */

import { businessDateAt, hlcMs, type JsonObject } from "@tillmesh/kernel";
import type { StreamConfig } from "@tillmesh/fiscal-queue";
import type { InForce } from "@tillmesh/pricing-core";
import { present } from "../till/present.ts";
import type { Till } from "../till/till.ts";

/** Undefined where the kind asks for nothing. */
export function exportMore(kind: string, till: Till, config: StreamConfig): JsonObject | undefined {
  return kind === "saft-cr" ? saftMore(till, config) : undefined;
}

/** `SaftMore`: articles with their groups, and who the opaque ids of documents are. */
function saftMore({ books }: Till, { settings, timeZone }: StreamConfig): JsonObject {
  const since = ({ publication }: Pick<InForce<never>, "publication">) =>
    businessDateAt(hlcMs(publication.at), timeZone);
  const groups = settings["articleGroups"] as Readonly<Record<string, string>> | undefined;
  const { book } = books.catalogue;
  const articles = book.keys().flatMap((key) => {
    const found = book.inForce(key);
    if (found === undefined) return [];
    const { sku, name, taxCode } = found.value;
    const group =
      groups !== undefined && Object.hasOwn(groups, taxCode) ? groups[taxCode] : undefined;
    return [{ sku, name, since: since(found), ...present({ group }) }];
  });
  const staff = books.staff.all().map((found) => {
    const { id: cashier, name: surname, role } = found.value;
    return { cashier, surname, role, since: since(found) };
  });
  return { articles, staff };
}
