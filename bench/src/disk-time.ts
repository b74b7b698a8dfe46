/**
 * How long a turn spent in write and sync calls: both are measured where Node makes them.
 *
 * @module
 */

import fs from "node:fs";

export interface DiskTime {
  /** Milliseconds in `writeSync` and `fdatasyncSync` since the last call of `take`. */
  take(): number;
  /** The bytes of the newest write. */
  lastWrite(): Uint8Array;
  end(): void;
}

export function watchDisk(): DiskTime {
  const { writeSync, fdatasyncSync } = fs;
  let spentMs = 0;
  let last: Uint8Array = new Uint8Array();
  const clocked =
    <Arguments extends readonly unknown[], Answer>(call: (...args: Arguments) => Answer) =>
    (...args: Arguments): Answer => {
      const startMs = performance.now();
      try {
        return call(...args);
      } finally {
        spentMs += performance.now() - startMs;
      }
    };
  const write = clocked(writeSync as (...args: readonly unknown[]) => number);
  fs.writeSync = (...args: readonly unknown[]) => {
    if (args[1] instanceof Uint8Array) last = args[1];
    return write(...args);
  };
  fs.fdatasyncSync = clocked(fdatasyncSync);
  return {
    take: () => {
      const taken = spentMs;
      spentMs = 0;
      return taken;
    },
    lastWrite: () => last,
    end: () => Object.assign(fs, { writeSync, fdatasyncSync }),
  };
}

/** Builds test data without waiting for the disk: nothing that is measured runs in here. */
export async function withoutSync<T>(work: () => Promise<T>): Promise<T> {
  const { fdatasyncSync, fsyncSync } = fs;
  fs.fdatasyncSync = () => undefined;
  fs.fsyncSync = () => undefined;
  try {
    return await work();
  } finally {
    Object.assign(fs, { fdatasyncSync, fsyncSync });
  }
}
