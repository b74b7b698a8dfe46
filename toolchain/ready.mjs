/**
 * A quick answer to "was setup done?": two stats and one small file, no hashing.
 *
 * @module
 */

import fs from "node:fs";
import { installStamp, isSuitableNode, lockfile, readyFile } from "./places.mjs";

/** The Node to run with, or undefined when setup has to run first. */
export function readyNode({ pages }) {
  try {
    const ready = JSON.parse(fs.readFileSync(readyFile, "utf8"));
    if (ready.lockfile !== lockfileMark() || !fs.existsSync(installStamp)) return undefined;
    if (pages && !ready.pages) return undefined;
    if (isSuitableNode(process.version)) return process.execPath;
    return fs.existsSync(ready.node) ? ready.node : undefined;
  } catch {
    return undefined;
  }
}

/** Remember that setup is done, which Node it chose, and whether the pages are there. */
export function markReady(node, { pages }) {
  const temporary = `${readyFile}.${process.pid}`;
  fs.writeFileSync(temporary, `${JSON.stringify({ node, pages, lockfile: lockfileMark() })}\n`);
  fs.renameSync(temporary, readyFile);
}

function lockfileMark() {
  const { mtimeMs, size } = fs.statSync(lockfile);
  return `${mtimeMs}-${size}`;
}
