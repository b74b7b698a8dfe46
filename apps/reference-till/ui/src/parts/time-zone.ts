/**
 * The clock that moments are shown by: the location's.
 *
 * @module
 */

import { useStore } from "../store.ts";
import { useWorkplace } from "../till/workplace.ts";

export function useTimeZone(): string {
  return useStore(useWorkplace().status)?.timeZone ?? "UTC";
}
