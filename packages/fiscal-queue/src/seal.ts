/**
 * Sealing: number, bytes, signature and the next head, or a refusal that took nothing. SPEC.md §3 (FSE).
 *
 * The caller holds the stream alone, and commits the document with the sale; until it does, nothing has happened.
 *
 * @module
 */

import { assert, err, ok, type Result } from "@tillmesh/kernel";
import type { Breaker } from "./breaker.ts";
import { clockFault, type ClockFault, type ClockPolicy } from "./clock-guard.ts";
import type { FiscalTime, Head, SealedDocument } from "./document.ts";
import { headAfter, receiptNumber } from "./head.ts";
import type { Intent } from "./intent.ts";
import type { FiscalSigner, Timer } from "./ports.ts";
import { receiptFaults } from "./receipt-faults.ts";
import type {
  DocumentRequest,
  Draft,
  Finished,
  Regime,
  SealContext,
  SealFault,
  SettingsFault,
  SignOutcome,
} from "./regime.ts";
import { askSigner, defaultSignerPolicy, type SignerPolicy } from "./sign.ts";

/** `at` is taken once and stands in bytes, code, print and journal. */
export async function seal(
  request: DocumentRequest,
  at: FiscalTime,
  ports: SealPorts,
): Promise<Result<Sealed, SealRefused>> {
  const refusal = refusalOf(request, at, ports);
  if (refusal !== undefined) return err(refusal);
  const number = numberFor(request, ports);
  const { context, head, regime } = ports;
  const draft = regime.prepare({ request, number, at, head }, context);
  const intent = intentOf(draft, ports);
  const asked = await askSigner(draft, {
    policy: defaultSignerPolicy,
    ...ports,
    config: context.config,
    isProbe:
      ports.isProbe === true || request.kind === "collective" || regime.recover === undefined,
    ...(intent === undefined ? {} : { beforeAsking: () => noted(intent, ports) }),
  });
  const finished = finishSeal(draft, asked.outcome, ports);
  if (finished.ok) return ok({ ...finished.value, breaker: asked.breaker });
  const open = intent === undefined || !asked.isUnknown ? {} : { intent };
  return err({ ...finished.error, breaker: asked.breaker, ...open });
}

export interface SealPorts {
  readonly regime: Regime;
  readonly head: Head;
  readonly context: SealContext;
  readonly breaker: Breaker;
  /** Absent where nothing is signed, or where no key is at hand: then the signer is out. */
  readonly signer?: FiscalSigner;
  readonly timer: Timer;
  readonly policy?: SignerPolicy;
  readonly clock?: ClockPolicy;
  /** Nobody waits for it: a signer that is out is asked again, once the probe's time has come. */
  readonly isProbe?: boolean;
  /** Somebody looked at the clock and says that it is right. */
  readonly isClockConfirmed?: boolean;
  /** Of a device that acts on its own: on disk before the device is asked. */
  readonly noteIntent?: (intent: Intent) => Promise<void>;
  /** One that was noted and has come to nothing yet: it is resumed before anything else is sealed. */
  readonly openIntent?: Intent;
}

/** What to write, in one record with the sale, and what the next seal builds on. */
export interface Sealed {
  readonly document: SealedDocument;
  readonly head: Head;
  readonly breaker: Breaker;
}

/** No number was taken. `SignerNeeded` with an `intent`: the device may have acted, see `resumeIntent`. */
export type SealRefused =
  | { readonly type: "Faulty"; readonly faults: readonly SealFault[] }
  | { readonly type: "StartNeeded"; readonly start: DocumentRequest }
  | { readonly type: "IntentOpen"; readonly intent: Intent }
  | SettingsFault
  | ClockFault
  | {
      readonly type: "SignerNeeded";
      readonly reason: string;
      readonly breaker: Breaker;
      readonly intent?: Intent;
    };

/** The document and head for a draft and what became of its signature; used again when an intent is resumed. */
export function finishSeal(
  draft: Draft,
  outcome: SignOutcome,
  { context, head, regime }: Pick<SealPorts, "context" | "head" | "regime">,
): Result<Pick<Sealed, "document" | "head">, { type: "SignerNeeded"; reason: string }> {
  const finished = regime.finish(draft, outcome, { ...context, head });
  if (!finished.ok) return finished;
  const document = documentOf(draft, outcome, { finished: finished.value, head });
  return ok({ document, head: headAfter(document, head) });
}

function refusalOf(
  request: DocumentRequest,
  at: FiscalTime,
  { clock, context, head, isClockConfirmed = false, openIntent, regime }: SealPorts,
): SealRefused | undefined {
  if (openIntent !== undefined) return { type: "IntentOpen", intent: openIntent };
  const wrong = isClockConfirmed ? undefined : clockFault(at, head, clock);
  if (wrong !== undefined) return wrong;
  const notOpen = head.sequence === 0 ? openingRefusal(request, regime, context) : undefined;
  if (notOpen !== undefined) return notOpen;
  const faults = [
    ...requestFaults(request, regime),
    ...regime.check(request, { config: context.config, head, at }),
  ];
  return faults.length === 0 ? undefined : { type: "Faulty", faults };
}

function openingRefusal(
  request: DocumentRequest,
  regime: Regime,
  { config }: SealContext,
): SealRefused | undefined {
  const opened = regime.open(config);
  if (!opened.ok) return opened.error;
  const { start } = opened.value;
  if (start === undefined || request.kind === start.kind) return undefined;
  return { type: "StartNeeded", start };
}

function requestFaults({ kind, receipt }: DocumentRequest, regime: Regime): readonly SealFault[] {
  if (!isReceiptKind(kind)) return receipt === undefined ? [] : receiptFaults(receipt);
  if (receipt === undefined) return [fault("/receipt", "missing", "a receipt is to be sealed")];
  return [
    ...(receipt.kind === kind ? [] : [fault("/receipt/kind", "kind", `is not a ${kind}`)]),
    ...(kind === "training" && regime.capabilities.training === "apart"
      ? [fault("/kind", "training-apart", "training has a stream of its own")]
      : []),
    ...receiptFaults(receipt),
  ];
}

function isReceiptKind(kind: string): boolean {
  return kind === "sale" || kind === "refund" || kind === "void" || kind === "training";
}

function numberFor(request: DocumentRequest, { context, head, regime }: SealPorts): string {
  const { config } = context;
  const next = receiptNumber(config.series, head.lastNumber + 1);
  if (regime.isNumbered(request.kind)) return next;
  const own = regime.numberOf?.(request, config, head);
  assert(own !== undefined, `${regime.id} numbers its own ${request.kind}`);
  assert(own !== next, `${own} is the number of the next receipt`);
  return own;
}

function intentOf(draft: Draft, { head, regime }: SealPorts): Intent | undefined {
  if (regime.capabilities.signer !== "device" || draft.toSign === undefined) return undefined;
  const { at, number, request } = draft;
  return { stream: head.stream, sequence: head.sequence + 1, number, at, request };
}

function noted(intent: Intent, { noteIntent }: SealPorts): Promise<void> {
  assert(noteIntent !== undefined, "a device that acts on its own needs an intent on disk");
  return noteIntent(intent);
}

function documentOf(
  { at, number, request }: Draft,
  outcome: SignOutcome,
  { finished, head }: { readonly finished: Finished; readonly head: Head },
): SealedDocument {
  return {
    v: 1,
    regime: decodeURIComponent(head.stream.split("/")[1] ?? ""),
    stream: head.stream,
    sequence: head.sequence + 1,
    kind: request.kind,
    number,
    at,
    previous: head.hash,
    ...finished,
    ...(outcome.type === "failed" ? { degraded: { reason: outcome.reason } } : {}),
    ...(request.closes === undefined ? {} : { closes: request.closes }),
  };
}

function fault(pointer: string, code: string, detail: string): SealFault {
  return { pointer, code, detail };
}
