/**
 * Seals many documents after one another, as a till does, without a store.
 *
 * @module
 */

import { assert, type Json } from "@tillmesh/kernel";
import { closedBreaker, type Breaker } from "../breaker.ts";
import type { Head, SealedDocument, StreamConfig } from "../document.ts";
import { emptyHead } from "../head.ts";
import { createFiscalCrypto } from "../node/index.ts";
import type { FiscalSigner, Timer } from "../ports.ts";
import type { Receipt } from "../receipt.ts";
import type { DocumentRequest, Regime, SealContext } from "../regime.ts";
import { seal } from "../seal.ts";
import { fiscalTimeAt } from "../time.ts";

export interface SealAllOptions {
  readonly config: StreamConfig;
  readonly signer?: FiscalSigner;
  readonly secrets?: Readonly<Record<string, Uint8Array>>;
  /** When the first is sealed; each further one `stepMs` later. */
  readonly fromMs?: number;
  readonly stepMs?: number;
  /** Goes on from here instead of opening the stream. */
  readonly head?: Head;
  readonly breaker?: Breaker;
}

export interface SealedRun {
  readonly context: SealContext;
  readonly documents: readonly SealedDocument[];
  readonly head: Head;
  readonly breaker: Breaker;
}

/**
 * Opens the stream, seals the regime's start document if it asks for one, then `requests` (a receipt stands for a request of its kind).
 * Throws where sealing is refused.
 */
export async function sealAll(
  regime: Regime,
  requests: readonly (Receipt | DocumentRequest)[],
  options: SealAllOptions,
): Promise<SealedRun> {
  const { config, fromMs = 1_795_341_600_000, secrets = {}, signer, stepMs = 60_000 } = options;
  const context: SealContext = { config, secrets, crypto: createFiscalCrypto() };
  const opening = openingOf(regime, config);
  const starts = options.head === undefined ? opening.start : [];
  const documents: SealedDocument[] = [];
  let head = options.head ?? emptyHead(config, opening.state);
  let breaker = options.breaker ?? closedBreaker;
  for (const request of [...starts, ...requests.map(requestOf)]) {
    const at = fiscalTimeAt(fromMs + documents.length * stepMs, config.timeZone);
    const ports = { regime, head, context, breaker, timer: neverTimer };
    const sealed = await seal(request, at, signer === undefined ? ports : { ...ports, signer });
    assert(sealed.ok, `${request.kind} is sealed: ${JSON.stringify(sealed)}`);
    documents.push(sealed.value.document);
    ({ head, breaker } = sealed.value);
  }
  return { context, documents, head, breaker };
}

/** A receipt as the request that seals it. */
export function requestOf(one: Receipt | DocumentRequest): DocumentRequest {
  return "lines" in one ? { kind: one.kind, receipt: one } : one;
}

/** No deadline ever passes: for signers that answer at once. */
export const neverTimer: Timer = {
  after: () => ({ passed: new Promise(() => undefined), cancel: () => undefined }),
};

/** Every deadline passes once all that is ready has answered: for signers that never do. */
export const hastyTimer: Timer = {
  after: () => ({
    passed: new Promise((resolve) => setImmediate(resolve)),
    cancel: () => undefined,
  }),
};

function openingOf(
  regime: Regime,
  config: StreamConfig,
): { readonly state: Json; readonly start: readonly DocumentRequest[] } {
  const opened = regime.open(config);
  assert(opened.ok, `${regime.id} opens: ${JSON.stringify(opened)}`);
  const { start, state } = opened.value;
  return { state, start: start === undefined ? [] : [start] };
}
