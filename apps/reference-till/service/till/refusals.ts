/**
 * Many faults, one refusal.
 *
 * @module
 */

import { err, type Result } from "@tillmesh/kernel";
import { isProblemCode, type Fault, type Refusal } from "../http/problem.ts";

/** All faults at once. The code is the faults' own when they agree, else `Unprocessable`. */
export function refuseFaults(faults: readonly Fault[]): Result<never, Refusal> {
  const [first] = faults;
  const areAlike = first !== undefined && faults.every(({ code }) => code === first.code);
  const type = areAlike && isProblemCode(first.code) ? first.code : "Unprocessable";
  const detail = faults.length === 1 && first !== undefined ? first.detail : undefined;
  return err({ type, faults, ...(detail === undefined ? {} : { detail }) });
}
