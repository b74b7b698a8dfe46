/**
 * An authority of Spain that behaves as a script says: submissions, the query service, the wait between sends.
 *
 * It knows invoices by issuer, number and date, makes each hash again, and refuses whoever comes second on a place of a chain. The
 * real one does not check chains that far; see CONFORMANCE.md.
 *
 * @module
 */

import { queryAnswer, faultAnswer, submissionAnswer, type AeatState } from "./fake-aeat-answers.ts";
import { readAeatRequest, type AeatRecord } from "./fake-aeat-reading.ts";
import type { KeptRecord } from "./authority-books.ts";
import {
  createScriptedAuthority,
  type AuthorityProtocol,
  type ScriptedAuthority,
} from "./scripted-authority.ts";

export interface FakeAeat {
  readonly authority: ScriptedAuthority;
  /** What it holds, in the order it came. */
  accepted(): readonly AeatRecord[];
  /** Submissions of fewer than 1000 records before the wait was over. */
  earlyCount(): number;
  /** The wait that the next answers ask for. */
  setWait(seconds: number): void;
}

export function createFakeAeat({ nowMs }: { readonly nowMs: () => number }): FakeAeat {
  let waitSeconds = 60;
  let freeAtMs = 0;
  let early = 0;
  let submissions = 0;
  // The books give back what they were given.
  const accepted = () => authority.books.accepted() as readonly (KeptRecord & AeatRecord)[];
  const latest = (invoice: string): AeatRecord | undefined =>
    accepted().findLast((record) => record.invoice === invoice);
  const stateOf = ({ invoice }: AeatRecord): AeatState => stateAt(latest(invoice));
  const protocol: AuthorityProtocol = {
    name: "AEAT",
    read: (request) => {
      const reading = readAeatRequest(request, nowMs());
      if (reading.type === "fault") {
        return { type: "refused", answer: faultAnswer("Client", reading.code, reading.words) };
      }
      if (reading.type === "query") {
        return { type: "lookup", id: latest(reading.invoice)?.id ?? reading.invoice };
      }
      if (nowMs() < freeAtMs && reading.records.length < 1000) early += 1;
      return { type: "records", records: reading.records };
    },
    refuses: (record) => refusalOf(record as AeatRecord, latest),
    answer: (fates, context) => {
      submissions += 1;
      freeAtMs = context.nowMs + waitSeconds * 1000;
      const csv = `A-${String(submissions).padStart(16, "0")}`;
      return submissionAnswer(fates, context, { csv, waitSeconds, stateOf });
    },
    answerLookup: (found, context) =>
      queryAnswer(found, context, stateAt(found as AeatRecord | undefined)),
    throttled: () => faultAnswer("Server", "20009", "Error interno en el servidor"),
  };
  const authority = createScriptedAuthority(protocol, { nowMs });
  return {
    authority,
    accepted,
    earlyCount: () => early,
    setWait: (seconds) => {
      waitSeconds = seconds;
    },
  };
}

function stateAt(record: AeatRecord | undefined): AeatState {
  if (record?.operation === "Anulacion") return "Anulada";
  return record === undefined || record.warning === "" ? "Correcta" : "AceptadaConErrores";
}

/** Corrections and cancellations must say truly whether the authority holds their invoice. */
function refusalOf(
  record: AeatRecord,
  latest: (invoice: string) => AeatRecord | undefined,
): { readonly code: string; readonly detail: string } | undefined {
  const isFollowUp = record.operation === "Anulacion" || record.subsanacion === "S";
  const held = isFollowUp ? latest(record.invoice) : undefined;
  if (!isFollowUp || held?.hash === record.hash) return undefined;
  const isHeld = held !== undefined;
  const saysHeld = record.sinRegistroPrevio !== "S" && record.rechazoPrevio !== "X";
  if (isHeld === saysHeld) return undefined;
  return isHeld
    ? { code: "1100", detail: "el registro de facturación existe" }
    : { code: "3002", detail: "no existe el registro de facturación" };
}
