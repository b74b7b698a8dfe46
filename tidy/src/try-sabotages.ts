/**
 * Carries out every sabotage in a copy of the repository and says which no test notices.
 *
 * `npm run sabotage [-- part of a name]`; ends with 1 if one went unnoticed.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { sabotages, type Sabotage } from "./sabotages.ts";

const root = path.join(import.meta.dirname, "..", "..");
const left = new Set(
  [".git", ".data", ".cache", "node_modules"].map((name) => path.join(root, name)),
);

const wanted = process.argv[2] ?? "";
const copy = mkdtempSync(path.join(tmpdir(), "tillmesh-sabotage-"));
try {
  cpSync(root, copy, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => !left.has(source),
  });
  symlinkSync(path.join(root, "node_modules"), path.join(copy, "node_modules"));
  const all = sabotages.flatMap(({ tests }) => tests);
  if (!arePassing(all)) throw new Error("The tests fail without any sabotage.");
  const unnoticed = sabotages.filter(({ name }) => name.includes(wanted)).filter(isUnnoticed);
  process.stdout.write(
    unnoticed.length === 0
      ? "every sabotage was noticed\n"
      : `not noticed: ${unnoticed.map(({ name }) => name).join("; ")}\n`,
  );
  process.exitCode = unnoticed.length === 0 ? 0 : 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}

function isUnnoticed({ name, file, find, replace, tests }: Sabotage): boolean {
  const target = path.join(copy, file);
  const text = readFileSync(target, "utf8");
  writeFileSync(
    target,
    text.replace(find, () => replace),
  );
  const isNoticed = !arePassing(tests);
  writeFileSync(target, text);
  process.stdout.write(`${isNoticed ? "noticed    " : "NOT NOTICED"}  ${name}\n`);
  return !isNoticed;
}

function arePassing(tests: readonly string[]): boolean {
  const vitest = path.join(copy, "node_modules", "vitest", "vitest.mjs");
  const { status } = spawnSync(process.execPath, [vitest, "run", "--bail", "1", ...tests], {
    cwd: copy,
    stdio: "ignore",
    timeout: 600_000,
  });
  return status === 0;
}
