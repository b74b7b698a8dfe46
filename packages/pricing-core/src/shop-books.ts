/**
 * All that headquarters publishes for a shop, in one place. SPEC.md §4 (PB).
 *
 * @module
 */

import type { Publication } from "@tillmesh/kernel";
import { createCatalogue, type Catalogue } from "./catalogue.ts";
import { createListTable, type ListTable } from "./list-table.ts";
import { createOrganisationRecord, type OrganisationRecord } from "./organisation-record.ts";
import { createPolicyTable, type PolicyTable } from "./policy-table.ts";
import { createPriceList, type PriceList } from "./price-list.ts";
import { createPromotionBook, type PromotionBook } from "./promotions/index.ts";
import { createStaffList, type StaffList } from "./staff-list.ts";
import { createTaxTable, type TaxTable } from "./tax-table.ts";

export function createShopBooks(): ShopBooks {
  const organisation = createOrganisationRecord();
  const catalogue = createCatalogue();
  const lists = createListTable();
  const prices = createPriceList();
  const taxes = createTaxTable();
  const staff = createStaffList();
  const policies = createPolicyTable();
  const promotions = createPromotionBook();
  const bookByTopic = new Map(
    [organisation, catalogue, lists, prices, taxes, staff, policies, promotions].map(({ book }) => [
      book.topic,
      book,
    ]),
  );
  return {
    organisation,
    catalogue,
    lists,
    prices,
    taxes,
    staff,
    policies,
    promotions,
    apply: (publication) => {
      const book = bookByTopic.get(publication.topic);
      if (book === undefined) return "unknown-topic";
      return book.apply(publication) ? "applied" : "known";
    },
  };
}

export interface ShopBooks {
  readonly organisation: OrganisationRecord;
  readonly catalogue: Catalogue;
  readonly lists: ListTable;
  readonly prices: PriceList;
  readonly taxes: TaxTable;
  readonly staff: StaffList;
  readonly policies: PolicyTable;
  readonly promotions: PromotionBook;
  /** `known`: it was applied before. `unknown-topic`: not one of these books'; nothing changed. */
  apply(publication: Publication): "applied" | "known" | "unknown-topic";
}

/** Topics that `createShopBooks` reads. */
export const shopTopics = [
  "organisation",
  "catalogue",
  "lists",
  "prices",
  "taxes",
  "staff",
  "policy",
  "promotions",
] as const;
