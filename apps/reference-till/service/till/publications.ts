/**
 * What headquarters has said, as this device reads it: the shop's books, what is on its way, and which requests were
 * answered by publications of this device.
 *
 * @module
 */

import type { Publication } from "@tillmesh/kernel";
import { createShopBooks, shopTopics, type ShopBooks } from "@tillmesh/pricing-core";
import {
  createToldTransfers,
  transfersTopic,
  type ToldTransfers,
} from "../projection/told-transfers.ts";
import { isReservedKey } from "./publication-request.ts";
import { createPublishedRequests, type PublishedRequests } from "./published-requests.ts";
import type { Replica } from "./replica.ts";

export interface Publications {
  /** Another object after a revocation of headquarters. */
  readonly books: ShopBooks;
  readonly published: PublishedRequests;
  readonly told: ToldTransfers;
  /** Answers with the transfers of which more is said now. */
  take(publication: Publication): readonly string[];
  /** Some publications may count no longer, or again. */
  readAgain(): void;
}

export function readPublications(replica: Replica): Publications {
  const published = createPublishedRequests(replica.device.id);
  const told = createToldTransfers();
  const readBooks = (): ShopBooks => {
    const fresh = createShopBooks();
    for (const topic of shopTopics) {
      for (const publication of replica.publications(topic)) {
        published.add(publication);
        applyTo(fresh, publication);
      }
    }
    return fresh;
  };
  let books = readBooks();
  for (const publication of replica.publications(transfersTopic)) told.add(publication);
  return {
    get books() {
      return books;
    },
    published,
    told,
    take: (publication) => {
      if (publication.topic === transfersTopic) return told.add(publication);
      published.add(publication);
      applyTo(books, publication);
      return [];
    },
    readAgain: () => {
      books = readBooks();
    },
  };
}

function applyTo(books: ShopBooks, publication: Publication): void {
  const items = publication.items.filter(({ key }) => !isReservedKey(key));
  books.apply({ ...publication, items });
}
