/**
 * One stream read from its ledger, a page at a time.
 *
 * @module
 */

import type { DeviceId, HeldEntry } from "@tillmesh/kernel";
import type { Head, SealedDocument } from "@tillmesh/fiscal-queue";
import type { Till } from "../till/till.ts";
import { noFiscal, stepFiscal, type FiscalState } from "./fiscal-state.ts";

export interface StreamPlace {
  readonly device: DeviceId;
  readonly incarnation: number;
  /** The entry that opened it. */
  readonly sequence: number;
}

export interface ReadDocument {
  readonly document: SealedDocument;
  /** After it. */
  readonly head: Head;
}

/** From the opening of the stream to the next, or to the end of the ledger. */
export async function* foldStream(
  till: Till,
  place: StreamPlace,
): AsyncGenerator<ReadDocument, void> {
  let state: FiscalState = noFiscal;
  for await (const page of pagesFrom(till, place)) {
    for (const held of page) {
      const { state: next, document } = stepFiscal(state, held, till.fiscal.crypto);
      const { stream } = next;
      if (stream?.openedAt !== place.sequence) return;
      state = next;
      if (document !== undefined) yield { document, head: stream.head };
    }
  }
}

/** In slices: a till that serves goes on selling. */
async function* pagesFrom(
  { replica }: Till,
  { device, incarnation, sequence }: StreamPlace,
): AsyncGenerator<readonly HeldEntry[], void> {
  for (let after = sequence - 1; ;) {
    const page = replica.entries({ device, incarnation, after, limit: pageMax });
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    after = last.entry.sequence;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const pageMax = 500;
