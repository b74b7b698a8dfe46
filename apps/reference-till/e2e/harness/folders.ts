/**
 * Temporary folders, removed when the process ends.
 *
 * @module
 */

import fs from "node:fs";
import os from "node:os";
import path from "node:path";

/** `TILLMESH_KEEP=1` keeps what a run left behind, to look at. */
export function makeFolder(purpose: string): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), `tillmesh-${purpose}-`));
  if (process.env["TILLMESH_KEEP"] === "1") return folder;
  process.once("exit", () => fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

export function writeText(folder: string, name: string, text: string): string {
  const file = path.join(folder, name);
  fs.writeFileSync(file, text);
  return file;
}
