/**
 * What can go wrong with the change log, as facts.
 *
 * @module
 */

import type { LogDamaged } from "./change-log-recovery.ts";
import { fileFault, type FileFault } from "./files.ts";

export type OpenLogError = LogDamaged | LogMissing | LogFailed | LogFull;

/** There should be a log, and there is no segment at all. */
export interface LogMissing {
  readonly type: "LogMissing";
  readonly directory: string;
}

export type AppendError = LogFailed | LogFull | LogTooLarge;

/** The log is failed until it is opened anew. Whether the last append is on the disk is not known. */
export interface LogFailed extends FileFault {
  readonly type: "LogFailed";
  readonly operation: "open" | "append" | "prepare" | "trim" | "close";
}

/** No space could be reserved; nothing was written, and it may work later. */
export interface LogFull {
  readonly type: "LogFull";
  readonly neededBytes: number;
  readonly freeBytes: number;
}

/** More than one append may hold; nothing was written. */
export interface LogTooLarge {
  readonly type: "LogTooLarge";
  readonly sizeBytes: number;
  readonly sizeMaxBytes: number;
  readonly records: number;
  readonly recordsMax: number;
}

export function logFailed(operation: LogFailed["operation"], error: unknown): LogFailed {
  return { type: "LogFailed", operation, ...fileFault(error) };
}
