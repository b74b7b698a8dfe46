import { assert } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import type { DocumentKind, StreamConfig } from "../../document.ts";
import { emptyHead } from "../../head.ts";
import { createFiscalCrypto, createSoftwareSigner } from "../../node/index.ts";
import type { FiscalSigner } from "../../ports.ts";
import type { Receipt } from "../../receipt.ts";
import { fieldsOf, sealWeek, brokenSigner } from "../../testing/rksv-week.ts";
import { rksvReceipt, rksvShop, sealInShop } from "../../testing/rksv-shop.ts";
import { neverTimer } from "../../testing/seal-all.ts";
import { closedBreaker } from "../../breaker.ts";
import { seal } from "../../seal.ts";
import { outageDuty } from "./outage-duty.ts";
import { rksv } from "./rksv.ts";
import { emptyState } from "./state.ts";
import { decryptTurnover } from "./turnover.ts";

const shop = rksvShop();
const ten = rksvReceipt("sale", [1000, 0, 0, 0, 0]);
const november = { epochMs: 1_795_341_600_000, offsetMinutes: 60 };

describe("kinds of receipts (RAT)", () => {
  test("[RAT7] each kind has its number, its counter field and its title", async () => {
    const { documents } = await sealWeek(shop);
    const shown = documents.map(({ kind, number, print, text }) => {
      const { 10: counter = "" } = fieldsOf(text);
      const isMark = ["VFJB", "U1RP"].includes(counter);
      return [kind, number, isMark ? counter : counter.length, print.lines[0]];
    });
    expect(shown).toEqual([
      ["start", "B1-1-S000001", 12, "Startbeleg"],
      ["sale", "B1-1-000001", 12, "Kassen-ID: CASHBOX-DEMO-1"],
      ["refund", "B1-1-000002", 12, "Kassen-ID: CASHBOX-DEMO-1"],
      ["void", "B1-1-000003", "U1RP", "Stornobeleg"],
      ["training", "B1-1-T000005", "VFJB", "Trainingsbeleg"],
      ["zero", "B1-1-N000006", 12, "Nullbeleg"],
      ["sale", "B1-1-000004", 12, "Kassen-ID: CASHBOX-DEMO-1"],
      ["sale", "B1-1-000005", 12, "Kassen-ID: CASHBOX-DEMO-1"],
      ["training", "B1-1-T000009", "VFJB", "Trainingsbeleg"],
      ["void", "B1-1-000006", "U1RP", "Stornobeleg"],
      ["month", "B1-1-M000011", 12, "Monatsbeleg"],
      ["collective", "B1-1-A000012", 12, "Sammelbeleg"],
      ["month", "B1-1-M000013", 12, "Monatsbeleg"],
      ["year", "B1-1-J000014", 12, "Jahresbeleg"],
      ["sale", "B1-1-000007", 12, "Kassen-ID: CASHBOX-DEMO-1"],
      ["sale", "B1-1-000008", 12, "Kassen-ID: CASHBOX-DEMO-1"],
    ]);
  });

  test("[RAT7] the start receipt is the first, and comes before all others", async () => {
    const opened = rksv.open(shop.config);
    expect(opened).toMatchObject({ value: { start: { kind: "start" }, state: emptyState } });
    const head = emptyHead(shop.config, emptyState);
    expect(rksv.check({ kind: "zero" }, place({ head }))).toMatchObject([{ code: "start" }]);
    const later = (await sealInShop([], shop)).head;
    expect(rksv.check({ kind: "start" }, place({ head: later }))).toMatchObject([
      { code: "start" },
    ]);
  });

  test("[RAT3] every receipt counts with the sign of its sum, training never", async () => {
    const { documents } = await sealWeek(shop);
    const counters = documents.map(
      ({ state }) => (state as { turnoverMinor: number }).turnoverMinor,
    );
    expect(counters).toEqual([
      0, 1957, 1357, -600, -600, -600, 1660, 2372, 2372, 1660, 1660, 1660, 1660, 1660, 1760, 1860,
    ]);
    const last = fieldsOf(documents.at(-1)?.text ?? "");
    const spot = { cashBoxId: last[2] ?? "", number: last[3] ?? "" };
    const key = { aesKey: shop.secrets.turnover, crypto: createFiscalCrypto() };
    expect(decryptTurnover(last[10] ?? "", spot, key)).toEqual({ minor: 1860n, sizeBytes: 8 });
  });

  test.each(["event", "cancellation", "correction"] as const)(
    "[RAT7] there is no %s",
    async (kind) => {
      const { head } = await sealInShop([], shop);
      expect(rksv.check({ kind }, place({ head }))).toMatchObject([{ code: "kind" }]);
    },
  );

  test("[RAT7] months and years close with a receipt, days only where the shop wants it", async () => {
    const { head } = await sealInShop([], shop);
    const daily = { ...shop.config, settings: { ...shop.config.settings, dailyZero: true } };
    expect(rksv.closing?.("month", shop.config, head)).toEqual({ kind: "month", closes: "month" });
    expect(rksv.closing?.("year", shop.config, head)).toEqual({ kind: "year", closes: "year" });
    expect(rksv.closing?.("day", shop.config, head)).toBeUndefined();
    expect(rksv.closing?.("day", daily, head)).toEqual({ kind: "zero", closes: "day" });
  });
});

describe("rates (RAT)", () => {
  test("[RAT8] each rate goes to its field, tax included; what is free of tax to zero", async () => {
    const free = { ...taxOf(0, 300), category: "E" } as const;
    const receipt = { ...ten, taxes: [...ten.taxes, free], totalMinor: 1300 };
    const { documents } = await sealInShop(
      [rksvReceipt("sale", [120, 110, 113, 50, 119]), receipt],
      shop,
    );
    expect(fieldsOf(documents[1]?.text ?? "").slice(5, 10)).toEqual([
      "1,20",
      "1,10",
      "1,13",
      "0,50",
      "1,19",
    ]);
    expect(fieldsOf(documents[2]?.text ?? "").slice(5, 10)).toEqual([
      "10,00",
      "0,00",
      "0,00",
      "3,00",
      "0,00",
    ]);
  });

  test.each([
    ["the last second of June", 1_782_856_799_000, ["rate"]],
    ["the first of July 2026", 1_782_856_800_000, []],
  ])("[RAT8] 4.9 %% is special from July 2026 on: %s in Vienna", async (_, epochMs, codes) => {
    const { head } = await sealInShop([], shop);
    const at = { epochMs, offsetMinutes: 120 };
    const receipt: Receipt = { ...ten, taxes: [taxOf(490, 1049)], totalMinor: 1049 };
    const faults = rksv.check({ kind: "sale", receipt }, place({ head, at }));
    expect(faults.map(({ code }) => code)).toEqual(codes);
  });

  test("[RAT8] a rate without a field is refused before a number is taken, and so is another currency", async () => {
    const { head } = await sealInShop([], shop);
    const receipt: Receipt = {
      ...ten,
      taxes: [taxOf(700, 1070)],
      totalMinor: 1070,
      currency: "CHF",
    };
    expect(rksv.check({ kind: "sale", receipt }, place({ head }))).toMatchObject([
      { pointer: "/currency", code: "currency" },
      { pointer: "/taxes/0/rateBp", code: "rate" },
    ]);
  });

  test("[RAT8] what is free of tax has no rate", async () => {
    const { head } = await sealInShop([], shop);
    const taxes = [{ ...taxOf(2000, 1200), category: "E" } as const];
    const receipt: Receipt = { ...ten, taxes, totalMinor: 1200 };
    expect(rksv.check({ kind: "sale", receipt }, place({ head }))).toMatchObject([
      { pointer: "/taxes/0/rateBp", code: "rate" },
    ]);
  });

  test("[RAT8] a shop may bring a table of its own", async () => {
    const rates = [
      { from: "2016-01-01", rates: { "2000": "normal" } },
      { from: "2026-11-01", rates: { "700": "special" } },
    ];
    const config = { ...shop.config, settings: { ...shop.config.settings, rates } };
    const { head } = await sealInShop([], shop);
    const receipt: Receipt = { ...ten, taxes: [taxOf(700, 1070)], totalMinor: 1070 };
    expect(rksv.check({ kind: "sale", receipt }, place({ head, config }))).toEqual([]);
    expect(rksv.check({ kind: "sale", receipt: ten }, place({ head, config }))).not.toEqual([]);
  });

  test("[RAT2] what the counter cannot hold is refused", async () => {
    const small = rksvShop({ counterBytes: 5 });
    const { head } = await sealInShop([], small);
    const most = rksvReceipt("sale", [0, 0, 0, 2 ** 39 - 1, 0]);
    const more = rksvReceipt("sale", [0, 0, 0, 2 ** 39, 0]);
    const ofSmall = place({ head, config: small.config });
    expect(rksv.check({ kind: "sale", receipt: most }, ofSmall)).toEqual([]);
    expect(rksv.check({ kind: "sale", receipt: more }, ofSmall)).toMatchObject([
      { code: "counter" },
    ]);
    const training = { ...more, kind: "training" } as const;
    expect(rksv.check({ kind: "training", receipt: training }, ofSmall)).toEqual([]);
  });
});

describe("an outage of the signature device (RAT)", () => {
  test("[RAT10] sales go on: marked, printed in plain text, chained and counted", async () => {
    const { documents } = await sealInShop([], shop);
    const run = await sealInShop([ten, ten], shop, {
      head: (await sealInShop([], shop)).head,
      signer: brokenSigner,
    });
    expect(documents).toHaveLength(1);
    for (const { degraded, print, qr } of run.documents.map((one) => ({ ...one, ...one.print }))) {
      expect(degraded).toEqual({ reason: "no card" });
      expect(print.lines).toContain("Sicherheitseinrichtung ausgefallen");
      expect(qr?.text).toMatch(/_U2ljaGVyaGVpdHNlaW5yaWNodHVuZyBhdXNnZWZhbGxlbg==$/);
    }
    expect(run.head.state).toMatchObject({ turnoverMinor: 2000, outage: { count: 2 } });
  });

  test("[RAT11] the collective receipt names the first and the last one, begin and end", async () => {
    const { documents } = await sealWeek(shop);
    const collective = documents.find(({ kind }) => kind === "collective");
    expect(collective?.degraded).toBeUndefined();
    expect(collective?.print.lines).toEqual([
      "Sammelbeleg",
      "Ausfall der Sicherheitseinrichtung",
      "Belege: B1-1-000005 bis B1-1-M000011",
      "Beginn: 2026-11-22T11:07:00",
      "Ende: 2026-11-22T11:11:00",
      "Kassen-ID: CASHBOX-DEMO-1",
    ]);
    expect(collective?.state).toMatchObject({ turnoverMinor: 1660, recovered: { count: 4 } });
  });

  test("[RAT11] it is asked for as long as receipts are unsettled, and refused otherwise", async () => {
    const sound = await sealInShop([ten], shop);
    expect(rksv.recover?.(sound.head, shop.config)).toEqual([]);
    expect(rksv.check({ kind: "collective" }, place({ head: sound.head }))).toMatchObject([
      { code: "collective" },
    ]);
    const out = await sealInShop([ten], shop, { head: sound.head, signer: brokenSigner });
    expect(rksv.recover?.(out.head, shop.config)).toEqual([{ kind: "collective" }]);
    // A sale was signed before anybody asked: the second signed receipt will do, too.
    const between = await sealInShop([ten], shop, { head: out.head });
    expect(rksv.recover?.(between.head, shop.config)).toEqual([{ kind: "collective" }]);
    const again = await sealInShop([{ kind: "collective" }], shop, { head: between.head });
    expect(rksv.recover?.(again.head, shop.config)).toEqual([]);
  });

  test.each<DocumentKind>(["start", "year", "collective"])(
    "[RAT12] a %s receipt is never without a signature, and takes no place",
    async (kind) => {
      const head =
        kind === "start"
          ? emptyHead(shop.config, emptyState)
          : (
              await sealInShop([ten], shop, {
                head: (await sealInShop([], shop)).head,
                signer: brokenSigner,
              })
            ).head;
      const context = { config: shop.config, secrets: shop.secrets, crypto: createFiscalCrypto() };
      const ports = { regime: rksv, head, context, breaker: closedBreaker, timer: neverTimer };
      const at = { ...november, epochMs: november.epochMs + 3_600_000 };
      expect(await seal({ kind }, at, { ...ports, signer: brokenSigner })).toMatchObject({
        error: { type: "SignerNeeded", reason: "no card" },
      });
    },
  );

  test("[RAT21] more than 48 hours are to be reported within a week", async () => {
    const sound = await sealInShop([ten], shop);
    expect(outageDuty(sound.head, november.epochMs)).toBeUndefined();
    const fromMs = november.epochMs + 86_400_000;
    const { head } = await sealInShop([ten, ten], shop, {
      head: sound.head,
      signer: brokenSigner,
      fromMs,
    });
    const twoDays = 2 * 86_400_000;
    const reportByMs = fromMs + twoDays + 7 * 86_400_000;
    const expected = { sinceMs: fromMs, reportByMs };
    expect(outageDuty(head, fromMs + twoDays)).toEqual({ ...expected, isReportDue: false });
    expect(outageDuty(head, fromMs + twoDays + 1)).toEqual({ ...expected, isReportDue: true });
  });
});

describe("keys (RAT)", () => {
  const rotated = rksvShop({ keyIds: ["a1", "b2"] });
  const [first, second] = rotated.config.keys;
  assert(first !== undefined && second !== undefined, "the shop has two keys");
  const endMs = november.epochMs + 90_000;

  test("[RAT16] the next key takes over when the one in use ends; the chain goes on", async () => {
    const keys = [{ ...first, notAfterMs: endMs }, second];
    const config: StreamConfig = { ...rotated.config, keys };
    const { documents, context } = await sealInShop([ten, ten], { ...rotated, config });
    expect(documents.map(({ keyId }) => keyId)).toEqual(["a1", "a1", "b2"]);
    const verifier = rksv.verifier(context);
    expect(documents.flatMap((document) => verifier.step(document))).toEqual([]);
  });

  test("[RAT16] without a next key the ended one signs on, as the RKSV allows", async () => {
    const config: StreamConfig = { ...rotated.config, keys: [{ ...first, notAfterMs: endMs }] };
    const { documents } = await sealInShop([ten, ten, ten], { ...rotated, config });
    expect(documents.map(({ degraded }) => degraded)).toEqual(documents.map(() => undefined));
  });

  test("[RAT16] a signer without the key is a signer that is out", async () => {
    const { head } = await sealInShop([], rotated);
    const signer = createSoftwareSigner({});
    const { documents } = await sealInShop([ten], rotated, { head, signer });
    expect(documents[0]?.degraded).toEqual({ reason: 'no key "a1"' });
  });
});

describe("signatures (RAT)", () => {
  test("[RAT5] one in another form than 64 bytes is none, which the start receipt shows", async () => {
    const signer: FiscalSigner = {
      sign: () => Promise.resolve({ ok: true, value: new Uint8Array(70) }),
    };
    const head = emptyHead(shop.config, emptyState);
    const context = { config: shop.config, secrets: shop.secrets, crypto: createFiscalCrypto() };
    const ports = { regime: rksv, head, context, breaker: closedBreaker, timer: neverTimer };
    expect(await seal({ kind: "start" }, november, { ...ports, signer })).toMatchObject({
      error: { type: "SignerNeeded", reason: "no ES256 signature of 64 bytes" },
    });
  });
});

describe("time (RAT)", () => {
  test.each([
    ["before the clocks go forward", 1_774_745_999_000, "2026-03-29T01:59:59"],
    ["after they went forward", 1_774_746_000_000, "2026-03-29T03:00:00"],
    ["in the hour that comes twice", 1_792_888_200_000, "2026-10-25T02:30:00"],
    ["in it again", 1_792_891_800_000, "2026-10-25T02:30:00"],
    ["the last second of the year", 1_798_757_999_000, "2026-12-31T23:59:59"],
    ["the first of the next", 1_798_758_000_000, "2027-01-01T00:00:00"],
  ])("[RAT17] the clock on the wall is what counts: %s", async (_, fromMs, text) => {
    const { documents, context } = await sealInShop([], shop, { fromMs });
    expect(fieldsOf(documents[0]?.text ?? "")[4]).toBe(text);
    expect(rksv.verifier(context).step(documents[0]!)).toEqual([]);
  });

  test("[RAT17] a clock that was set back changes nothing of what was sealed, and is kept as it was", async () => {
    const sound = await sealInShop([ten], shop);
    const fromMs = november.epochMs - 120_000;
    const after = await sealInShop([ten], shop, { head: sound.head, fromMs });
    const documents = [...sound.documents, ...after.documents];
    expect(documents.map(({ text }) => fieldsOf(text)[4])).toEqual([
      "2026-11-22T11:00:00",
      "2026-11-22T11:01:00",
      "2026-11-22T10:58:00",
    ]);
    const verifier = rksv.verifier(sound.context);
    expect(documents.flatMap((document) => verifier.step(document))).toEqual([]);
  });
});

function place(
  change: Partial<Parameters<typeof rksv.check>[1]>,
): Parameters<typeof rksv.check>[1] {
  const head = emptyHead(shop.config, emptyState);
  return { config: shop.config, head, at: november, ...change };
}

function taxOf(rateBp: number, grossMinor: number): Receipt["taxes"][number] {
  const taxMinor = Math.trunc((grossMinor * rateBp) / (10_000 + rateBp));
  return { taxCode: "V", category: "S", rateBp, netMinor: grossMinor - taxMinor, taxMinor };
}
