/**
 * Where this device stands with its fiscal regime, for its pages, the command line and whoever watches.
 *
 * @module
 */

import { keyWarnings, receiptNumber } from "@tillmesh/fiscal-queue";
import type { Json, JsonObject } from "@tillmesh/kernel";
import type { Till } from "../till/till.ts";
import { clockAnswer } from "./clock-check.ts";
import { deliveryAnswer } from "./delivery-answer.ts";
import { exportKinds } from "./export.ts";
import type { OpenStream } from "./fiscal-state.ts";
import { refusedTaxes } from "./tax-check.ts";
import type { Activation } from "./key-files.ts";

export function fiscalStatusAnswer(till: Till): JsonObject {
  const { fiscal, clock } = till;
  till.projection.sync();
  const { stream } = fiscal.state;
  return {
    ...(stream === null ? nothingOpen : openAnswer(stream, clock.nowMs())),
    stopped: fiscal.stopped ?? null,
    clock: clockAnswer(stream, clock.nowMs()),
    refusedTaxes: [...refusedTaxes(till)],
    closings: [...fiscal.closings],
    activation: activationAnswer(fiscal.activation ?? fiscal.upcoming),
    delivery: deliveryAnswer(till),
    exports: [...exportKinds(till)],
  };
}

const nothingOpen: JsonObject = {
  regime: null,
  isTest: false,
  stream: null,
  head: null,
  outage: null,
  keys: [],
};

function openAnswer(stream: OpenStream, nowMs: number): JsonObject {
  const { config } = stream;
  return {
    regime: config.regime,
    isTest: config.isTest,
    stream: streamAnswer(stream),
    head: headAnswer(stream),
    outage: outageAnswer(stream),
    keys: keysAnswer(config, nowMs),
  };
}

function activationAnswer(activation: Activation | undefined): Json {
  if (activation === undefined) return null;
  const { regime, till, taxpayer, isTest, from, address = null } = activation;
  return { regime, till, taxpayer, isTest, from, address };
}

function streamAnswer({ head, config, incarnation, closed }: OpenStream): Json {
  const { till, taxpayer, series, epoch } = config;
  return { id: head.stream, till, taxpayer, series, epoch, incarnation, closed: closed ?? null };
}

function headAnswer({ head, config }: OpenStream): Json {
  const { sequence, lastNumber, sealedAtMs } = head;
  return {
    sequence,
    number: lastNumber === 0 ? null : receiptNumber(config.series, lastNumber),
    sealedAt: sequence === 0 ? null : instant(sealedAtMs),
  };
}

function outageAnswer({ head: { outage } }: OpenStream): Json {
  if (outage === undefined) return null;
  const { sinceMs, firstNumber, lastNumber, endedMs } = outage;
  const ended = endedMs === undefined ? null : instant(endedMs);
  return { since: instant(sinceMs), firstNumber, lastNumber, ended };
}

function keysAnswer(config: OpenStream["config"], nowMs: number): Json {
  return keyWarnings(config, nowMs).map(({ keyId, notAfterMs, daysLeft, level }) => {
    return { keyId, notAfter: instant(notAfterMs), daysLeft, level };
  });
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}
