/**
 * What the RKSV cannot seal, told before a number is taken. SPEC.md §9 (RAT).
 *
 * @module
 */

import { sumSafe } from "@tillmesh/kernel";
import type { DocumentKind, Head } from "../../document.ts";
import type { Receipt } from "../../receipt.ts";
import type { Regime, SealFault } from "../../regime.ts";
import { localDate } from "../../time.ts";
import { isOwnKind, isReceiptKind } from "./receipt-kinds.ts";
import { readSettings, type RksvSettings } from "./settings.ts";
import { stateOf } from "./state.ts";
import { rateFaults } from "./tax-fields.ts";
import { fitsCounter } from "./turnover.ts";

export const checkRequest: Regime["check"] = ({ kind, receipt }, { config, head, at }) => {
  const settings = readSettings(config);
  if (!settings.ok) return settings.error.faults;
  if (!isReceiptKind(kind)) return ownFaults(kind, head);
  if (receipt === undefined) return [fault("/receipt", "missing", `a ${kind} has a receipt`)];
  return [
    ...currencyFaults(receipt, config.currency),
    ...rateFaults(receipt, localDate(at), settings.value.rates),
    ...(kind === "training" ? [] : counterFaults(receipt, head, settings.value)),
  ];
};

function ownFaults(kind: DocumentKind, head: Head): readonly SealFault[] {
  if (!isOwnKind(kind)) return [fault("/kind", "kind", `the RKSV has no ${kind}`)];
  if ((kind === "start") !== (head.sequence === 0)) {
    return [fault("/kind", "start", "a start receipt is the first, and only the first")];
  }
  const isNeeded = stateOf(head.state).outage !== undefined;
  return kind === "collective" && !isNeeded
    ? [fault("/kind", "collective", "no receipt is without a signature")]
    : [];
}

function currencyFaults({ currency }: Receipt, expected: string): readonly SealFault[] {
  return currency === expected
    ? []
    : [fault("/currency", "currency", `amounts are in ${expected}`)];
}

function counterFaults(
  { taxes }: Receipt,
  head: Head,
  { counterBytes }: RksvSettings,
): readonly SealFault[] {
  const amounts = taxes.flatMap(({ netMinor, taxMinor }) => [netMinor, taxMinor]);
  const sum = sumSafe([stateOf(head.state).turnoverMinor, ...amounts]);
  const fits = sum.ok && fitsCounter(sum.value, counterBytes);
  return fits ? [] : [fault("/totalMinor", "counter", `more than ${counterBytes} bytes hold`)];
}

function fault(pointer: string, code: string, detail: string): SealFault {
  return { pointer, code, detail };
}
