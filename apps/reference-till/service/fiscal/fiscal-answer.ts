/**
 * What a receipt shows of its seal, as the API answers. From the entry alone, so that it is the same whenever it is asked.
 *
 * @module
 */

import { offsetDateTime } from "@tillmesh/fiscal-queue";
import type { JsonObject } from "@tillmesh/kernel";
import type { KeptSeal } from "./kept-seal.ts";

/** Whoever prints `lines` has said what the law and honesty ask: an outage of the signer, and test keys. */
export function fiscalAnswer(seal: KeptSeal, number: string): JsonObject {
  const { regime = "none", sequence, hash, print, degraded, isTest = false } = seal;
  const { atMs: epochMs, offsetMinutes } = seal;
  const lines = print?.lines ?? [];
  return {
    regime,
    number,
    sequence,
    hash,
    at: offsetDateTime({ epochMs, offsetMinutes }),
    lines: isTest ? [testLine, ...lines] : [...lines],
    qr: print?.qr === undefined ? null : { ...print.qr },
    ...(print?.ocr === undefined ? {} : { ocr: print.ocr }),
    isDegraded: degraded !== undefined,
    isTest,
  };
}

export const testLine = "TEST KEYS: not a fiscal receipt";
