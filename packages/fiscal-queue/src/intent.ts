/**
 * What a device that numbers, signs and prints in one act was about to be asked, on disk before it is asked. SPEC.md §5 (FOU).
 *
 * After a crash the device is asked what became of it: what left it uses its number up, signed or not.
 *
 * @module
 */

import { ok, type Result } from "@tillmesh/kernel";
import type { FiscalTime, Head, SealedDocument } from "./document.ts";
import type { AskAnswer, FiscalSigner, Timer } from "./ports.ts";
import type { DocumentRequest, Draft, SignOutcome } from "./regime.ts";
import { finishSeal, type SealPorts } from "./seal.ts";
import { defaultSignerPolicy, withDeadline } from "./sign.ts";

/** Enough to make the same draft again. */
export type Intent = {
  readonly stream: string;
  readonly sequence: number;
  readonly number: string;
  readonly at: FiscalTime;
  readonly request: DocumentRequest;
};

/**
 * What an intent without a document comes to. A device that knows nothing of it leaves the number free; one that signed, or does not say,
 * has used it up, and the document is sealed as it was meant, or degraded.
 */
export async function resumeIntent(
  intent: Intent,
  ports: Pick<SealPorts, "context" | "head" | "policy" | "regime" | "signer" | "timer">,
): Promise<Result<Resumed, { type: "SignerNeeded"; reason: string }>> {
  if (isSettled(intent, ports.head)) return ok({ type: "settled" });
  const draft = draftAgain(intent, ports);
  const answer = await askDevice(draft, ports);
  if (answer.type === "absent") return ok({ type: "withdrawn" });
  const finished = finishSeal(draft, outcomeOf(answer), ports);
  return finished.ok ? ok({ type: "sealed", ...finished.value }) : finished;
}

export type Resumed =
  /** The document of the intent is there. */
  | { readonly type: "settled" }
  /** Nothing left the device: strike the intent out; the number goes to the next. */
  | { readonly type: "withdrawn" }
  /** Write the document; the sale it belonged to was not committed and is told by `document.kind` and `number`. */
  | { readonly type: "sealed"; readonly document: SealedDocument; readonly head: Head };

function isSettled({ sequence }: Intent, head: Head): boolean {
  return sequence <= head.sequence;
}

function draftAgain(
  { at, number, request }: Intent,
  { context, head, regime }: Pick<SealPorts, "context" | "head" | "regime">,
): Draft {
  return regime.prepare({ request, number, at, head }, context);
}

async function askDevice(
  draft: Draft,
  {
    policy = defaultSignerPolicy,
    signer,
    timer,
  }: { policy?: SealPorts["policy"]; signer?: FiscalSigner; timer: Timer },
): Promise<AskAnswer> {
  if (draft.toSign === undefined) return { type: "absent" };
  if (signer?.ask === undefined) return { type: "unknown", reason: "the device cannot be asked" };
  const { deadlineMs } = policy;
  const late: AskAnswer = { type: "unknown", reason: "the device is silent" };
  return withDeadline(signer.ask(draft.toSign), { deadlineMs, late, timer });
}

function outcomeOf(answer: Exclude<AskAnswer, { type: "absent" }>): SignOutcome {
  return answer.type === "signed" ? answer : { type: "failed", reason: answer.reason };
}
