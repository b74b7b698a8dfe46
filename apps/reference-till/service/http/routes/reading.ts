/**
 * Reads see everything this device recorded, or say that they cannot yet.
 *
 * @module
 */

import { err } from "@tillmesh/kernel";
import type { Till } from "../../till/till.ts";
import type { Handled } from "../route.ts";

export function whenRead(till: Till, read: () => Handled): Handled {
  if (!till.isAllRead) return err({ type: "CatchingUp", retryAfterS: 1 });
  till.projection.sync();
  return read();
}
