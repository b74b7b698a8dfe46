/**
 * The frozen first change of each kind of document. SPEC.md §1 (GE).
 *
 * Every document of a kind starts from the same bytes, so that replicas which
 * create it apart share their history. The bytes are a golden vector
 * (test-vectors/genesis.v1.json) and never change; a new format is a new kind.
 *
 * @module
 */

import { decodeChange, encodeChange } from "@automerge/automerge";
import type { DocumentName } from "./document-name.ts";

/** The actor of genesis changes; no device ever writes as it. */
export const genesisActor = "00000000000000000000000000000000";

/** Stock counters are spread over this many sub-maps: a change copies only those it touches. */
export const counterBucketCount = 64;

/** Object ids that follow from the genesis bytes. */
export const genesisObjects: GenesisObjects = {
  entries: `2@${genesisActor}`,
  publications: `2@${genesisActor}`,
  counterBucket: (index) => `${4 + index}@${genesisActor}`,
};

interface GenesisObjects {
  readonly entries: string;
  readonly publications: string;
  readonly counterBucket: (index: number) => string;
}

export interface Genesis {
  readonly change: Uint8Array;
  readonly hash: string;
  /** The highest operation counter in it: later operations number on from here. */
  readonly maxOp: number;
}

/** The genesis of documents of this kind. */
export function genesisOf(kind: DocumentName["kind"]): Genesis {
  return kind === "ledger" ? ledgerGenesis : publicationsGenesis;
}

const format = { action: "set", obj: "_root", key: "format", value: 1, datatype: "int", pred: [] };

const ledgerGenesis = encodeGenesis([
  format,
  { action: "makeList", obj: "_root", key: "entries", pred: [] },
  { action: "makeMap", obj: "_root", key: "stock", pred: [] },
  ...Array.from({ length: counterBucketCount }, (_, index) => ({
    action: "makeMap",
    obj: `3@${genesisActor}`,
    key: counterBucketKey(index),
    pred: [],
  })),
]);

const publicationsGenesis = encodeGenesis([
  format,
  { action: "makeMap", obj: "_root", key: "publications", pred: [] },
]);

/** Sub-map keys "00" to "3f". */
export function counterBucketKey(index: number): string {
  return index.toString(16).padStart(2, "0");
}

function encodeGenesis(ops: readonly object[]): Genesis {
  const change = encodeChange({
    actor: genesisActor,
    seq: 1,
    startOp: 1,
    time: 0,
    message: null,
    deps: [],
    ops: [...ops],
  } as unknown as Parameters<typeof encodeChange>[0]);
  return { change, hash: decodeChange(change).hash, maxOp: ops.length };
}
