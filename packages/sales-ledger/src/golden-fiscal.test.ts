import {
  canonicalJson,
  type Entry,
  type EntryDraft,
  type HeldEntry,
  type Json,
} from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import vectors from "../test-vectors/entries-v1-fiscal.json" with { type: "json" };
import { entryHash } from "./chain.ts";
import { fiscalDraft, refundDraft, reversalDraft, saleDraft } from "./drafts.ts";
import { parseEntryBody, readEntry } from "./parse-entry-body.ts";
import { exampleBodies } from "./testing/example-bodies.ts";
import { sha256, testContext, testDate, testLedger } from "./testing/test-ledger.ts";
import { emptyTill, foldTill } from "./till.ts";
import { noTotals, totalsOf } from "./totals.ts";

const ledger = testLedger("dev_1");
const context = testContext(ledger, testDate(0));
const fiscal = { sequence: 7, hash: "ab", text: "A.B.C" };
const { sale, refund, reversal } = exampleBodies;
const drafts: Readonly<Record<string, EntryDraft>> = {
  "sealed-sale": saleDraft(context, { ...sale, fiscal }),
  "sealed-refund": refundDraft(context, { ...refund, fiscal }),
  "sealed-reversal": reversalDraft(context, { ...reversal, fiscal }),
  fiscal: fiscalDraft(context, { type: "sealed", document: fiscal }),
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

function held(draft: EntryDraft): HeldEntry {
  return { entry: exampleEntry(draft), hash: "cd".repeat(32), flags: [] };
}

describe("seals (EB)", () => {
  for (const [name, draft] of Object.entries(drafts)) {
    test(`[EB5] the canonical JSON and the hash of a ${name} are those of the vector`, () => {
      const entry = exampleEntry(draft);
      const vector = vectors.find((each) => each.name === name);
      expect(canonicalJson({ ...entry } as unknown as Json)).toBe(vector?.canonicalJson);
      expect(entryHash(entry, sha256)).toBe(vector?.hash);
    });
  }

  test("[EB6] a seal changes no sum, and no sum follows from the regime's own documents", () => {
    const plain = held(saleDraft(context, sale));
    const sealed = held(saleDraft(context, { ...sale, fiscal }));
    expect(totalsOf(readEntry(sealed))).toEqual(totalsOf(readEntry(plain)));
    expect(totalsOf(readEntry(held(drafts["fiscal"] as EntryDraft)))).toEqual(noTotals);
  });

  test("[EB6] the regime's own documents open no day, and the next Z covers them", () => {
    const one = held(fiscalDraft(context, { type: "opened" }));
    const state = foldTill(emptyTill(ledger.device), one);
    expect(state.day.businessDate).toBeNull();
    expect(state.day.runs).toEqual([{ incarnation: 1, from: 12, through: 12, head: one.hash }]);
  });

  test("[EB6] what is no object is a fault", () => {
    for (const wrong of ["x", 1, null, []]) {
      expect(parseEntryBody("fiscal", wrong).ok).toBe(false);
      expect(parseEntryBody("sale", { ...sale, fiscal: wrong }).ok).toBe(false);
    }
  });
});
