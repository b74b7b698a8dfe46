/**
 * Keeps the projection and the till's own state in step with the replica, a little at a time.
 *
 * @module
 */

import type { HeldEntry } from "@tillmesh/kernel";
import { errorFacts, type Logger } from "../logger.ts";
import { createBeginner } from "./beginner.ts";
import { foldOwn, type OwnState } from "./own-state.ts";
import type { Projection } from "../projection/projection.ts";

export interface Reader {
  /** Takes entries in the turn that made them durable. */
  take(entries: readonly HeldEntry[]): void;
  /** A ledger begins here with a carry, or what its carry stood for has come. */
  look(): void;
  /** Of this device, up to its last commit. */
  readonly state: OwnState["ledger"];
  readonly fiscal: OwnState["fiscal"];
  /** All own entries are read: numbers and keys are known. */
  readonly isOwnRead: boolean;
  /** Everything the replica held at the start is read; what arrives later follows shortly. */
  readonly isAllRead: boolean;
  /** Work on the read models that no entry asks for; damage is met as with entries. */
  derive(work: () => void): void;
  /** After damage: everything is read again; until then requests are refused. */
  startAnew(error: unknown): void;
  /** What was read is to be read again, for a reason that is no damage. */
  readAgain(reason: string): void;
  close(): void;
}

/** Starts at once: what a quiet start has to read is read before this returns. */
export function startReader(projection: Projection<OwnState>, logger: Logger): Reader {
  let live: OwnState | undefined;
  let isAllRead = false;
  let timer: NodeJS.Timeout | undefined;
  const later = (ms: number) => {
    timer ??= setTimeout(work, ms);
  };
  const startAnew = (error: unknown) => {
    logger.error("projection-failed", errorFacts(error));
    readAgain("failed");
  };
  const readAgain = (reason: string) => {
    projection.startAnew(reason);
    // Without its keys this device must not take requests: one could be a repeated one.
    live = undefined;
    isAllRead = false;
    later(0);
  };
  const beginner = createBeginner(projection, { onBegun: () => later(0), onFailed: startAnew });
  const work = () => {
    timer = undefined;
    if (projection.isSuperseded) readAgain("branches-below-carry");
    try {
      workSlice(projection, live === undefined ? "own" : "any");
    } catch (error) {
      startAnew(error);
    }
    if (live === undefined && !projection.isBehind("own")) {
      projection.sync();
      live = projection.own;
    }
    isAllRead ||= live !== undefined && !projection.isBehind("any");
    if (live !== undefined) beginner.look();
    if (projection.hasMore) later(0);
  };
  work();
  return {
    startAnew,
    readAgain,
    derive: (deriving) => {
      try {
        deriving();
      } catch (error) {
        startAnew(error);
      }
    },
    look: () => later(0),
    take: (entries) => {
      projection.add(entries);
      if (live !== undefined) live = entries.reduce(foldOwn, live);
      later(idleMs);
    },
    get state() {
      return (live ?? projection.own).ledger;
    },
    get fiscal() {
      return (live ?? projection.own).fiscal;
    },
    get isOwnRead() {
      return live !== undefined;
    },
    get isAllRead() {
      return isAllRead && !beginner.isBusy();
    },
    close: () => {
      beginner.close();
      clearTimeout(timer);
    },
  };
}

/** One short transaction: what waits first, then what was missed. */
function workSlice(projection: Projection<OwnState>, whose: "own" | "any"): void {
  if (projection.hasWaiting) projection.applySlice();
  else projection.catchUp(whose);
}

// Long enough to put entries that come together into one transaction.
const idleMs = 5;
