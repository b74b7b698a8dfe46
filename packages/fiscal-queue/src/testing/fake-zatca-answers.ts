/**
 * What the fake Saudi authority answers, in the form that public clients of the real one read.
 *
 * @module
 */

import { assert, unreachable } from "@tillmesh/kernel";
import type { RecordFate } from "./authority-books.ts";
import type { ZatcaRecord } from "./fake-zatca-reading.ts";
import type { AuthorityAnswer } from "./scripted-authority.ts";

/** One document a request, so one fate. */
export function reportingAnswer([fate]: readonly RecordFate[]): AuthorityAnswer {
  assert(fate !== undefined, "one document a request");
  switch (fate.type) {
    case "accepted":
      return (fate.record as ZatcaRecord).isLate ? lateAnswer : acceptedAnswer;
    case "duplicate":
      return duplicateAnswer(fate.record.hash, fate.kept.hash);
    case "fork":
      return errorAnswer(400, "chain-fork", `${fate.rival} stands on the same place`);
    case "rejected":
      return errorAnswer(400, fate.code, fate.detail);
    default:
      return unreachable(fate);
  }
}

export function errorAnswer(status: number, code: string, message: string): AuthorityAnswer {
  const errorMessages = [{ type: "ERROR", code, category: "TEST", message, status: "ERROR" }];
  return jsonAnswer(status, {
    validationResults: { infoMessages: [], warningMessages: [], errorMessages, status: "ERROR" },
    reportingStatus: "NOT_REPORTED",
  });
}

export function jsonAnswer(status: number, body: object): AuthorityAnswer {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

export const acceptedAnswer: AuthorityAnswer = reported(200, []);

const lateAnswer = reported(202, [
  {
    type: "WARNING",
    code: "late-reporting",
    category: "TEST",
    message: "reported later than 24 hours after it was issued",
    status: "WARNING",
  },
]);

function reported(status: number, warningMessages: readonly object[]): AuthorityAnswer {
  const summary = warningMessages.length === 0 ? "PASS" : "WARNING";
  return jsonAnswer(status, {
    validationResults: { infoMessages: [], warningMessages, errorMessages: [], status: summary },
    reportingStatus: "REPORTED",
  });
}

function duplicateAnswer(sent: string, kept: string): AuthorityAnswer {
  if (sent === kept) {
    return jsonAnswer(409, {
      message: "Invoice Hash Previously Submitted",
      reportingStatus: "REPORTED_SUCCESSFULLY_EARLIER",
    });
  }
  const message = "Invoice UUID Previously Submitted With Another Hash";
  return jsonAnswer(409, { message, invoiceHash: kept, reportingStatus: "NOT_REPORTED" });
}
