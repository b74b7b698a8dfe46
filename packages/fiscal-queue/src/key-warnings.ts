/**
 * Certificates that end. SPEC.md §5 (FOU).
 *
 * @module
 */

import type { StreamConfig } from "./document.ts";
import { keysInUse } from "./rekey.ts";

export interface KeyWarning {
  readonly keyId: string;
  readonly notAfterMs: number;
  /** Whole days that are left, rounded up; 0 once it has ended. */
  readonly daysLeft: number;
  readonly level: "60-days" | "30-days" | "7-days" | "ended";
}

/** Of keys that end within 60 days. A key that is retired, or succeeded by one that lasts longer, is not warned of. */
export function keyWarnings(config: StreamConfig, nowMs: number): readonly KeyWarning[] {
  const keys = keysInUse(config);
  return keys.flatMap(({ keyId, notAfterMs }) => {
    if (notAfterMs === undefined || notAfterMs < longest(keys)) return [];
    const level = levelOf(notAfterMs - nowMs);
    const daysLeft = Math.max(0, Math.ceil((notAfterMs - nowMs) / dayMs));
    return level === undefined ? [] : [{ keyId, notAfterMs, daysLeft, level }];
  });
}

const dayMs = 86_400_000;

function longest(keys: StreamConfig["keys"]): number {
  return Math.max(...keys.map(({ notAfterMs = Number.MAX_SAFE_INTEGER }) => notAfterMs));
}

function levelOf(leftMs: number): KeyWarning["level"] | undefined {
  if (leftMs < 0) return "ended";
  if (leftMs <= 7 * dayMs) return "7-days";
  if (leftMs <= 30 * dayMs) return "30-days";
  return leftMs <= 60 * dayMs ? "60-days" : undefined;
}
