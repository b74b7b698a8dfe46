/**
 * Verifies a chain without a regime: every text is made again from the fields beside it. SPEC.md §8 (RNO).
 *
 * @module
 */

import { canonicalJson, hex, parseJson, utf8, type Json } from "@tillmesh/kernel";
import { streamIdOf, type SealedDocument } from "../../document.ts";
import { receiptNumber } from "../../head.ts";
import type { SealContext, Verifier, VerifyFinding } from "../../regime.ts";
import { chainText } from "./chain-text.ts";

export function chainVerifier({ config, crypto }: SealContext): Verifier {
  let count = 0;
  let previous = "";
  return {
    step(document) {
      count += 1;
      const hash = hex(crypto.sha256(utf8(document.text)));
      const number = receiptNumber(config.series, config.numbersFrom + count);
      const isOurs = document.v === 1 && document.regime === config.regime;
      const holds = {
        stream: isOurs && document.stream === streamIdOf(config),
        gap: document.sequence === count,
        number: document.number === number,
        chain: document.previous === previous,
        hash: document.hash === hash,
        format: document.text === textAgain(document),
        state: isBare(document),
      };
      previous = hash;
      return findings(document, holds);
    },
    end: () => [],
  };
}

function findings(
  { sequence, number }: SealedDocument,
  holds: Readonly<Record<string, boolean>>,
): readonly VerifyFinding[] {
  return Object.entries(holds).flatMap(([code, isRight]) =>
    isRight ? [] : [{ sequence, number, code, detail: `${code} does not hold` }],
  );
}

function textAgain(document: SealedDocument): string | undefined {
  const parsed = parseJson(document.text);
  const sealed = parsed.ok ? parsed.value : null;
  if (typeof sealed !== "object" || sealed === null || !("receipt" in sealed)) return undefined;
  const receipt: Json | undefined = sealed.receipt;
  if (receipt === undefined) return undefined;
  const { at, kind, number, previous, sequence, stream } = document;
  return chainText({ at, kind, number, previous, sequence, stream, receipt });
}

/** Nothing is carried on, signed or printed. */
function isBare({ degraded, keyId, print, state }: SealedDocument): boolean {
  const shown = canonicalJson({ keyId, print, state });
  return degraded === undefined && shown === '{"keyId":"","print":{"lines":[]},"state":{}}';
}
