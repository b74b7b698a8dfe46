/**
 * Walks a chain of receipts from the start receipt on and says what is wrong with each. SPEC.md §9 (RAT).
 *
 * Both verifiers stand on it: the one of an export, which knows texts only, and the one of our own documents.
 *
 * @module
 */

import type { FiscalCrypto } from "../../ports.ts";
import { chainValue, readJws, type ReceiptJws } from "./jws.ts";
import { readPayload, sumMinor, type RksvPayload } from "./payload.ts";
import { decryptTurnover, trainingMark, voidMark } from "./turnover.ts";

export interface WalkInput {
  readonly crypto: FiscalCrypto;
  /** Without it counters are not read. */
  readonly aesKey?: Uint8Array | undefined;
  /** Of the first receipt unless said. */
  readonly cashBoxId?: string;
  /** Of the first receipt unless said. */
  readonly counterBytes?: number;
  /** SPKI DER by the text of the serial field. */
  readonly publicKeyOf: (serial: string) => Uint8Array | undefined;
}

/** Before a receipt. `numbers` is shared and grows. */
export interface WalkState {
  readonly count: number;
  /** What the next chain value is made of; "" before the first. */
  readonly previousJws: string;
  readonly turnoverMinor: bigint;
  readonly cashBoxId: string | undefined;
  readonly counterBytes: number | undefined;
  /** Since the last receipt without a signature: how many were signed, none of them a collective one. */
  readonly unsettledCount: number | undefined;
  readonly numbers: Set<string>;
}

export interface WalkStep {
  readonly state: WalkState;
  readonly faults: readonly WalkFault[];
  /** Absent where the text is no receipt. */
  readonly jws?: ReceiptJws;
  readonly payload?: RksvPayload;
}

export type WalkFault = { readonly code: WalkCode; readonly detail: string };

export type WalkCode =
  | "chain"
  | "collective"
  | "counter"
  | "format"
  | "key"
  | "number"
  | "signature"
  | "start";

export function walkFrom({ cashBoxId, counterBytes }: WalkInput): WalkState {
  return {
    count: 0,
    previousJws: "",
    turnoverMinor: 0n,
    cashBoxId,
    counterBytes,
    unsettledCount: undefined,
    numbers: new Set(),
  };
}

/** `settles` says whether this is the collective receipt; a text alone shows only that it could be. */
export function walkReceipt(
  text: string,
  state: WalkState,
  input: WalkInput & { readonly settles?: boolean },
): WalkStep {
  const jws = readJws(text);
  const payload = jws === undefined ? undefined : readPayload(jws.payload);
  if (jws === undefined || payload === undefined) return unreadable(text, state);
  const receipt: WalkedReceipt = { jws, payload, state, input };
  const counted = countedBy(receipt);
  const unsettledCount = unsettledAfter(receipt, input.settles ?? isZero(payload));
  const faults = [
    ...formatFaults(receipt),
    ...chainFaults(receipt),
    ...signatureFaults(receipt),
    ...counted.faults,
    ...(state.count === 0 ? startFaults(receipt) : []),
    ...(unsettledCount === 2 ? [fault("collective", "no collective receipt in time")] : []),
  ];
  state.numbers.add(payload.number);
  const next: WalkState = {
    count: state.count + 1,
    previousJws: text,
    turnoverMinor: counted.turnoverMinor,
    cashBoxId: state.cashBoxId ?? payload.cashBoxId,
    counterBytes: counted.counterBytes,
    unsettledCount,
    numbers: state.numbers,
  };
  return { state: next, faults, jws, payload };
}

interface WalkedReceipt {
  readonly jws: ReceiptJws;
  readonly payload: RksvPayload;
  readonly state: WalkState;
  readonly input: WalkInput;
}

function unreadable(text: string, state: WalkState): WalkStep {
  const next = { ...state, count: state.count + 1, previousJws: text };
  return { state: next, faults: [fault("format", "is no receipt of the RKSV")] };
}

function formatFaults({ payload, state }: WalkedReceipt): readonly WalkFault[] {
  const { cashBoxId = payload.cashBoxId, numbers } = state;
  return [
    ...(payload.cashBoxId === cashBoxId ? [] : [fault("format", `is of ${payload.cashBoxId}`)]),
    ...(numbers.has(payload.number) ? [fault("number", "was given before")] : []),
  ];
}

function chainFaults({ payload, state, input }: WalkedReceipt): readonly WalkFault[] {
  const base = state.count === 0 ? payload.cashBoxId : state.previousJws;
  const expected = chainValue(base, input.crypto);
  return payload.chain === expected ? [] : [fault("chain", `does not follow ${expected}`)];
}

function signatureFaults({ jws, payload, input }: WalkedReceipt): readonly WalkFault[] {
  if (jws.isDegraded) return [];
  const publicKey = input.publicKeyOf(payload.serial);
  if (publicKey === undefined) return [fault("key", `no key is known for ${payload.serial}`)];
  const isRight = input.crypto.verify("ES256", publicKey, jws.signed, jws.signature);
  return isRight ? [] : [fault("signature", `is not of ${payload.serial}`)];
}

interface Counted {
  readonly turnoverMinor: bigint;
  readonly counterBytes: number | undefined;
  readonly faults: readonly WalkFault[];
}

function countedBy({ payload, state, input }: WalkedReceipt): Counted {
  const { counterBytes } = state;
  if (payload.counter === trainingMark) {
    return { turnoverMinor: state.turnoverMinor, counterBytes, faults: [] };
  }
  const turnoverMinor = state.turnoverMinor + BigInt(sumMinor(payload.amountsMinor));
  if (payload.counter === voidMark || input.aesKey === undefined) {
    return { turnoverMinor, counterBytes, faults: [] };
  }
  const { aesKey, crypto } = input;
  const found = decryptTurnover(payload.counter, payload, { aesKey, crypto });
  if (found === undefined || found.sizeBytes !== (counterBytes ?? found.sizeBytes)) {
    return { turnoverMinor, counterBytes, faults: [fault("counter", "is no counter")] };
  }
  // Goes on from what was found, so that one fault is told once.
  return {
    turnoverMinor: found.minor,
    counterBytes: found.sizeBytes,
    faults:
      found.minor === turnoverMinor
        ? []
        : [fault("counter", `says ${found.minor}, the receipts ${turnoverMinor}`)],
  };
}

function startFaults({ jws, payload }: WalkedReceipt): readonly WalkFault[] {
  const isStart = isZero(payload) && !jws.isDegraded;
  return isStart ? [] : [fault("start", "is no start receipt")];
}

/** The first or the second signed receipt after the last one without a signature has to be the collective one. */
function unsettledAfter(
  { jws, state: { unsettledCount } }: WalkedReceipt,
  settles: boolean,
): number | undefined {
  if (jws.isDegraded) return 0;
  return unsettledCount === undefined || settles ? undefined : unsettledCount + 1;
}

function isZero({ amountsMinor, counter }: RksvPayload): boolean {
  const isMarked = counter === trainingMark || counter === voidMark;
  return !isMarked && amountsMinor.every((amount) => amount === 0);
}

function fault(code: WalkCode, detail: string): WalkFault {
  return { code, detail };
}
