/**
 * Structured logs: one JSON line per event. Facts are opaque ids, numbers and codes; never a key, never a payload.
 *
 * @module
 */

import type { Clock } from "@tillmesh/kernel";

export type LogLevel = "debug" | "info" | "warn" | "error";
export const logLevels: readonly LogLevel[] = ["debug", "info", "warn", "error"];

export type LogFacts = Readonly<Record<string, string | number | boolean | undefined>>;
export type Log = (level: LogLevel, event: string, facts?: LogFacts) => void;

export interface LogOptions {
  readonly least: LogLevel;
  readonly clock: Clock;
  readonly write: (line: string) => void;
}

export function createLog({ least, clock, write }: LogOptions): Log {
  const from = logLevels.indexOf(least);
  return (level, event, facts) => {
    if (logLevels.indexOf(level) < from) return;
    const at = new Date(clock.nowMs()).toISOString();
    write(`${JSON.stringify({ at, level, event, ...facts })}\n`);
  };
}
