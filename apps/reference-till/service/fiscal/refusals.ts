/**
 * What a seal that is refused means to whoever asked for the receipt.
 *
 * @module
 */

import { unreachable } from "@tillmesh/kernel";
import type { SealRefused } from "@tillmesh/fiscal-queue";
import type { Refusal } from "../http/problem.ts";

export function sealRefusal(refused: SealRefused): Refusal {
  switch (refused.type) {
    case "Faulty":
      return {
        type: "FiscalRefused",
        ...detailOf(refused.faults),
        faults: refused.faults.map(({ pointer, code, detail }) => ({
          pointer: pointerOf(pointer),
          code,
          detail,
        })),
      };
    case "Settings":
      return { type: "FiscalSettings", faults: refused.faults.map((fault) => ({ ...fault })) };
    case "StartNeeded":
      return {
        type: "FiscalStopped",
        detail: "The stream was opened without what it begins with.",
      };
    case "ClockFault": {
      const { code, byMs } = refused;
      const detail = `By ${Math.round(byMs / 1000)} seconds (${code}), as the last fiscal document shows.`;
      return { type: "FiscalClock", detail };
    }
    case "SignerNeeded":
      return { type: "FiscalSignerOut", detail: refused.reason, retryAfterS: 5 };
    case "IntentOpen":
      return {
        type: "FiscalSignerOut",
        detail: "The device is still to be asked about a receipt.",
        retryAfterS: 5,
      };
    default:
      return unreachable(refused);
  }
}

/** A customer is told by the caller; all else of a document is made here. */
function pointerOf(pointer: string): string {
  const inside = pointer.replace(/^\/receipt(?=\/customer)/, "");
  return inside.startsWith("/customer") ? inside : `/fiscal${pointer}`;
}

function detailOf(faults: readonly { readonly detail: string }[]): { readonly detail?: string } {
  const [first] = faults;
  return first === undefined ? {} : { detail: `Not taken: ${first.detail}.` };
}
