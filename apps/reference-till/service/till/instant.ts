/**
 * Moments in requests.
 *
 * @module
 */

import { ok, type Result } from "@tillmesh/kernel";
import type { Refusal } from "../http/problem.ts";
import { refuseFaults } from "./refusals.ts";

/** Milliseconds since 1970, of years from 2000 on that every calendar here can write. */
export function readInstant(
  text: string | undefined,
  pointer: string,
): Result<number | undefined, Refusal> {
  if (text === undefined) return ok(undefined);
  const ms = instantPattern.test(text) ? Date.parse(text) : Number.NaN;
  if (ms >= earliestMs && ms <= latestMs) return ok(ms);
  const detail = "is no instant such as 2026-11-22T16:00:00Z";
  return refuseFaults([{ pointer, code: "Format", detail }]);
}

const instantPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}([.]\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;
const earliestMs = Date.UTC(2000, 0, 1);
const latestMs = Date.UTC(9999, 11, 30);
