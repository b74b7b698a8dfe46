/**
 * A value counts under its own key only. SPEC.md §3 (VA).
 *
 * @module
 */

import { err, type Json, type Result } from "@tillmesh/kernel";
import type { FaultsError } from "./faults.ts";

/** A reader for a book that also refuses a value under a key that is not its own. */
export function readWithKey<V extends Json>(
  parse: (value: Json) => Result<V, FaultsError>,
  keyOf: (item: V) => string,
): (key: string, value: Json) => Result<V, FaultsError> {
  return (key, value) => {
    const parsed = parse(value);
    if (!parsed.ok || keyOf(parsed.value) === key) return parsed;
    const detail = `this value belongs under ${keyOf(parsed.value)}`;
    return err({ type: "Faults", faults: [{ pointer: "", code: "KeyMismatch", detail }] });
  };
}
