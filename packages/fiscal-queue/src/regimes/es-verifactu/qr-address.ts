/**
 * The address in the QR code. SPEC.md §10 (RES).
 *
 * Source: AEAT, characteristics of the QR code, version 0.4.7.
 *
 * @module
 */

export interface QrFacts {
  readonly isVeriFactu: boolean;
  readonly environment: "test" | "production";
  readonly taxpayer: string;
  readonly number: string;
  /** `22-11-2026`. */
  readonly date: string;
  /** As in the record. */
  readonly total: string;
}

export function qrAddress(facts: QrFacts): string {
  const service = facts.isVeriFactu ? "ValidarQR" : "ValidarQRNoVerifactu";
  const query = [
    ["nif", facts.taxpayer],
    ["numserie", facts.number],
    ["fecha", facts.date],
    ["importe", facts.total],
  ]
    .map(([name = "", value = ""]) => `${name}=${encodeURIComponent(value)}`)
    .join("&");
  return `${hosts[facts.environment]}/wlpl/TIKE-CONT/${service}?${query}`;
}

const hosts = {
  test: "https://prewww2.aeat.es",
  production: "https://www2.agenciatributaria.gob.es",
} as const;
