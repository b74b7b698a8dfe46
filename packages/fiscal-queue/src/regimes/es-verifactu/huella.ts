/**
 * The hash that chains records and events. SPEC.md §10 (RES).
 *
 * Source: AEAT, calculation of the "huella", version 0.1.2. The hashed text holds decoded characters: neither
 * URL encoding nor XML escapes.
 *
 * @module
 */

import { hex, utf8 } from "@tillmesh/kernel";
import type { FiscalCrypto } from "../../ports.ts";

export interface AltaHash {
  readonly issuer: string;
  readonly number: string;
  /** `22-11-2026`. */
  readonly date: string;
  readonly type: string;
  readonly taxTotal: string;
  readonly total: string;
  /** The hash of the record before; "" for the first. */
  readonly previous: string;
  readonly time: string;
}

export type AnulacionHash = Pick<AltaHash, "issuer" | "number" | "date" | "previous" | "time">;

export interface EventHash {
  readonly producer: string;
  readonly softwareId: string;
  readonly version: string;
  readonly installation: string;
  readonly taxpayer: string;
  readonly type: string;
  readonly previous: string;
  readonly time: string;
}

export function altaHashText(alta: AltaHash): string {
  return joined([
    ["IDEmisorFactura", alta.issuer],
    ["NumSerieFactura", alta.number],
    ["FechaExpedicionFactura", alta.date],
    ["TipoFactura", alta.type],
    ["CuotaTotal", alta.taxTotal],
    ["ImporteTotal", alta.total],
    ["Huella", alta.previous],
    ["FechaHoraHusoGenRegistro", alta.time],
  ]);
}

export function anulacionHashText(anulacion: AnulacionHash): string {
  return joined([
    ["IDEmisorFacturaAnulada", anulacion.issuer],
    ["NumSerieFacturaAnulada", anulacion.number],
    ["FechaExpedicionFacturaAnulada", anulacion.date],
    ["Huella", anulacion.previous],
    ["FechaHoraHusoGenRegistro", anulacion.time],
  ]);
}

export function eventHashText(event: EventHash): string {
  return joined([
    ["NIF", event.producer],
    // Of a producer without a Spanish number; ours has one.
    ["ID", ""],
    ["IdSistemaInformatico", event.softwareId],
    ["Version", event.version],
    ["NumeroInstalacion", event.installation],
    ["NIF", event.taxpayer],
    ["TipoEvento", event.type],
    ["HuellaEvento", event.previous],
    ["FechaHoraHusoGenEvento", event.time],
  ]);
}

/** 64 upper-case hex digits. */
export function huellaOf(hashText: string, crypto: Pick<FiscalCrypto, "sha256">): string {
  return hex(crypto.sha256(utf8(hashText))).toUpperCase();
}

function joined(pairs: readonly (readonly [string, string])[]): string {
  return pairs.map(([name, value]) => `${name}=${value.trim()}`).join("&");
}
