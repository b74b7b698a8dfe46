/**
 * Publications for tests, with everything that a rule does not look at filled in.
 *
 * @module
 */

import type { DeviceId, Hlc, Publication, PublicationItem } from "@tillmesh/kernel";

export interface PublicationFacts {
  readonly topic: string;
  readonly sequence: number;
  readonly items: readonly PublicationItem[];
  readonly publisher?: string;
  readonly id?: string;
  readonly seen?: Readonly<Record<string, number>>;
}

/** Its id is `<publisher>-<sequence>` unless told otherwise. */
export function publicationOf(facts: PublicationFacts): Publication {
  const { topic, sequence, items, publisher = "hq", seen = {} } = facts;
  return {
    v: 1,
    topic,
    id: facts.id ?? `${publisher}-${sequence}`,
    epoch: 1,
    publisher: publisher as DeviceId,
    sequence,
    previous: "",
    actor: publisher,
    at: "2026-11-22T10:00:00.000Z/0000" as Hlc,
    seen,
    items,
  };
}
