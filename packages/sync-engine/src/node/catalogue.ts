/**
 * What a replica has on its disk besides the log: documents saved, parts sealed. SPEC.md §6 (CA).
 *
 * One small file, replaced as a whole and kept twice. It is written after what it
 * names is durable and before what it no longer names is removed.
 *
 * @module
 */

import {
  canonicalJson,
  err,
  hex,
  ok,
  parseJson,
  utf8,
  type Crypto,
  type Json,
  type Result,
} from "@tillmesh/kernel";
import type { OwnCarry } from "../replica/core-state.ts";
import type { LedgerMark } from "../replica/restore.ts";
import { ensureDirectory, writeFileAtomic, type Files } from "../storage/files.ts";

export type Catalogue = {
  readonly v: 1;
  /** True until the replica was opened once: there is no log yet. */
  readonly isFresh: boolean;
  /** True on a disk that a backup was restored to, until its new incarnation is open. */
  readonly isRestored: boolean;
  /** Names of the documents whose checkpoints are on the disk. */
  readonly documents: readonly string[];
  readonly ledgers: readonly LedgerMark[];
  /** How far other devices have said that they hold this device's ledgers, by incarnation. */
  readonly acknowledged: Readonly<Record<string, number>>;
  /** The newest carry of this device's current incarnation. */
  readonly ownCarry: OwnCarry | null;
  /** How many publications each set held, by document name: a set that comes back with fewer is shown. */
  readonly publications?: Readonly<Record<string, number>>;
  /** How many torn ends of the log lay set aside when the current incarnation was open. */
  readonly tailsSetAside?: number;
  /** The incarnation this disk wrote last: a clone may have written later ones. */
  readonly ownIncarnation?: number;
};

export const freshCatalogue: Catalogue = {
  v: 1,
  isFresh: true,
  isRestored: false,
  documents: [],
  ledgers: [],
  acknowledged: {},
  ownCarry: null,
};

export interface CataloguePlace {
  readonly files: Files;
  readonly directory: string;
  readonly crypto: Pick<Crypto, "sha256">;
}

export function writeCatalogue(place: CataloguePlace, catalogue: Catalogue): void {
  const text = canonicalJson(catalogue as unknown as Json);
  const bytes = utf8(`${hex(place.crypto.sha256(utf8(text)))}\n${text}\n`);
  for (const path of paths(place)) writeFileAtomic(place.files, path, bytes);
}

/** The newest undamaged copy. A damaged copy is replaced at the next write. */
export function readCatalogue(place: CataloguePlace): Result<Catalogue, CatalogueError> {
  const found = paths(place).map((path) => place.files.readFile(path, catalogueSizeMaxBytes));
  if (found.every((bytes) => bytes === null)) {
    return err({ type: "NoCatalogue", directory: place.directory });
  }
  for (const bytes of found) {
    const catalogue = bytes && parse(bytes, place.crypto);
    if (catalogue) return ok(catalogue);
  }
  return err({ type: "CatalogueDamaged", directory: place.directory });
}

export type CatalogueError =
  | { readonly type: "NoCatalogue"; readonly directory: string }
  | { readonly type: "CatalogueDamaged"; readonly directory: string };

const catalogueSizeMaxBytes = 67_108_864;

/** Two directories, so that damage to one leaves the other. */
function paths({ files, directory }: CataloguePlace): readonly string[] {
  return ["catalogue", "catalogue-mirror"].map((name) => {
    ensureDirectory(files, `${directory}/${name}`);
    return `${directory}/${name}/catalogue.json`;
  });
}

function parse(bytes: Uint8Array, crypto: Pick<Crypto, "sha256">): Catalogue | undefined {
  const [hash = "", text = ""] = new TextDecoder().decode(bytes).split("\n");
  if (hex(crypto.sha256(utf8(text))) !== hash) return undefined;
  const parsed = parseJson(text, { maxBytes: catalogueSizeMaxBytes });
  return parsed.ok ? (parsed.value as unknown as Catalogue) : undefined;
}
