/**
 * What the engine's refusals mean to a caller.
 *
 * @module
 */

import { unreachable } from "@tillmesh/kernel";
import type { Refusal } from "../http/problem.ts";
import type { CommitError, PublishError } from "./replica.ts";

export function commitRefusal(error: CommitError | PublishError): Refusal {
  switch (error.type) {
    case "Failed":
      return { type: "CommitFailed" };
    case "Full":
      return { type: "StorageFull", detail: "There is no space left; nothing was recorded." };
    case "TooLarge":
      return { type: "EntryTooLarge" };
    case "Malformed":
      return { type: "EntryMalformed", detail: `It breaks the format at "${error.member}".` };
    case "NotHq":
      return { type: "NotHq" };
    default:
      return unreachable(error);
  }
}
