import { createSecretKey } from "node:crypto";
import { assert } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import { closedBreaker } from "./breaker.ts";
import { defaultClockPolicy } from "./clock-guard.ts";
import type { Head } from "./document.ts";
import { closingOf, dueDocuments, type DueInput } from "./due-documents.ts";
import { emptyHead } from "./head.ts";
import { createFiscalCrypto, createSoftwareSigner } from "./node/index.ts";
import type { DocumentRequest, Regime } from "./regime.ts";
import { seal, type SealPorts } from "./seal.ts";
import { plainReceipt } from "./testing/receipts.ts";
import { neverTimer, requestOf, sealAll } from "./testing/seal-all.ts";
import { createTinyRegime, tinyConfig } from "./testing/tiny-regime.ts";
import { fiscalTimeAt } from "./time.ts";

const config = tinyConfig();
const signer = createSoftwareSigner({ K1: createSecretKey(Buffer.from("tiny")) });
const noonMs = Date.parse("2026-11-22T11:00:00Z");
const at = (ms: number) => fiscalTimeAt(ms, config.timeZone);

function ports(changes: Partial<SealPorts> = {}): SealPorts {
  const regime = changes.regime ?? createTinyRegime();
  return {
    regime,
    head: emptyHead(config, { total: 0 }),
    context: { config, secrets: {}, crypto: createFiscalCrypto() },
    breaker: closedBreaker,
    signer,
    timer: neverTimer,
    ...changes,
  };
}

function never(): never {
  throw new Error("reached");
}

const sale = requestOf(plainReceipt(1200));

async function headAt(ms: number, regime: Regime = createTinyRegime()): Promise<Head> {
  const { head } = await sealAll(regime, [sale], { config, signer, fromMs: ms });
  return head;
}

describe("requests", () => {
  test("[FSE1] a faulty request takes no number and reaches neither regime nor signer", async () => {
    const regime = createTinyRegime();
    const faulty = requestOf(plainReceipt(1200, { options: { invoiceType: "unknown" } }));
    const guarded = ports({ regime: { ...regime, prepare: never }, signer: { sign: never } });
    const refused = await seal(faulty, at(noonMs), guarded);
    expect(refused).toMatchObject({ ok: false, error: { type: "Faulty" } });
  });

  test("[FRC4] a receipt is of the kind that is to be sealed, and is there", async () => {
    const wrong = await seal({ ...sale, kind: "void" }, at(noonMs), ports());
    const missing = await seal({ kind: "sale" }, at(noonMs), ports());
    const code = (result: typeof wrong) =>
      !result.ok && result.error.type === "Faulty" ? result.error.faults[0]?.code : undefined;
    expect([code(wrong), code(missing)]).toEqual(["kind", "missing"]);
  });

  test("[FRC5] training that has a stream apart is not sealed in the fiscal one", async () => {
    const apart = createTinyRegime({ capabilities: { training: "apart" } });
    const training = requestOf(plainReceipt(100, { kind: "training" }));
    const refused = await seal(training, at(noonMs), ports({ regime: apart }));
    expect(JSON.stringify(refused)).toContain("training-apart");
    expect((await seal(training, at(noonMs), ports())).ok).toBe(true);
  });

  test("[FSE3] a regime's start comes first, and nothing else does", async () => {
    const regime = createTinyRegime({ hasStart: true });
    const refused = await seal(sale, at(noonMs), ports({ regime }));
    expect(refused).toMatchObject({ error: { type: "StartNeeded", start: { kind: "start" } } });
    const started = await seal({ kind: "start" }, at(noonMs), ports({ regime }));
    assert(started.ok, "the start is sealed");
    const { head } = started.value;
    expect((await seal(sale, at(noonMs + 1), ports({ regime, head }))).ok).toBe(true);
  });

  test("[FSE3] settings that do not do open nothing", async () => {
    const context = {
      ...ports().context,
      config: tinyConfig({ taxpayer: "" }),
    };
    const refused = await seal(sale, at(noonMs), ports({ context }));
    expect(refused).toMatchObject({ error: { type: "Settings" } });
  });

  test("[FSE5] the instant stands as it was taken, and the same facts give the same document", async () => {
    const once = await seal(sale, at(noonMs + 7), ports());
    const again = await seal(sale, at(noonMs + 7), ports());
    expect(once).toEqual(again);
    assert(once.ok, "sealed");
    expect(once.value.document.at).toEqual({ epochMs: noonMs + 7, offsetMinutes: 60 });
    expect(once.value.document.text).toContain(String(noonMs + 7));
  });
});

describe("[FSE4] the clock", () => {
  const dayMs = 86_400_000;
  test.each([
    ["back by five minutes is a clock being set", -5 * 60_000, undefined],
    ["back by more is refused", -5 * 60_000 - 1, "back"],
    ["forward by 400 days is a closed shop", 400 * dayMs, undefined],
    ["forward by more is refused", 400 * dayMs + 1, "forward"],
  ])("%s", async (_, stepMs, code) => {
    const head = await headAt(noonMs);
    const result = await seal(sale, at(noonMs + stepMs), ports({ head }));
    expect(result.ok ? undefined : result.error).toEqual(
      code && { type: "ClockFault", code, byMs: Math.abs(stepMs) },
    );
  });

  test("of an empty battery is refused even for the first document", async () => {
    const in2002 = at(Date.parse("2002-01-01T00:00:00Z"));
    const refused = await seal(sale, in2002, ports());
    expect(refused).toMatchObject({ error: { type: "ClockFault", code: "too-early" } });
    const clock = { ...defaultClockPolicy, notBeforeMs: noonMs };
    const early = await seal(sale, at(noonMs - 10 * 60_000), ports({ clock }));
    expect(early).toMatchObject({ error: { code: "too-early" } });
  });

  test("that somebody confirms is believed", async () => {
    const head = await headAt(noonMs);
    const confirmed = ports({ head, isClockConfirmed: true });
    const result = await seal(sale, at(noonMs - 3 * dayMs), confirmed);
    expect(result.ok).toBe(true);
  });
});

describe("[FSE6] closings are due once their period is over", () => {
  const regime = createTinyRegime({ hasClosings: true });
  const due = (head: Head, ms: number): readonly DocumentRequest[] => {
    const input: DueInput = {
      regime,
      config,
      head,
      breaker: closedBreaker,
      at: at(ms),
      occasion: "sale",
    };
    const found = dueDocuments(input);
    assert(found.ok, "due");
    return found.value;
  };
  const kinds = (head: Head, text: string) => due(head, Date.parse(text)).map(({ kind }) => kind);

  test("day, month and year by the local date", async () => {
    const head = await headAt(Date.parse("2026-12-31T22:30:00Z"), regime);
    expect(kinds(head, "2026-12-31T22:59:59Z")).toEqual([]);
    expect(kinds(head, "2026-12-31T23:00:00Z")).toEqual(["zero", "year"]);
    const november = await headAt(Date.parse("2026-11-30T12:00:00Z"), regime);
    expect(kinds(november, "2026-12-01T12:00:00Z")).toEqual(["zero", "month"]);
  });

  test("sealed one by one, a crash in between loses none", async () => {
    const head = await headAt(Date.parse("2026-11-30T12:00:00Z"), regime);
    const nextMs = Date.parse("2026-12-01T12:00:00Z");
    const [first] = due(head, nextMs);
    assert(first !== undefined, "the day's closing is due");
    const run = { config, signer, head, fromMs: nextMs };
    const { head: restarted } = await sealAll(regime, [first], run);
    expect(due(restarted, nextMs + 1).map(({ kind }) => kind)).toEqual(["month"]);
    const after = await sealAll(regime, due(restarted, nextMs + 1), { ...run, head: restarted });
    expect(due(after.head, nextMs + 2)).toEqual([]);
  });

  test("what somebody closed already is not closed again", async () => {
    const head = await headAt(Date.parse("2026-11-30T12:00:00Z"), regime);
    const closing = closingOf("month", { regime, config, head });
    assert(closing !== undefined, "there is one");
    const fromMs = Date.parse("2026-11-30T20:00:00Z");
    const closed = await sealAll(regime, [closing], { config, signer, head, fromMs });
    expect(kinds(closed.head, "2026-12-01T12:00:00Z")).toEqual(["zero"]);
  });

  test("a stream without a document wants its start", () => {
    const starting = createTinyRegime({ hasStart: true });
    const head = emptyHead(config, {});
    const input = {
      config,
      head,
      breaker: closedBreaker,
      at: at(noonMs),
      occasion: "sale",
    } as const;
    expect(dueDocuments({ ...input, regime: starting })).toEqual({
      ok: true,
      value: [{ kind: "start" }],
    });
    expect(dueDocuments({ ...input, regime })).toEqual({ ok: true, value: [] });
    const unset = tinyConfig({ taxpayer: "" });
    expect(dueDocuments({ ...input, regime, config: unset }).ok).toBe(false);
  });
});
