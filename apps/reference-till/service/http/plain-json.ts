/**
 * JSON that everybody writes alike: integers that are exact, and no depth without an end.
 *
 * What is published as it is given has to be such, for hashes and signatures cover its canonical text.
 *
 * @module
 */

import type { Json } from "@tillmesh/kernel";
import type { Fault } from "./problem.ts";

/** Numbers that are no safe integers, and what is too deep, each with its pointer. */
export function plainFaults(value: Json | undefined, pointer = "", depth = 0): readonly Fault[] {
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    return [{ pointer, code: "Type", detail: "a whole number, such as minor units" }];
  }
  if (typeof value !== "object" || value === null) return [];
  if (depth >= depthMax) {
    return [{ pointer, code: "TooLong", detail: `at most ${depthMax} levels` }];
  }
  return Object.entries(value).flatMap(([name, member]) => {
    const step = name.slice(0, 100).replaceAll("~", "~0").replaceAll("/", "~1");
    return plainFaults(member, `${pointer}/${step}`, depth + 1);
  });
}

// The engine takes 32 levels with the publication around it.
const depthMax = 24;
