/**
 * Fingerprints of what a step depends on, so that a step is repeated only when they change.
 *
 * @module
 */

import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { root } from "./places.mjs";

/** What `pnpm install` depends on: the lockfile, every manifest and the tools. */
export function installFingerprint(toolVersions) {
  const files = ["package.json", "pnpm-workspace.yaml", "pnpm-lock.yaml", ...workspaceManifests()];
  return fingerprint(files, [...toolVersions, process.platform, process.arch]);
}

/** What the pages are built from: their own sources, and those of the packages they bundle. */
export function pagesFingerprint(directory) {
  const bundled = ["packages/kernel/src", "packages/pricing-core/src"].flatMap(filesUnder);
  return fingerprint(["pnpm-lock.yaml", ...bundled, ...filesUnder(directory)], []);
}

export function isFresh(stampFile, expected) {
  try {
    return fs.readFileSync(stampFile, "utf8") === expected;
  } catch {
    return false;
  }
}

export function writeStamp(stampFile, value) {
  fs.mkdirSync(path.dirname(stampFile), { recursive: true });
  fs.writeFileSync(stampFile, value);
}

function fingerprint(files, facts) {
  const hash = createHash("sha256");
  for (const fact of facts) hash.update(`${fact}\n`);
  for (const file of files) {
    hash.update(`${file}\n`);
    hash.update(fs.readFileSync(path.join(root, file)));
  }
  return hash.digest("hex");
}

function workspaceManifests() {
  const folders = ["packages", "apps", "examples"].flatMap((group) => foldersIn(group));
  return [...folders, "sim", "bench", "tidy"]
    .map((folder) => `${folder}/package.json`)
    .filter((file) => fs.existsSync(path.join(root, file)));
}

function foldersIn(group) {
  const directory = path.join(root, group);
  if (!fs.existsSync(directory)) return [];
  return fs
    .readdirSync(directory)
    .sort()
    .map((name) => `${group}/${name}`);
}

function filesUnder(directory) {
  const entries = fs.readdirSync(path.join(root, directory), { withFileTypes: true });
  return entries
    .filter((entry) => entry.name !== "node_modules" && entry.name !== "dist")
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const file = `${directory}/${entry.name}`;
      return entry.isDirectory() ? filesUnder(file) : [file];
    });
}
