import { createSecretKey } from "node:crypto";
import { assert, err } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import { breakerOf, closedBreaker, type Breaker } from "./breaker.ts";
import type { Head, StreamConfig } from "./document.ts";
import { dueDocuments } from "./due-documents.ts";
import { emptyHead } from "./head.ts";
import { keyWarnings } from "./key-warnings.ts";
import { createFiscalCrypto, createSoftwareSigner } from "./node/index.ts";
import type { FiscalSigner } from "./ports.ts";
import type { Regime } from "./regime.ts";
import { seal, type Sealed, type SealPorts } from "./seal.ts";
import { plainReceipt } from "./testing/receipts.ts";
import { hastyTimer, neverTimer, requestOf } from "./testing/seal-all.ts";
import { createTinyRegime, tinyConfig } from "./testing/tiny-regime.ts";
import { fiscalTimeAt } from "./time.ts";

const working = createSoftwareSigner({ K1: createSecretKey(Buffer.from("tiny")) });
const silent: FiscalSigner = { sign: () => new Promise(() => undefined) };
const fromMs = Date.parse("2026-11-22T11:00:00Z");
const degradable = createTinyRegime({ isDegradable: true });

/** A till of one stream that counts what it asks of its signer. */
function till(regime: Regime = degradable, config: StreamConfig = tinyConfig()) {
  let head: Head = emptyHead(config, { total: 0 });
  let breaker: Breaker = closedBreaker;
  let nowMs = fromMs;
  let calls = 0;
  const counted = (signer: FiscalSigner): FiscalSigner => ({
    sign: (request) => {
      calls += 1;
      return signer.sign(request);
    },
  });
  const sealWith = async (
    signer: FiscalSigner,
    request = requestOf(plainReceipt(100)),
    more: Pick<SealPorts, "isProbe"> = {},
  ) => {
    nowMs += 1000;
    const timer = signer === silent ? hastyTimer : neverTimer;
    const context = { config, secrets: {}, crypto: createFiscalCrypto() };
    const asked = counted(signer);
    const ports: SealPorts = { regime, head, breaker, context, signer: asked, timer, ...more };
    const result = await seal(request, fiscalTimeAt(nowMs, config.timeZone), ports);
    if (result.ok) ({ head, breaker } = result.value);
    else if (result.error.type === "SignerNeeded") ({ breaker } = result.error);
    return result;
  };
  return {
    sealWith,
    wait: (ms: number) => {
      nowMs += ms;
    },
    due: (occasion: "sale" | "timer") => {
      const at = fiscalTimeAt(nowMs, config.timeZone);
      const found = dueDocuments({ regime, config, head, breaker, at, occasion });
      assert(found.ok, "the settings do");
      return found.value;
    },
    calls: () => calls,
    head: () => head,
    breaker: () => breaker,
  };
}

function isDegraded(result: Awaited<ReturnType<typeof seal>>): boolean {
  assert(result.ok, `sealed: ${JSON.stringify(result)}`);
  return (result.value satisfies Sealed).document.degraded !== undefined;
}

describe("a signer that is out", () => {
  test("[FOU1] costs one deadline, and its late signature is dropped", async () => {
    const { calls, sealWith } = till();
    const [one, two, three] = [
      await sealWith(silent),
      await sealWith(silent),
      await sealWith(silent),
    ];
    expect([one, two, three].map(isDegraded)).toEqual([true, true, true]);
    expect(calls()).toBe(1);
  });

  test("[FOU1] keeps the sale from being sealed where the regime cannot do without, and takes no number", async () => {
    const { head, sealWith } = till(createTinyRegime());
    const refused = await sealWith(silent);
    expect(refused).toMatchObject({ error: { type: "SignerNeeded" } });
    expect(head()).toMatchObject({ sequence: 0, lastNumber: 0 });
  });

  test("[FOU2] is asked again by a sale only where there is no degraded seal, after the probe's time", async () => {
    const strict = till(createTinyRegime());
    await strict.sealWith(silent);
    expect((await strict.sealWith(working)).ok).toBe(false);
    strict.wait(60_000);
    expect((await strict.sealWith(working)).ok).toBe(true);
    expect(strict.calls()).toBe(2);
    const lenient = till();
    await lenient.sealWith(silent);
    lenient.wait(60_000);
    expect(isDegraded(await lenient.sealWith(working))).toBe(true);
    expect(lenient.calls()).toBe(1);
  });

  test("[FOU3] is found to work again by the timer, and the recovery ends the outage", async () => {
    const { breaker, due, head, sealWith, wait } = till();
    await sealWith(silent);
    await sealWith(silent);
    expect(due("timer")).toEqual([]);
    wait(60_000);
    expect(due("sale")).toEqual([]);
    const [recovery] = due("timer");
    expect(recovery?.facts).toEqual({ from: "B1-1-000001", to: "B1-1-000002" });
    expect((await sealWith(silent, recovery)).ok).toBe(false);
    expect(due("timer")).toEqual([]);
    wait(60_000);
    expect(isDegraded(await sealWith(working, recovery))).toBe(false);
    expect(breaker()).toEqual(closedBreaker);
    expect([head().outage, ...due("timer"), ...due("sale")]).toEqual([undefined]);
    expect(isDegraded(await sealWith(working))).toBe(false);
  });

  test("[FOU4] is not asked again by the first sale after a restart", async () => {
    const { head, sealWith } = till();
    await sealWith(silent);
    const breaker = breakerOf(head(), fromMs + 5000);
    expect(breaker).toMatchObject({
      type: "open",
      sinceMs: fromMs + 1000,
      probeAtMs: fromMs + 5000,
    });
    await sealWith(working, { kind: "collective" });
    expect(breakerOf(emptyHead(tinyConfig(), {}), fromMs)).toEqual(closedBreaker);
  });

  test("[FOU1] that throws is out too, and the shop goes on", async () => {
    const { calls, sealWith } = till();
    const throwing: FiscalSigner = {
      sign: () => {
        throw new Error("driver gone");
      },
    };
    expect(isDegraded(await sealWith(throwing))).toBe(true);
    expect(isDegraded(await sealWith(throwing))).toBe(true);
    expect(calls()).toBe(1);
  });

  test("[FOU1] that is not there at all is out too", async () => {
    const config = tinyConfig();
    const context = { config, secrets: {}, crypto: createFiscalCrypto() };
    const head = emptyHead(config, { total: 0 });
    const at = fiscalTimeAt(fromMs, config.timeZone);
    const ports = { regime: degradable, head, context, breaker: closedBreaker, timer: neverTimer };
    const sealed = await seal(requestOf(plainReceipt(1)), at, ports);
    expect(sealed).toMatchObject({ value: { document: { degraded: { reason: "no signer" } } } });
  });
});

test("[FSE6] a closing that must be signed stays due while the signer is out, and holds up no sale", async () => {
  const regime = createTinyRegime({ isDegradable: true, hasClosings: true });
  const { due, sealWith, wait } = till(regime);
  await sealWith(working);
  wait(60 * 86_400_000);
  const kinds = () => due("sale").map(({ kind }) => kind);
  expect(kinds()).toEqual(["zero", "year"]);
  for (const closing of due("sale")) await sealWith(silent, closing);
  expect(kinds()).toEqual(["year"]);
  expect(isDegraded(await sealWith(silent))).toBe(true);
  expect(kinds()).toEqual(["year"]);
  wait(60_000);
  for (const one of due("timer")) await sealWith(working, one);
  expect(kinds()).toEqual([]);
});

test("[FOU3] a closing that the timer seals asks a signer that went out with it, where no receipt needs a recovery", async () => {
  const regime = createTinyRegime({ isDegradable: true, hasClosings: true });
  const { due, head, sealWith, wait } = till(regime);
  await sealWith(working);
  wait(60 * 86_400_000);
  const year = due("timer").find(({ kind }) => kind === "year");
  expect((await sealWith(silent, year)).ok).toBe(false);
  expect(head().outage).toBeUndefined();
  wait(60_000);
  expect((await sealWith(working, year)).ok).toBe(false);
  expect((await sealWith(working, year, { isProbe: true })).ok).toBe(true);
});

describe("[FSE7] a certificate that has ended", () => {
  const ended = tinyConfig({ keys: [{ keyId: "K1", notAfterMs: fromMs }] });

  test("is the regime's degraded seal, and the key is not asked", async () => {
    const { calls, sealWith } = till(degradable, ended);
    expect(isDegraded(await sealWith(working))).toBe(true);
    expect(calls()).toBe(0);
  });

  test("signs on where the law lets it", async () => {
    const lenient: Regime = {
      ...degradable,
      prepare: (input, context) => {
        const { toSign, ...draft } = degradable.prepare(input, context);
        return toSign === undefined
          ? draft
          : { ...draft, toSign: { ...toSign, mayBeExpired: true } };
      },
    };
    const { calls, sealWith } = till(lenient, ended);
    expect(isDegraded(await sealWith(working))).toBe(false);
    expect(calls()).toBe(1);
  });

  test("refuses where the regime has none", async () => {
    const { sealWith } = till(createTinyRegime(), ended);
    expect(await sealWith(working)).toMatchObject({
      error: { type: "SignerNeeded", reason: "the certificate has ended" },
    });
  });
});

test("[FOU5] certificates warn at 60, 30 and 7 days and when they have ended, unless succeeded", () => {
  const dayMs = 86_400_000;
  const config = tinyConfig({ keys: [{ keyId: "K1", notAfterMs: 100 * dayMs }] });
  const levels = [39, 40, 70, 93, 100].map((day) => keyWarnings(config, day * dayMs)[0]?.level);
  expect(levels).toEqual([undefined, "60-days", "30-days", "7-days", "7-days"]);
  const [warning] = keyWarnings(config, 100 * dayMs + 1);
  expect(warning).toMatchObject({ level: "ended", daysLeft: 0 });
  const longer = { keyId: "K2", notAfterMs: 300 * dayMs };
  expect(keyWarnings({ ...config, keys: [...config.keys, longer] }, 99 * dayMs)).toEqual([]);
});

test("[FPO3] a signer that fails says why, and the receipt carries it", async () => {
  const broken: FiscalSigner = {
    sign: () =>
      Promise.resolve(err({ type: "SignFailed", reason: "card pulled out", isUnknown: false })),
  };
  const { sealWith } = till();
  const result = await sealWith(broken);
  expect(result).toMatchObject({
    value: { document: { degraded: { reason: "card pulled out" } } },
  });
});
