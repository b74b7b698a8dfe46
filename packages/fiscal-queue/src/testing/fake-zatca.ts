/**
 * A Saudi authority that behaves as a script says: reporting of simplified documents under HTTP Basic, and onboarding.
 *
 * It checks each document by the second opinion, counters and previous hashes against what it has seen of the unit, and refuses forks.
 * The real one does not check chains that far; see CONFORMANCE.md.
 *
 * @module
 */

import type { WireRequest } from "../ports.ts";
import { zatcaAuthorization } from "../regimes/sa-zatca/delivery.ts";
import type { KeptRecord } from "./authority-books.ts";
import { reportingAnswer, errorAnswer } from "./fake-zatca-answers.ts";
import { createZatcaDesk, type IssuedCredentials } from "./fake-zatca-onboarding.ts";
import { headerOf, readReport, type ZatcaRecord } from "./fake-zatca-reading.ts";
import {
  createScriptedAuthority,
  type AuthorityReading,
  type ScriptedAuthority,
} from "./scripted-authority.ts";

export interface FakeZatca {
  readonly authority: ScriptedAuthority;
  /** What it holds, in the order it came. */
  accepted(): readonly ZatcaRecord[];
  /** A unit that was onboarded before. */
  admit(credentials: IssuedCredentials): void;
}

export function createFakeZatca({ nowMs }: { readonly nowMs: () => number }): FakeZatca {
  const units = new Map<string, string>();
  const counters = new Map<string, ZatcaRecord>();
  const admit = ({ secret, securityToken, unit }: IssuedCredentials): void => {
    units.set(zatcaAuthorization(securityToken, secret), unit);
  };
  const desk = createZatcaDesk({ nowMs, admit });
  const read = (request: WireRequest): AuthorityReading => {
    const unit = units.get(headerOf(request, "authorization"));
    const served = desk.serve(request, unit);
    if (served !== undefined) return { type: "refused", answer: served };
    if (unit === undefined) return { type: "refused", answer: errorAnswer(401, "TEST", "who?") };
    if (request.path !== "/invoices/reporting/single") {
      return { type: "refused", answer: errorAnswer(404, "TEST", "no such interface") };
    }
    const reading = readReport(request, { chain: unit, nowMs: nowMs() });
    return reading.type === "refused" ? reading : { type: "records", records: [reading.record] };
  };
  const authority = createScriptedAuthority(
    {
      name: "ZATCA",
      read,
      refuses: (record) => chainFault(record as ZatcaRecord, counters),
      answer: (fates) => reportingAnswer(fates),
    },
    { nowMs },
  );
  return {
    authority,
    accepted: () => authority.books.accepted() as readonly (KeptRecord & ZatcaRecord)[],
    admit,
  };
}

/** Documents come in any order; what is known on either side must fit. */
function chainFault(
  record: ZatcaRecord,
  counters: Map<string, ZatcaRecord>,
): { readonly code: string; readonly detail: string } | undefined {
  const at = (counter: number): ZatcaRecord | undefined =>
    counters.get(`${record.chain}\n${counter}`);
  const counter = Number(record.counter);
  const rival = at(counter);
  if (rival !== undefined && rival.hash !== record.hash) {
    return { code: "TEST-FORK", detail: `counter ${counter} was given twice` };
  }
  const before = at(counter - 1);
  const after = at(counter + 1);
  counters.set(`${record.chain}\n${counter}`, record);
  const follows = before === undefined || before.hash === record.previous;
  const isFollowed = after === undefined || after.previous === record.hash;
  return follows && isFollowed
    ? undefined
    : { code: "TEST-CHAIN", detail: `counter ${counter} does not fit its neighbours` };
}
