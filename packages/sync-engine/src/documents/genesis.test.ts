import * as Automerge from "@automerge/automerge";
import { base64url } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import vectors from "../../test-vectors/genesis.v1.json" with { type: "json" };
import { automergeDocument } from "../testing/signed-facts.ts";
import { counterBucketCount, counterBucketKey, genesisObjects, genesisOf } from "./genesis.ts";

describe("genesis changes (GE)", () => {
  test.each(["ledger", "publications"] as const)("[GE1] %s starts from frozen bytes", (kind) => {
    const { change, hash, maxOp } = genesisOf(kind);
    expect({ change: base64url(change), hash, maxOp }).toEqual(vectors[kind]);
  });

  test("[GE2] a ledger starts with an empty list and 64 empty sub-maps", () => {
    const doc = automergeDocument("ledger", []);
    expect(doc.format).toBe(1);
    expect(doc.entries).toEqual([]);
    const keys = Array.from({ length: counterBucketCount }, (_, index) => counterBucketKey(index));
    expect(Object.keys(doc.stock ?? {}).toSorted()).toEqual(keys);
    expect(Automerge.getObjectId(doc.entries ?? [])).toBe(genesisObjects.entries);
    keys.forEach((key, index) => {
      expect(doc.stock?.[key]).toEqual({});
      expect(Automerge.getObjectId(doc.stock?.[key])).toBe(genesisObjects.counterBucket(index));
    });
  });

  test("[GE2] a publication set starts with an empty map", () => {
    const doc = automergeDocument("publications", []);
    expect(doc).toMatchObject({ format: 1, publications: {} });
    expect(Automerge.getObjectId(doc.publications ?? {})).toBe(genesisObjects.publications);
  });

  test("[GE3] documents started apart are one document", () => {
    const [a, b] = [automergeDocument("ledger", []), automergeDocument("ledger", [])];
    expect(Automerge.getHeads(Automerge.merge(a, b))).toEqual([genesisOf("ledger").hash]);
  });
});
