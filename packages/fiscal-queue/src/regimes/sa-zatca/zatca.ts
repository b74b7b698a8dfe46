/**
 * Saudi Arabia, e-invoicing phase 2: simplified invoices and notes, stamped by the till, reported within a day. SPEC.md §11 (RSA).
 *
 * @module
 */

import { err, ok } from "@tillmesh/kernel";
import type { Regime } from "../../regime.ts";
import { keptSettings } from "../../rekey.ts";
import { requestFaults } from "./check-request.ts";
import { zatcaDelivery } from "./delivery.ts";
import { isInvoiceKind } from "./invoice.ts";
import { finishInvoice, prepareInvoice } from "./seal-invoice.ts";
import { readSettings, settingsFaults } from "./settings.ts";
import { createStreamVerifier } from "./verify-stream.ts";

export const zatca: Regime = {
  id: "sa-zatca",
  builtOn:
    "SDK samples of 2024-01, Security Features and XML Implementation Standards of 2022-06-24; protocol as public clients have it, 2026-11",
  capabilities: {
    signer: "key",
    transmit: "each",
    handOver: "allowed",
    offline: "final",
    training: "apart",
  },
  open: (config) => {
    const faults = settingsFaults(config);
    if (faults.length > 0) return err({ type: "Settings", faults });
    const { counterFrom, previousHash } = readSettings(config);
    return ok({ state: { icv: counterFrom, hash: previousHash } });
  },
  // They say where the chain began.
  settingsAfter: (before, settings) =>
    keptSettings(before, settings, ["counterFrom", "previousHash"]),
  isNumbered: isInvoiceKind,
  check: (request, { config, at }) => requestFaults(request, config, at),
  prepare: prepareInvoice,
  finish: finishInvoice,
  customerIn: ({ customer }) => customer,
  delivery: zatcaDelivery,
  exports: {},
  verifier: createStreamVerifier,
};
