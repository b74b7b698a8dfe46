/**
 * Which requests this device's publications answer, by idempotency key.
 *
 * @module
 */

import type { DeviceId, Publication } from "@tillmesh/kernel";
import { requestOf, type PublicationRequest } from "./publication-request.ts";

export interface PublishedRequests {
  add(publication: Publication): void;
  /** The parts that were published for a key, by part number; undefined for a key never used. */
  find(key: string): Published | undefined;
}

export interface Published {
  readonly request: PublicationRequest;
  readonly publicationByPart: ReadonlyMap<number, Publication>;
}

export function createPublishedRequests(device: DeviceId): PublishedRequests {
  const byKey = new Map<
    string,
    { request: PublicationRequest; publicationByPart: Map<number, Publication> }
  >();
  return {
    add: (publication) => {
      const request = publication.publisher === device ? requestOf(publication) : undefined;
      if (request === undefined) return;
      const known = byKey.get(request.key);
      if (known === undefined) {
        byKey.set(request.key, {
          request,
          publicationByPart: new Map([[request.part, publication]]),
        });
      } else if (known.request.bodyHash === request.bodyHash) {
        known.publicationByPart.set(request.part, publication);
      }
    },
    find: (key) => byKey.get(key),
  };
}
