/**
 * The files of this repository: tracked, or new and not ignored.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import type { RepositoryFile } from "./rule.ts";

const root = path.resolve(import.meta.dirname, "../..");
const sizeMaxBytes = 4_000_000;

export function readRepository(): readonly RepositoryFile[] {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const listed = execFileSync("git", args, { cwd: root, encoding: "utf8", maxBuffer: 2 ** 26 });
  return listed.split("\0").filter(isText).map(read);
}

function read(file: string): RepositoryFile {
  return { path: file, text: fs.readFileSync(path.join(root, file), "utf8") };
}

/** A tracked file may be gone from the tree; a binary one has nothing to read. */
function isText(file: string): boolean {
  if (!file || /\.(png|ico|jpg|woff2|gz|pdf|automerge|bin)$/.test(file)) return false;
  const stat = fs.statSync(path.join(root, file), { throwIfNoEntry: false });
  return stat !== undefined && stat.isFile() && stat.size <= sizeMaxBytes;
}
