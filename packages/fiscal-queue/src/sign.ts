/**
 * Asks the signer once, within a deadline, unless the breaker is open or the certificate has ended. SPEC.md §5 (FOU).
 *
 * @module
 */

import { err, type Result } from "@tillmesh/kernel";
import { breakerAfterFailure, closedBreaker, isProbeDue, type Breaker } from "./breaker.ts";
import type { StreamConfig } from "./document.ts";
import type { FiscalSigner, SignFailure, SignRequest, Timer } from "./ports.ts";
import type { Draft, SignOutcome } from "./regime.ts";

export interface SignerPolicy {
  /** A sale waits that long for its signature, once. */
  readonly deadlineMs: number;
  readonly probeEveryMs: number;
}

export const defaultSignerPolicy: SignerPolicy = { deadlineMs: 3000, probeEveryMs: 60_000 };

export interface AskPorts {
  readonly breaker: Breaker;
  readonly config: StreamConfig;
  readonly policy: SignerPolicy;
  readonly signer?: FiscalSigner;
  readonly timer: Timer;
  /** What is sealed to find out whether the signer works again; sales of a regime with a recovery never are. */
  readonly isProbe: boolean;
  /** Ends before the signer is asked, and only if it is. */
  readonly beforeAsking?: () => Promise<void>;
}

export interface Asked {
  readonly outcome: SignOutcome;
  readonly breaker: Breaker;
  /** The device may have signed all the same. */
  readonly isUnknown: boolean;
}

export async function askSigner(draft: Draft, ports: AskPorts): Promise<Asked> {
  const { breaker, policy, signer, timer } = ports;
  const nowMs = draft.at.epochMs;
  if (draft.toSign === undefined) return { outcome: { type: "none" }, breaker, isUnknown: false };
  const reason = whyNotAsked(draft, ports);
  if (reason !== undefined || signer === undefined) {
    const failed = { type: "failed", reason: reason ?? "no signer" } as const;
    return { outcome: failed, breaker, isUnknown: false };
  }
  await ports.beforeAsking?.();
  const { deadlineMs } = policy;
  const late = lateAnswer(deadlineMs);
  const signing = signSafely(signer, draft.toSign);
  const signed = await withDeadline(signing, { deadlineMs, late, timer });
  if (signed.ok) {
    const outcome = { type: "signed", signature: signed.value } as const;
    return { outcome, breaker: closedBreaker, isUnknown: false };
  }
  const { isUnknown, reason: why } = signed.error;
  return {
    outcome: { type: "failed", reason: why },
    breaker: breakerAfterFailure(breaker, {
      nowMs,
      probeEveryMs: policy.probeEveryMs,
      reason: why,
    }),
    isUnknown,
  };
}

/** One answer or `late`: what comes after the deadline is dropped. */
export async function withDeadline<Answer>(
  answer: Promise<Answer>,
  { deadlineMs, late, timer }: { deadlineMs: number; late: Answer; timer: Timer },
): Promise<Answer> {
  const { cancel, passed } = timer.after(deadlineMs);
  try {
    return await Promise.race([answer, passed.then(() => late)]);
  } finally {
    cancel();
  }
}

// A signer that throws breaks its contract, and the shop is not to stop for it.
async function signSafely(
  signer: FiscalSigner,
  request: SignRequest,
): Promise<Result<Uint8Array, SignFailure>> {
  try {
    return await signer.sign(request);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : "the signer failed";
    return err({ type: "SignFailed", reason, isUnknown: true });
  }
}

/** A device that is late may have signed. */
function lateAnswer(deadlineMs: number): Result<Uint8Array, SignFailure> {
  const reason = `no signature within ${deadlineMs} ms`;
  return err({ type: "SignFailed", reason, isUnknown: true });
}

function whyNotAsked(draft: Draft, { breaker, config, isProbe }: AskPorts): string | undefined {
  const nowMs = draft.at.epochMs;
  if (isExpired(draft.toSign, config, nowMs)) return "the certificate has ended";
  if (breaker.type === "closed" || (isProbe && isProbeDue(breaker, nowMs))) return undefined;
  return breaker.reason;
}

// What an ended certificate means is the regime's: it sees a signer that failed.
function isExpired(toSign: Draft["toSign"], { keys }: StreamConfig, nowMs: number): boolean {
  if (toSign?.mayBeExpired === true) return false;
  const key = keys.find(({ keyId }) => keyId === toSign?.keyId);
  return key?.notAfterMs !== undefined && nowMs > key.notAfterMs;
}
