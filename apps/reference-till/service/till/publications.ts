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
import {
  createLocationRegimes,
  fiscalTopic,
  type LocationRegimes,
} from "../fiscal/location-regime.ts";
import { isReservedKey } from "./publication-request.ts";
import { createPublishedRequests, type PublishedRequests } from "./published-requests.ts";
import type { Replica } from "./replica.ts";

export interface Publications {
  /** Another object after a revocation of headquarters. */
  readonly books: ShopBooks;
  readonly published: PublishedRequests;
  readonly told: ToldTransfers;
  /** Which fiscal regime each location has. */
  readonly regimes: LocationRegimes;
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
  const readRegimes = (): LocationRegimes => {
    const fresh = createLocationRegimes();
    for (const publication of replica.publications(fiscalTopic)) fresh.take(publication);
    return fresh;
  };
  let regimes = readRegimes();
  for (const publication of replica.publications(transfersTopic)) told.add(publication);
  return {
    get books() {
      return books;
    },
    published,
    told,
    regimes: { take: (one) => regimes.take(one), of: (location) => regimes.of(location) },
    take: (publication) => {
      if (publication.topic === fiscalTopic) {
        regimes.take(publication);
        return [];
      }
      if (publication.topic === transfersTopic) return told.add(publication);
      published.add(publication);
      applyTo(books, publication);
      return [];
    },
    readAgain: () => {
      books = readBooks();
      regimes = readRegimes();
    },
  };
}

function applyTo(books: ShopBooks, publication: Publication): void {
  const items = publication.items.filter(({ key }) => !isReservedKey(key));
  books.apply({ ...publication, items });
}
