/**
 * The fiscal streams that are known here, of this device and of others.
 *
 * @module
 */

import { streamIdOf, type StreamConfig } from "@tillmesh/fiscal-queue";
import type { Tables } from "../projection/tables.ts";

export interface KnownStream {
  readonly stream: string;
  readonly device: string;
  readonly incarnation: number;
  /** The entry that opened it. */
  readonly sequence: number;
  readonly config: StreamConfig;
  readonly closed: string | undefined;
}

/** In the order in which each ledger opened them. */
export function knownStreams(tables: Pick<Tables, "sql">, device?: string): readonly KnownStream[] {
  const rows = tables
    .sql("SELECT * FROM fiscal_streams WHERE ?1 IS NULL OR device = ?1")
    .all(device ?? null);
  return rows.map((row) => {
    const config = JSON.parse(String(row["config"])) as StreamConfig;
    return {
      stream: streamIdOf(config),
      device: String(row["device"]),
      incarnation: Number(row["incarnation"]),
      sequence: Number(row["sequence"]),
      config,
      closed: row["closed"] === null ? undefined : String(row["closed"]),
    };
  });
}
