/** Golden vectors of format 1, kept for ever: whatever comes later must go on admitting them. */

import * as Automerge from "@automerge/automerge";
import { base64url, fromBase64url, type OrganisationId } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import names from "../../test-vectors/document-names.v1.json" with { type: "json" };
import ledgerPart from "../../test-vectors/ledger-part.v1.json" with { type: "json" };
import publications from "../../test-vectors/publications.v1.json" with { type: "json" };
import sealedPart from "../../test-vectors/sealed-part.v1.json" with { type: "json" };
import { documentIdOf } from "../node/repo-link.ts";
import { factCrypto, factPart, pricesSet, seeDocument } from "../testing/signed-facts.ts";
import { documentKey, formatDocumentName, parseDocumentName } from "./document-name.ts";
import {
  admitEntryChange,
  counterTotals,
  emptyPart,
  forkedFrom,
  planEntry,
  type LedgerPart,
} from "./ledger-part.ts";
import { admitPublicationChange, planPublication } from "./publication-set.ts";
import { readSealedText, sealedText, textHash } from "./sealed-part.ts";

function bytes(text: string): Uint8Array {
  const read = fromBase64url(text);
  if (!read.ok) throw new Error(text);
  return read.value;
}

function goldenPart(count = ledgerPart.entries.length): LedgerPart {
  const part = emptyPart(factPart);
  const context = { crypto: factCrypto, publicKey: bytes(ledgerPart.publicKey) };
  for (const { change } of ledgerPart.entries.slice(0, count)) {
    expect(admitEntryChange(part, bytes(change), context)).toMatchObject({ ok: true });
  }
  return part;
}

describe("format 1, kept for ever", () => {
  test("[DN4] names, keys and ids", () => {
    for (const { organisation, name, key, documentId } of names) {
      const parsed = parseDocumentName(name)!;
      expect(formatDocumentName(parsed)).toBe(name);
      const derived = documentKey(organisation as OrganisationId, parsed, factCrypto);
      expect(derived).toBe(key);
      expect(documentIdOf(derived)).toBe(documentId);
    }
  });

  test("[CH1] every entry is admitted, and is known by its hash", () => {
    const { nodes } = goldenPart();
    expect(
      nodes.map(({ signed, change }) => ({
        text: signed.text,
        hash: signed.hash,
        change: base64url(change.bytes),
        changeHash: change.hash,
      })),
    ).toEqual(ledgerPart.entries);
  });

  test("[CH2] the owner would make the same bytes again", () => {
    ledgerPart.entries.forEach((golden, index) => {
      const before = goldenPart(index);
      const { signed } = goldenPart(index + 1).nodes.at(-1)!;
      // The last one is a clone's: it does not continue the end of the line.
      if (index === ledgerPart.entries.length - 1) return;
      const planned = planEntry(before, signed, factCrypto);
      expect(base64url(planned.bytes)).toBe(golden.change);
      expect(planned.hash).toBe(golden.changeHash);
    });
  });

  test("[LP1] counters and fork of the golden part", () => {
    const part = goldenPart();
    expect(Object.fromEntries(counterTotals(part))).toEqual(ledgerPart.counters);
    expect(forkedFrom(part)).toBe(4);
  });

  test("[LP2] Automerge opens what was saved then, and sees the same", () => {
    const seen = seeDocument(Automerge.load(bytes(ledgerPart.automerge)));
    expect(seen.entries.toSorted()).toEqual(ledgerPart.entries.map(({ text }) => text).toSorted());
    expect(Object.fromEntries(seen.counters)).toEqual(ledgerPart.counters);
  });

  test("[SP1] the sealed text and its hash", () => {
    const part = goldenPart(ledgerPart.entries.length - 1);
    expect(sealedText(part.nodes.at(-1)!)).toBe(sealedPart.text);
    expect(textHash(sealedPart.text, factCrypto)).toBe(sealedPart.sha256);
    const read = readSealedText(factPart, sealedPart.text, factCrypto);
    expect(read.ok && read.value.map(({ fact }) => fact.sequence)).toEqual([1, 2, 3, 4, 5]);
  });

  test("[PS1] every publication is admitted, and HQ would make the same bytes again", () => {
    const set = pricesSet();
    const publicKey = bytes(publications.publicKey);
    for (const golden of publications.publications) {
      const before = { ...set, nodes: [...set.nodes] };
      const context = { crypto: factCrypto, hqKeyOf: () => publicKey };
      const admitted = admitPublicationChange(set, bytes(golden.change), context);
      if (!admitted.ok) throw new Error(JSON.stringify(admitted.error));
      const { signed, change } = admitted.value.node;
      expect(signed).toMatchObject({ text: golden.text, hash: golden.hash });
      expect(change.hash).toBe(golden.changeHash);
      const planned = planPublication(before, signed, factCrypto);
      expect(base64url(planned.change.bytes)).toBe(golden.change);
    }
    const seen = seeDocument(Automerge.load(bytes(publications.automerge)));
    expect(Object.values(seen.publications).toSorted()).toEqual(
      publications.publications.map(({ text }) => text).toSorted(),
    );
  });
});
