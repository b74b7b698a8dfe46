/**
 * A full part as text: its entries' lines, known by their SHA-256. SPEC.md §3 (SP).
 *
 * A sealed part never changes. Its hash stands in the signed first entry of the
 * part after it, so whoever holds that entry can take the text from anybody.
 *
 * @module
 */

import { err, hex, ok, utf8, type Crypto, type Entry, type Result } from "@tillmesh/kernel";
import type { LedgerPartName } from "./document-name.ts";
import { readEntry, type EntryFormatError } from "./entry-format.ts";
import { partEntriesMax } from "./ledger-branch.ts";
import type { CarryRef } from "./opened.ts";
import type { EntryNode, LedgerPart } from "./ledger-part.ts";
import { innerText, openSignedText, type Signed, type SignedTextError } from "./signed-text.ts";

/** What is known of a sealed part without reading it. */
export interface SealedPart {
  readonly name: LedgerPartName;
  readonly sha256: string;
  readonly firstSequence: number;
  readonly lastSequence: number;
  /** Hash of the part that its first entry names as the one before; null for a first part, absent until it was read. */
  readonly previous?: string | null;
  /** Hash of the entry that its first entry continues. */
  readonly previousEntry?: string;
  /** The carry that its first entry names. */
  readonly carry?: CarryRef;
}

/** The line of entries that ends in `last`, from the first of its part. */
export function lineTo(last: EntryNode): readonly Signed<Entry>[] {
  const line: Signed<Entry>[] = [];
  for (let node: EntryNode | undefined = last; node; node = node.parent) line.push(node.signed);
  return line.toReversed();
}

/** The text of the line of entries that ends in `last`. */
export function sealedText(last: EntryNode): string {
  return lineTo(last)
    .map(({ text }) => text)
    .join("\n");
}

export function textHash(text: string, crypto: Pick<Crypto, "sha256">): string {
  return hex(crypto.sha256(utf8(text)));
}

/** The entries in the text of part `name`, checked against its chain. Signatures are the hash's business. */
export function readSealedText(
  name: LedgerPartName,
  text: string,
  crypto: Pick<Crypto, "sha256">,
): Result<readonly Signed<Entry>[], SealedTextError> {
  const reader = createPartReader(name, crypto);
  for (const line of text.split("\n")) {
    const taken = reader.take(line);
    if (!taken.ok) return taken;
  }
  return ok(reader.entries());
}

/** The same a line at a time: a whole part takes longer than a till may be held up. */
export interface PartReader {
  readonly take: (line: string) => Result<void, SealedTextError>;
  readonly entries: () => readonly Signed<Entry>[];
}

export function createPartReader(name: LedgerPartName, crypto: Pick<Crypto, "sha256">): PartReader {
  const entries: Signed<Entry>[] = [];
  return {
    entries: () => entries,
    take: (line) => {
      const opened = openSignedText("entry", line, crypto);
      if (!opened.ok) return opened;
      const entry = readEntry(opened.value.fact);
      if (!entry.ok) return entry;
      const signed = { fact: entry.value, text: line, hash: opened.value.hash };
      const isNext = continuesPart(name, entries.at(-1), signed);
      if (!isNext || entries.length >= partEntriesMax) {
        return err({ type: "SealedChain", part: name.part, sequence: entry.value.sequence });
      }
      entries.push(signed);
      return ok(undefined);
    },
  };
}

/**
 * The entries in a text that this replica checked before it kept it, and whose hash was compared just now: only what
 * it takes to have them. Each entry names the hash of the one before.
 */
export function readKeptText(
  text: string,
  crypto: Pick<Crypto, "sha256">,
): readonly Signed<Entry>[] {
  const lines = text.split("\n");
  const facts = lines.map((line) => JSON.parse(innerText("entry", line)) as Entry);
  return facts.map((fact, index) => {
    const line = lines[index] ?? "";
    const hash = facts[index + 1]?.previous ?? textHash(innerText("entry", line), crypto);
    return { fact, text: line, hash };
  });
}

export type SealedTextError =
  | SignedTextError
  | EntryFormatError
  | { readonly type: "SealedChain"; readonly part: number; readonly sequence: number };

/** Whether every entry that `part` holds stands in the sealed part: then its document is done with. */
export function isContainedIn(part: LedgerPart, entries: readonly Signed<Entry>[]): boolean {
  const hashes = new Set(entries.map((entry) => entry.hash));
  return part.nodes.every((node) => hashes.has(node.signed.hash));
}

function continuesPart(
  name: LedgerPartName,
  before: Signed<Entry> | undefined,
  { fact }: Signed<Entry>,
): boolean {
  const isHere =
    fact.device === name.device && fact.incarnation === name.incarnation && fact.part === name.part;
  return before
    ? isHere && fact.sequence === before.fact.sequence + 1 && fact.previous === before.hash
    : isHere && fact.kind === "opened";
}
