/**
 * The change log as the core sees it.
 *
 * @module
 */

import { err, ok, unreachable, type Result } from "@tillmesh/kernel";
import type { CoreLog, CoreLogError } from "../replica/ports.ts";
import type { AppendError } from "../storage/change-log-errors.ts";
import type { ChangeLog } from "../storage/change-log.ts";

export function coreLog(log: ChangeLog): CoreLog {
  return {
    reserve: (sizeBytes) => {
      const { reservedBytes, freeBytes, failure } = log.status();
      if (failure) return err(failed(failure));
      return sizeBytes <= reservedBytes + freeBytes / 2
        ? ok(undefined)
        : err({ type: "Full", freeBytes });
    },
    append: (records): Result<void, CoreLogError> => {
      const appended = log.append(records);
      return appended.ok ? ok(undefined) : err(failed(appended.error));
    },
  };
}

function failed(error: AppendError): CoreLogError {
  switch (error.type) {
    case "LogFull":
      return { type: "Full", freeBytes: error.freeBytes };
    case "LogFailed":
      return { type: "LogFailed", operation: error.operation, code: error.code };
    case "LogTooLarge":
      return { type: "LogFailed", operation: "append", code: `${error.sizeBytes} bytes` };
    default:
      return unreachable(error);
  }
}
