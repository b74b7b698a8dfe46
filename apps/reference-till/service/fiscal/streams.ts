/**
 * The fiscal streams that are known here, of this device and of others.
 *
 * @module
 */

import { streamIdOf, type HandedOver, type StreamConfig } from "@tillmesh/fiscal-queue";
import type { Tables } from "../projection/tables.ts";

export interface KnownStream {
  readonly stream: string;
  readonly device: string;
  readonly incarnation: number;
  /** The entry that opened it. */
  readonly sequence: number;
  readonly config: StreamConfig;
  readonly closed: string | undefined;
  readonly handOvers: readonly HandedOver[];
}

/** In the order in which each ledger opened them. */
export function knownStreams(tables: Pick<Tables, "sql">, device?: string): readonly KnownStream[] {
  const rows = tables
    .sql(
      `SELECT s.*, d.hand_overs FROM fiscal_streams s LEFT JOIN fiscal_deliveries d USING (stream)
       WHERE ?1 IS NULL OR s.device = ?1 ORDER BY s.device, s.incarnation, s.sequence`,
    )
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
      handOvers: JSON.parse(String(row["hand_overs"] ?? "[]")) as readonly HandedOver[],
    };
  });
}
