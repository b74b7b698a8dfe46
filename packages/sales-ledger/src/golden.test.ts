import {
  canonicalJson,
  type Entry,
  type EntryDraft,
  type Json,
  type Movement,
} from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import vectors from "../test-vectors/entries-v1.json" with { type: "json" };
import type { EntryKind } from "./bodies.ts";
import { entryHash } from "./chain.ts";
import { refundDraft, reversalDraft, saleDraft } from "./drafts.ts";
import { parseEntryBody } from "./parse-entry-body.ts";
import { exampleBodies } from "./testing/example-bodies.ts";
import { sha256, testContext, testDate, testLedger } from "./testing/test-ledger.ts";

const ledger = testLedger("dev_1");
const context = testContext(ledger, testDate(0));
const movementsByKind: Partial<Record<EntryKind, readonly Movement[] | undefined>> = {
  sale: saleDraft(context, exampleBodies.sale).movements,
  refund: refundDraft(context, exampleBodies.refund).movements,
  reversal: reversalDraft(context, exampleBodies.reversal).movements,
};

/** The entries that the vectors were written from; run with `-u` never, the vectors are for ever. */
function exampleEntry(kind: EntryKind): Entry {
  const movements = movementsByKind[kind];
  const draft: EntryDraft = {
    kind,
    businessDate: "2026-11-22" as Entry["businessDate"],
    by: { device: ledger.device },
    key: "3f1c",
    bodyHash: "cd".repeat(32),
    ...(movements === undefined ? {} : { movements }),
    body: exampleBodies[kind],
  };
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

describe("golden vectors v1 (EB)", () => {
  for (const kind of Object.keys(exampleBodies) as EntryKind[]) {
    test(`[EB5] the canonical JSON and the hash of a ${kind} are those of the vector`, () => {
      const entry = exampleEntry(kind);
      const vector = vectors.find((each) => each.kind === kind);
      expect(canonicalJson({ ...entry } as unknown as Json)).toBe(vector?.canonicalJson);
      expect(entryHash(entry, sha256)).toBe(vector?.hash);
    });
  }

  test("[EB5] every vector still reads, unless its kind is unknown", () => {
    for (const { kind, canonicalJson: text } of vectors) {
      const entry = JSON.parse(text) as Entry;
      expect(parseEntryBody(kind, entry.body)).toMatchObject({ ok: true, value: { kind } });
    }
  });
});
