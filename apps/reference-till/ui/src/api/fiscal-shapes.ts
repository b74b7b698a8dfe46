/**
 * What the service answers about fiscal documents: the seal of a receipt, how the stream stands, what needs a person.
 *
 * @module
 */

import type { Named } from "./shapes.ts";

/** What a receipt shows of its seal. */
export interface Seal {
  readonly regime: string;
  readonly number: string;
  readonly sequence: number;
  readonly at: string;
  /** To be printed as they are, in this order. */
  readonly lines: readonly string[];
  readonly qr: SealCode | null;
  /** The code's content for a reader of letters. */
  readonly ocr?: string;
  /** The signer was out. */
  readonly isDegraded: boolean;
  readonly isTest: boolean;
}

export interface SealCode {
  readonly text: string;
  readonly level: "L" | "M";
  /** Of the code without the white around it. */
  readonly minMm?: number;
}

export interface Fiscal {
  /** Null: nothing is sealed on this device, so far. */
  readonly regime: string | null;
  readonly isTest: boolean;
  /** Why nothing is sealed any more. */
  readonly stopped: string | null;
  readonly activation: FiscalActivation | null;
  readonly stream: FiscalStream | null;
  readonly head: {
    readonly sequence: number;
    /** Of the last receipt; null before the first. */
    readonly number: string | null;
    readonly sealedAt: string | null;
  } | null;
  readonly outage: SignerOutage | null;
  /** Due and not sealed yet; they hold up nothing, and are tried again by themselves. */
  readonly closings: readonly OwedClosing[];
  /** Only those that end soon, or have. */
  readonly keys: readonly EndingKey[];
  readonly delivery: FiscalDelivery;
  readonly exports: readonly string[];
}

/** What this device was activated with; it may begin later. */
export interface FiscalActivation {
  readonly regime: string;
  readonly till: string;
  readonly taxpayer: string;
  readonly isTest: boolean;
  /** The first day. */
  readonly from: string;
  readonly address: string | null;
}

export interface FiscalStream {
  readonly id: string;
  readonly till: string;
  readonly taxpayer: string;
  readonly series: string;
  readonly epoch: number;
  readonly incarnation: number;
  readonly closed: string | null;
}

export interface SignerOutage {
  readonly since: string;
  readonly firstNumber: string;
  readonly lastNumber: string;
  readonly ended: string | null;
}

export interface OwedClosing {
  readonly period: "day" | "month" | "year";
  readonly since: string;
  readonly reason: string | null;
}

export interface EndingKey {
  readonly keyId: string;
  readonly notAfter: string;
  readonly daysLeft: number;
  readonly level: "60-days" | "30-days" | "7-days" | "ended";
}

export interface FiscalDelivery {
  /** False: this regime sends nothing. */
  readonly isSent: boolean;
  readonly waiting: number;
  readonly inflight: number;
  readonly accepted: number;
  readonly flagged: number;
  readonly rejected: number;
  readonly parked: number;
  readonly corrected: number;
  readonly oldestWaiting: string | null;
  /** How many of those that wait, by the share of their time that is gone. */
  readonly deadlines: { readonly warning: number; readonly alarm: number; readonly late: number };
  readonly notBefore: string | null;
  readonly paused: {
    readonly code: string;
    readonly detail: string;
    readonly since: string;
  } | null;
  /** How far the authority's clock is ahead of this device's. */
  readonly skewMs: number | null;
  readonly lastError: string | null;
}

export interface FiscalDocument {
  readonly device: Named;
  readonly stream: string;
  readonly sequence: number;
  readonly number: string;
  readonly kind: string;
  readonly at: string;
  readonly state: string;
  readonly attempts: number;
  readonly code: string | null;
  readonly detail: string | null;
  readonly due: string | null;
  readonly level: "in-time" | "warning" | "alarm" | "late" | null;
  /** What the authority calls it. */
  readonly receiptId: string | null;
}
