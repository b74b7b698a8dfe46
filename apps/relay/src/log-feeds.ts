/**
 * One watch per log, however many read it here.
 *
 * @module
 */

import { hex } from "@tillmesh/kernel";
import type { LogName, LogStore, Unwatch } from "./log-store.ts";

export interface LogFeeds {
  /** As the store's `watch`. */
  readonly watch: (log: LogName, onNew: () => void) => Promise<Unwatch>;
  readonly size: () => number;
}

interface Feed {
  readonly readers: Set<() => void>;
  readonly unwatch: Promise<Unwatch>;
}

export function createLogFeeds(store: LogStore): LogFeeds {
  const feeds = new Map<string, Feed>();
  return {
    size: () => feeds.size,
    watch: async (log, onNew) => {
      const key = `${log.organisation} ${hex(log.channel)} ${log.lane}`;
      const feed = feeds.get(key) ?? startFeed(store, log);
      feeds.set(key, feed);
      // A function of its own, so that one reader may watch twice.
      const reader = (): void => onNew();
      feed.readers.add(reader);
      const leave = (): void => {
        feed.readers.delete(reader);
        if (feed.readers.size > 0 || feeds.get(key) !== feed) return;
        feeds.delete(key);
        void feed.unwatch.then(
          (unwatch) => unwatch(),
          () => undefined,
        );
      };
      try {
        await feed.unwatch;
      } catch (error) {
        leave();
        throw error;
      }
      return leave;
    },
  };
}

function startFeed(store: LogStore, log: LogName): Feed {
  const readers = new Set<() => void>();
  const unwatch = store.watch(log, () => {
    for (const reader of readers) reader();
  });
  return { readers, unwatch };
}
