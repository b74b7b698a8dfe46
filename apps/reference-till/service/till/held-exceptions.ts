/**
 * Exceptions that are not in any entry: of this replica's own disk and links, and of publications.
 *
 * @module
 */

import { canonicalJson, type Json, type JsonObject } from "@tillmesh/kernel";
import type { Book } from "@tillmesh/pricing-core";
import { replaceExceptions, type Raised } from "../projection/exceptions.ts";
import type { Till } from "./till.ts";

/** Brings the table up to date before it is listed. */
export function refreshHeldExceptions(till: Till): void {
  const now = new Date(till.clock.nowMs()).toISOString();
  replaceExceptions(till.projection, "replica", ofReplica(till, now));
  replaceExceptions(till.projection, "publications", ofBooks(till, now));
}

function ofReplica(till: Till, at: string): readonly Raised[] {
  return (
    till.replica
      .exceptions()
      // A fork that entries show is derived from them, on every replica alike.
      .filter((one) => one.type !== "Fork")
      .map((one) => {
        const { type, ...facts } = one as unknown as { readonly type: string } & JsonObject;
        return { type, key: canonicalJson(facts).slice(0, 500), facts, at };
      })
  );
}

function ofBooks({ books, replica }: Till, at: string): readonly Raised[] {
  if (!replica.device.roles.includes("hq")) return [];
  const { organisation, catalogue, prices, taxes, staff } = books;
  return [organisation, catalogue, prices, taxes, staff].flatMap(({ book }) => ofBook(book, at));
}

function ofBook(
  { topic, conflicts, unreadable }: Pick<Book<never>, "topic" | "conflicts" | "unreadable">,
  at: string,
): readonly Raised[] {
  const contested = conflicts().map(({ key, claims }) => {
    const facts = { topic, key, claims: claims.map((claim) => ({ ...claim })) as unknown as Json };
    return { type: "PublicationConflict", key: `${topic}/${key}`, facts, at };
  });
  const faulty = unreadable().map(({ key, publication, faults }) => {
    const facts = { topic, key, publication: publication.id, faults: faults as unknown as Json };
    return { type: "PublicationUnreadable", key: `${topic}/${key}`, facts, at };
  });
  return [...contested, ...faulty];
}
