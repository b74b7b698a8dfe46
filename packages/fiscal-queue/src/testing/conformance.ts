/**
 * The official vectors, samples and schemas that tests read where they lie, never from a copy.
 *
 * They stand beside the project in `../shared/conformance/fiscal`, or in `fiscal` below `CONFORMANCE_DIR`. Where they are
 * absent their cases are skipped with a notice that counts them; `REQUIRE_CONFORMANCE=1` makes absence fail.
 *
 * ```ts
 * const isAbsent = isConformanceAbsent("RKSV vectors", 12);
 * test.skipIf(isAbsent)("[RAT1] ...", () => { conformanceJson("at-rksv/vectors.json") });
 * ```
 *
 * Read inside of the test, not while tests are collected.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** For `skipIf`: true where the data is absent, after a notice that says how many cases are left out. */
export function isConformanceAbsent(what: string, caseCount: number): boolean {
  if (existsSync(provenancePath)) return false;
  const where = `fiscal conformance data is not at ${base}`;
  if (process.env["REQUIRE_CONFORMANCE"] === "1") throw new Error(`${where}: ${what} cannot run`);
  console.warn(`[conformance] ${where}: ${caseCount} cases SKIPPED (${what})`);
  return true;
}

/** The bytes of one file, after its SHA-256 was compared with the one in PROVENANCE.json. */
export function conformanceBytes(file: string): Uint8Array {
  const expected = digests().get(file);
  if (expected === undefined) throw new Error(`${file} is not in PROVENANCE.json`);
  const bytes = readFileSync(join(base, file));
  const found = createHash("sha256").update(bytes).digest("hex");
  if (found !== expected) throw new Error(`${file} was changed: SHA-256 is ${found}`);
  return bytes;
}

/** `encoding` as `TextDecoder` names it: several files are ISO-8859-1 or windows-1252. */
export function conformanceText(file: string, encoding = "utf-8"): string {
  return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(conformanceBytes(file));
}

/** The shape is the file's own: the test that reads it says what it expects. */
export function conformanceJson(file: string): unknown {
  return JSON.parse(conformanceText(file));
}

/** Files below a folder such as `sa-zatca/Samples/`, sorted; none where the data is absent. */
export function conformanceFiles(folder: string, ending = ""): readonly string[] {
  if (!existsSync(provenancePath)) return [];
  return [...digests().keys()]
    .filter((file) => file.startsWith(folder) && file.endsWith(ending))
    .toSorted();
}

const root = resolve(import.meta.dirname, "../../../..");
const base = resolve(
  root,
  process.env["CONFORMANCE_DIR"] ?? join("..", "shared", "conformance"),
  "fiscal",
);
const provenancePath = join(base, "PROVENANCE.json");
let known: ReadonlyMap<string, string> | undefined;

function digests(): ReadonlyMap<string, string> {
  known ??= new Map(readProvenance().files.map(({ file, sha256 }) => [file, sha256]));
  return known;
}

function readProvenance(): { readonly files: readonly { file: string; sha256: string }[] } {
  return JSON.parse(readFileSync(provenancePath, "utf8")) as ReturnType<typeof readProvenance>;
}
