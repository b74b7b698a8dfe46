/**
 * Spain: RD 1007/2023 and Order HAC/1177/2024, as two regimes. SPEC.md §10 (RES).
 *
 * @module
 */

import { err, ok, type Json, type Result } from "@tillmesh/kernel";
import type { FiscalTime, Head, StreamConfig } from "../../document.ts";
import type { DocumentRequest, Regime, SealFault, SettingsFault } from "../../regime.ts";
import { keptSettings } from "../../rekey.ts";
import { checkRequest, fault } from "./check.ts";
import { readCorrection } from "./corrections.ts";
import { veriFactuDelivery } from "./delivery.ts";
import { draftOf, finishDraft, isEventKind, signingKey } from "./draft.ts";
import { readEvent } from "./event.ts";
import { xmlExport } from "./export.ts";
import { customerIn, fullInvoiceOf, invoiceFaults, invoiceNumber } from "./full-invoice.ts";
import { settingsOf } from "./settings.ts";
import { initialState, readState } from "./state.ts";
import { verifierOf } from "./verify.ts";

/** Every record is sent to the authority as it is made; nothing is signed. */
export const veriFactu: Regime = spain(true);

/** Records are signed and kept, with an event log; sent only when the authority asks. */
export const noVeriFactu: Regime = spain(false);

function spain(isVeriFactu: boolean): Regime {
  return {
    id: isVeriFactu ? "es-verifactu" : "es-no-verifactu",
    builtOn:
      "AEAT: huella 0.1.2, QR 0.4.7, signature 0.1.5, validations 1.2.0, web service 1.0.0; as of 2026-11",
    capabilities: {
      signer: isVeriFactu ? "none" : "key",
      transmit: isVeriFactu ? "batch" : "none",
      handOver: "allowed",
      offline: "final",
      training: "apart",
    },
    open: (config) => open(config, isVeriFactu),
    // The QR codes of the stream name one environment.
    settingsAfter: (before, settings) => keptSettings(before, settings, ["environment"]),
    isNumbered: (kind) => kind === "sale" || kind === "refund" || kind === "void",
    numberOf,
    check: (request, context) => check(request, context, isVeriFactu),
    prepare: (input, context) => draftOf(input, context, isVeriFactu),
    finish: finishDraft,
    invoice: fullInvoiceOf,
    customerIn,
    ...(isVeriFactu ? { delivery: veriFactuDelivery } : {}),
    exports: { "verifactu-xml": xmlExport },
    verifier: (context) => verifierOf(context, isVeriFactu),
  };
}

function open(
  config: StreamConfig,
  isVeriFactu: boolean,
): Result<{ readonly state: Json; readonly start?: DocumentRequest }, SettingsFault> {
  const settings = settingsOf(config);
  if (!settings.ok) return settings;
  if (isVeriFactu) return ok({ state: initialState });
  const faults = signedFaults(config, settings.value.software.isOnlyVeriFactu);
  if (faults.length > 0) return err({ type: "Settings", faults });
  return ok({ state: initialState, start: { kind: "start", facts: { event: "start" } } });
}

function signedFaults(config: StreamConfig, isOnlyVeriFactu: boolean): readonly SealFault[] {
  const key = signingKey(config, { epochMs: 0, offsetMinutes: 0 });
  return [
    ...(key === undefined
      ? [fault("/keys", "certificate", "a key with its certificate signs each record")]
      : []),
    ...(isOnlyVeriFactu
      ? [fault("/settings/software/isOnlyVeriFactu", "mode", "the software says it cannot do this")]
      : []),
  ];
}

// Corrections and cancellations bear the number of their invoice; entries of the log and full invoices afterwards count by themselves.
function numberOf(request: DocumentRequest, config: StreamConfig, head: Head): string {
  const state = readState(head.state) ?? initialState;
  if (isEventKind(request.kind)) return `EV-${state.events + 1}`;
  if (request.kind === "invoice") return invoiceNumber(config, state);
  return readCorrection(request)?.number ?? "";
}

function check(
  request: DocumentRequest,
  context: { readonly config: StreamConfig; readonly head: Head; readonly at: FiscalTime },
  isVeriFactu: boolean,
): readonly SealFault[] {
  const { config, at, head } = context;
  const settings = settingsOf(config);
  if (!settings.ok) return settings.error.faults;
  const state = readState(head.state);
  if (state === undefined) {
    return [fault("/head", "head", "is not of this regime")];
  }
  if (isEventKind(request.kind)) return checkEvent(request, isVeriFactu);
  if (!invoiceKinds.has(request.kind)) {
    return [fault("/kind", "kind", `this regime seals no ${request.kind}`)];
  }
  const isInvoice = request.kind === "invoice";
  return [
    ...(isInvoice ? invoiceFaults(request, invoiceNumber(config, state)) : []),
    ...checkRequest(request, { config, settings: settings.value, at }),
  ];
}

function checkEvent(request: DocumentRequest, isVeriFactu: boolean): readonly SealFault[] {
  if (isVeriFactu) return [fault("/kind", "kind", "an event log is kept outside VERI*FACTU only")];
  if (readEvent(request) !== undefined) return [];
  return [fault("/facts", "facts", "which event, and what an export held")];
}

const invoiceKinds: ReadonlySet<string> = new Set([
  "sale",
  "refund",
  "void",
  "correction",
  "cancellation",
  "invoice",
]);
