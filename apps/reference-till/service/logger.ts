/**
 * Structured logs: one JSON line per event, on stderr.
 *
 * Callers pass facts, never headers or bodies: no PIN and no token gets here.
 *
 * @module
 */

import type { Clock, Json } from "@tillmesh/kernel";

export type LogLevel = "debug" | "info" | "warn" | "error";

export type LogFacts = Readonly<Record<string, Json | undefined>>;

export interface Logger {
  debug(event: string, facts?: LogFacts): void;
  info(event: string, facts?: LogFacts): void;
  warn(event: string, facts?: LogFacts): void;
  error(event: string, facts?: LogFacts): void;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly clock: Clock;
  readonly write: (line: string) => void;
}

export function createLogger({ level, clock, write }: LoggerOptions): Logger {
  const least = levels.indexOf(level);
  const log = (of: LogLevel) => (event: string, facts?: LogFacts) => {
    if (levels.indexOf(of) < least) return;
    const at = new Date(clock.nowMs()).toISOString();
    write(`${JSON.stringify({ at, level: of, event, ...facts })}\n`);
  };
  return { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") };
}

export const levels: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** What an error says, for a log line: its name, message and where it happened. */
export function errorFacts(error: unknown): LogFacts {
  if (!(error instanceof Error)) return { error: String(error) };
  return { error: error.message, name: error.name, stack: error.stack?.slice(0, 2000) };
}
