/**
 * What one open JetStream backend holds in memory. All of it can be lost: the streams say it again.
 *
 * @module
 */

import type { Crypto } from "@tillmesh/kernel";
import type { StoredMsg } from "@nats-io/jetstream";
import type { ChainTable } from "./chain-table.ts";
import type { LogStreams } from "./log-streams.ts";
import type { NatsLink } from "./nats-link.ts";
import type { NatsSettings } from "./settings.ts";
import type { SpaceTable } from "./stream-space.ts";
import type { UsageTable } from "./usage.ts";

export interface NatsState {
  readonly link: NatsLink;
  readonly streams: LogStreams;
  readonly settings: NatsSettings;
  readonly crypto: Pick<Crypto, "sha256" | "randomBytes">;
  /** Of a clock that never jumps. */
  readonly monotonicMs: () => number;
  readonly chains: ChainTable;
  readonly usage: UsageTable;
  /** Newest place known to be taken, by channel filter: a replica that does not know it yet lags behind. */
  readonly newest: Map<string, number>;
  /** Reads under way that others may share. */
  readonly reading: Map<string, Promise<StoredMsg | null>>;
  readonly space: SpaceTable;
  waitingBytes: number;
  /** JetStream refused an append for lack of space, and took none since. */
  isFull: boolean;
  isClosed: boolean;
}

/** Remembers that the place is taken. */
export function noteNewest({ newest }: NatsState, filter: string, place: number): void {
  const before = newest.get(filter) ?? 0;
  newest.delete(filter);
  newest.set(filter, Math.max(before, place));
  if (newest.size <= newestMax) return;
  const [oldest] = newest.keys();
  if (oldest !== undefined) newest.delete(oldest);
}

const newestMax = 20_000;
