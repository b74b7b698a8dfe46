import { canonicalJson, type Entry, type EntryDraft, type Json } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import vectors from "../test-vectors/entries-v1-prices.json" with { type: "json" };
import { entryHash } from "./chain.ts";
import { refundDraft, reversalDraft, saleDraft } from "./drafts.ts";
import { parseEntryBody } from "./parse-entry-body.ts";
import {
  pricedRefund,
  pricedReversal,
  pricedSale,
  repricedRefund,
} from "./testing/example-priced-bodies.ts";
import { sha256, testContext, testDate, testLedger } from "./testing/test-ledger.ts";

const ledger = testLedger("dev_1");
const context = testContext(ledger, testDate(0));
const drafts: Readonly<Record<string, EntryDraft>> = {
  "priced-sale": saleDraft(context, pricedSale),
  "priced-refund": refundDraft(context, pricedRefund),
  "priced-reversal": reversalDraft(context, pricedReversal),
  "repriced-refund": refundDraft(context, repricedRefund),
};

/** What the vectors were written from; they are for ever. */
function exampleEntry(draft: EntryDraft): Entry {
  return {
    v: 1,
    ...draft,
    device: ledger.device,
    location: ledger.location,
    incarnation: 1,
    part: 1,
    sequence: 12,
    previous: "ab".repeat(32),
    actor: "00112233445566778899aabbccddeeff",
    at: "2026-11-22T10:00:00.000Z/0003" as Entry["at"],
  };
}

describe("golden vectors of prices (EB)", () => {
  for (const [name, draft] of Object.entries(drafts)) {
    test(`[EB5] the canonical JSON and the hash of a ${name} are those of the vector`, () => {
      const entry = exampleEntry(draft);
      const vector = vectors.find((each) => each.name === name);
      expect(canonicalJson({ ...entry } as unknown as Json)).toBe(vector?.canonicalJson);
      expect(entryHash(entry, sha256)).toBe(vector?.hash);
    });
  }

  test("[EB5] every vector still reads", () => {
    for (const { canonicalJson: text } of vectors) {
      const { kind, body } = JSON.parse(text) as Entry;
      expect(parseEntryBody(kind, body)).toMatchObject({ ok: true, value: { kind } });
    }
  });
});
