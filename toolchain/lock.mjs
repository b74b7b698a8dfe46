/**
 * One setup at a time per working tree: a directory that only one process can create.
 *
 * A lock whose owner died is taken over, so an interrupted setup needs no cleaning by hand.
 *
 * @module
 */

import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const pollMs = 200;
const ownerlessMs = 5_000;
const waitMaxMs = 15 * 60_000;

/** Run `work` while holding the lock directory; wait for whoever holds it now. */
export async function withLock(directory, say, work) {
  await acquire(directory, say);
  const release = () => fs.rmSync(directory, { recursive: true, force: true });
  process.once("exit", release);
  try {
    return await work();
  } finally {
    process.removeListener("exit", release);
    release();
  }
}

async function acquire(directory, say) {
  fs.mkdirSync(path.dirname(directory), { recursive: true });
  const startedAt = Date.now();
  let told = false;
  while (!tryCreate(directory)) {
    if (isStale(directory)) takeAway(directory);
    else {
      if (!told) say(`waiting for another setup (process ${ownerOf(directory) ?? "unknown"})`);
      told = true;
      await sleep(pollMs);
    }
    if (Date.now() - startedAt > waitMaxMs) {
      throw new Error(`Another setup holds ${directory} for over ${waitMaxMs / 60_000} minutes.`);
    }
  }
}

function tryCreate(directory) {
  try {
    fs.mkdirSync(directory);
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
  fs.writeFileSync(path.join(directory, "owner"), String(process.pid));
  return true;
}

function isStale(directory) {
  const owner = ownerOf(directory);
  if (owner !== undefined) return !isAlive(owner);
  const age = ageMs(directory);
  return age !== undefined && age > ownerlessMs;
}

function ownerOf(directory) {
  try {
    return Number(fs.readFileSync(path.join(directory, "owner"), "utf8")) || undefined;
  } catch {
    return undefined;
  }
}

function ageMs(directory) {
  try {
    return Date.now() - fs.statSync(directory).mtimeMs;
  } catch {
    return undefined;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Move first, look second: what was moved may be a new lock of a faster waiter. */
function takeAway(directory) {
  const aside = `${directory}-stale-${process.pid}`;
  try {
    fs.renameSync(directory, aside);
  } catch {
    return;
  }
  if (isStale(aside)) fs.rmSync(aside, { recursive: true, force: true });
  else fs.renameSync(aside, directory);
}
