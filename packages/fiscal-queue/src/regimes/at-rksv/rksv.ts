/**
 * Austria: Registrierkassensicherheitsverordnung (RKSV). SPEC.md §9 (RAT).
 *
 * Every receipt is a JWS over a text of thirteen fields, chained to the receipt before, with the encrypted turnover counter. Nothing
 * is transmitted; the export (DEP7) goes to the authority on demand. Where the signature device is out, a mark takes the
 * signature's place, and one signed collective receipt (Sammelbeleg) follows once it works again.
 *
 * Settings, keys and secrets: see `settings.ts`.
 *
 * @module
 */

import { assert, err, ok, utf8 } from "@tillmesh/kernel";
import type { DocumentKind } from "../../document.ts";
import type { Draft, Finished, Regime, SealContext, SignOutcome } from "../../regime.ts";
import { localDate, localDateTime } from "../../time.ts";
import { checkRequest } from "./check.ts";
import { dep7 } from "./dep7.ts";
import { compactJws, chainValue, readJws, signingInput } from "./jws.ts";
import { payloadText, sumMinor, type RksvPayload } from "./payload.ts";
import { printParts } from "./print.ts";
import { isNumberedKind, isReceiptKind, mustBeSigned, ownNumber } from "./receipt-kinds.ts";
import { sealedVerifier } from "./sealed-verifier.ts";
import {
  cashBoxIdOf,
  keyInUse,
  readSettings,
  settingsAfter,
  type RksvSettings,
} from "./settings.ts";
import { emptyState, stateAfter, stateOf, turnoverAfter } from "./state.ts";
import { amountsOf } from "./tax-fields.ts";
import { encryptTurnover, trainingMark, voidMark } from "./turnover.ts";

export const rksv: Regime = {
  id: "at-rksv",
  builtOn:
    "RKSV and Detailspezifikation as the ministry's model cash box has them (at-registrierkassen-mustercode 2bba100); rates of 2026-07",
  capabilities: {
    signer: "key",
    transmit: "none",
    handOver: "forbidden",
    offline: "final",
    training: "sealed",
  },
  open(config) {
    const settings = readSettings(config);
    return settings.ok ? ok({ state: emptyState, start: { kind: "start" } }) : settings;
  },
  settingsAfter,
  isNumbered: isNumberedKind,
  numberOf: ({ kind }, { series }, { sequence }) => ownNumber(kind, series, sequence + 1),
  check: checkRequest,
  prepare({ request, number, at, head }, context) {
    const settings = settingsOf(context);
    const amountsMinor = isReceiptKind(request.kind)
      ? amountsOf(request.receipt ?? noReceipt(), localDate(at), settings.rates)
      : [0, 0, 0, 0, 0];
    assert(amountsMinor !== undefined, "every rate was checked before");
    const cashBoxId = cashBoxIdOf(context.config);
    const serial = keyInUse(context.config, at.epochMs)?.keyId ?? "";
    const turnoverMinor = turnoverAfter(stateOf(head.state).turnoverMinor, {
      kind: request.kind,
      sumMinor: sumMinor(amountsMinor),
    });
    const payload: RksvPayload = {
      trustProvider: settings.trustProvider,
      cashBoxId,
      number,
      time: localDateTime(at),
      amountsMinor,
      counter: counterField(
        request.kind,
        { cashBoxId, number, turnoverMinor },
        { context, settings },
      ),
      serial,
      chain: head.sequence === 0 ? chainValue(cashBoxId, context.crypto) : head.hash,
    };
    const data = utf8(signingInput(payloadText(payload)));
    const toSign = { keyId: serial, algorithm: "ES256", data, mayBeExpired: true } as const;
    return { request, number, at, content: payload, toSign };
  },
  finish(draft, outcome, { crypto, head }) {
    const reason = whyNotSealed(draft, outcome);
    if (reason !== undefined) return err({ type: "SignerNeeded", reason });
    const signature = outcome.type === "signed" ? outcome.signature : undefined;
    const payload = payloadOf(draft);
    const text = compactJws(payloadText(payload), signature);
    const jws = readJws(text);
    assert(jws !== undefined, "what was written is a receipt");
    const { kind } = draft.request;
    const state = stateAfter(stateOf(head.state), {
      kind,
      number: draft.number,
      at: draft.at,
      sumMinor: sumMinor(payload.amountsMinor),
      isDegraded: jws.isDegraded,
    });
    const print = printParts({
      kind,
      cashBoxId: payload.cashBoxId,
      jws,
      recovered: state.recovered,
    });
    const finished: Finished = {
      text,
      hash: chainValue(text, crypto),
      keyId: payload.serial,
      print,
      state,
    };
    return ok(finished);
  },
  recover(head) {
    return stateOf(head.state).outage === undefined ? [] : [{ kind: "collective" }];
  },
  closing(period, config) {
    if (period !== "day") return { kind: period, closes: period };
    const settings = readSettings(config);
    const isAsked = settings.ok && settings.value.asksDailyZero;
    return isAsked ? { kind: "zero", closes: "day" } : undefined;
  },
  exports: { dep7 },
  verifier: sealedVerifier,
};

function settingsOf({ config }: SealContext): RksvSettings {
  const settings = readSettings(config);
  assert(settings.ok, "the stream was opened with settings that do");
  return settings.value;
}

function counterField(
  kind: DocumentKind,
  place: { readonly cashBoxId: string; readonly number: string; readonly turnoverMinor: number },
  { context, settings }: { readonly context: SealContext; readonly settings: RksvSettings },
): string {
  if (kind === "training") return trainingMark;
  if (kind === "void") return voidMark;
  const { crypto, secrets } = context;
  const aesKey = secrets["turnover"];
  assert(aesKey?.length === 32, "secrets.turnover is an AES key of 32 bytes");
  const turnover = { minor: BigInt(place.turnoverMinor), sizeBytes: settings.counterBytes };
  return encryptTurnover(turnover, place, { aesKey, crypto });
}

// A signature in another form would make a receipt that nobody can read; it shows with the start receipt already.
function whyNotSealed({ request }: Draft, outcome: SignOutcome): string | undefined {
  if (outcome.type === "signed") {
    return outcome.signature.length === 64 ? undefined : "no ES256 signature of 64 bytes";
  }
  if (!mustBeSigned(request.kind)) return undefined;
  return outcome.type === "failed" ? outcome.reason : "not signed";
}

function payloadOf({ content }: Draft): RksvPayload {
  return content as RksvPayload;
}

function noReceipt(): never {
  throw new Error("Bug: a receipt was checked before");
}
