import { createHash } from "node:crypto";
import { assert } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import type { SealedDocument, StreamConfig } from "../../document.ts";
import type { Receipt } from "../../receipt.ts";
import { sealAll, type SealedRun } from "../../testing/seal-all.ts";
import { noRegime } from "./none.ts";

const config: StreamConfig = {
  regime: "none",
  taxpayer: "",
  till: "t1",
  series: "B1-1",
  epoch: 1,
  numbersFrom: 41,
  timeZone: "Europe/Vienna",
  currency: "EUR",
  currencyDigits: 2,
  isTest: false,
  keys: [],
  settings: {},
};

const day = 86_400_000;

describe("a chain without a regime (RNO)", () => {
  test("[RNO1] numbers follow each other, and each text holds the hash of the one before", async () => {
    const { documents } = await threeDays();
    expect(documents.map(({ number }) => number)).toEqual([
      "B1-1-000042",
      "B1-1-000043",
      "B1-1-000044",
    ]);
    let previous = "";
    for (const { text, hash } of documents) {
      expect(JSON.parse(text)).toMatchObject({ previous });
      previous = sha256(text);
      expect(hash).toBe(previous);
    }
  });

  test("[RNO1] the text is canonical, and does not say who bought", async () => {
    const customer = { name: "Anna Huber", country: "AT" };
    const { documents } = await sealAll(noRegime, [{ ...sale(990), customer }], { config });
    expect(documents[0]?.text).toBe(
      '{"at":{"epochMs":1795341600000,"offsetMinutes":60},"kind":"sale","number":"B1-1-000042","previous":"",' +
        '"receipt":{"currency":"EUR","kind":"sale","lines":[],"payments":[],"taxes":[{"category":"S","netMinor":825,' +
        '"rateBp":2000,"taxCode":"V20","taxMinor":165}],"totalMinor":990},"sequence":1,"stream":"/none/t1/B1-1/1","v":1}',
    );
  });

  test("[RNO2] what was sealed verifies", async () => {
    const run = await threeDays();
    expect(codes(run.documents, run)).toEqual([]);
  });

  test.each<[string, string, Change]>([
    ["a flipped bit", "hash", at(1, (one) => ({ ...one, text: flipped(one.text) }))],
    ["a flipped bit with its hash made anew", "chain", at(1, rehashed)],
    ["another amount in text and hash of the last", "format", at(2, otherNumber)],
    ["a removed document", "gap", (all) => [...all.slice(0, 1), ...all.slice(2)]],
    ["a removed first document", "chain", (all) => all.slice(1)],
    ["exchanged documents", "gap", ([a, b, c]) => [a, c, b].filter((one) => one !== undefined)],
    ["another time", "format", at(0, (one) => ({ ...one, at: { ...one.at, epochMs: 1 } }))],
    ["another kind", "format", at(1, (one) => ({ ...one, kind: "void" }))],
    ["another number", "number", at(1, (one) => ({ ...one, number: "B1-1-000099" }))],
    ["another stream", "stream", at(0, (one) => ({ ...one, stream: "/none/t2/B1-1/1" }))],
    ["a total that nobody wrote", "state", at(2, (one) => ({ ...one, state: { total: 1 } }))],
  ])("[RNO2] %s is found", async (_, code, change) => {
    const run = await threeDays();
    expect(codes(change(run.documents), run)).toContain(code);
  });

  test("[RNO3] the journal has one line a document, with the very text that was hashed", async () => {
    const run = await threeDays();
    const lines = (await journalOf(run, {})).trimEnd().split("\n");
    expect(lines).toHaveLength(3);
    for (const line of lines) {
      const [, hash, text] = /^\{"hash":"([0-9a-f]{64})","sealed":(.*)\}$/.exec(line) ?? [];
      expect(sha256(text ?? "")).toBe(hash);
      expect(() => void JSON.parse(line)).not.toThrow();
    }
  });

  test("[RNO3] a range is of local dates, both ends included", async () => {
    const run = await threeDays();
    const range = { from: "2026-11-23", to: "2026-11-23" };
    expect(JSON.parse(await journalOf(run, range))).toMatchObject({ sealed: { sequence: 2 } });
  });

  test("[RNO4] only sales, refunds and voids in the stream's currency are sealed", () => {
    const head = { stream: "", sequence: 0, lastNumber: 0, hash: "", sealedAtMs: 0, state: {} };
    const place = { config, head, at: { epochMs: 0, offsetMinutes: 60 } };
    const receipt = sale(100);
    expect(noRegime.check({ kind: "sale", receipt }, place)).toEqual([]);
    const foreign = noRegime.check(
      { kind: "sale", receipt: { ...receipt, currency: "CHF" } },
      place,
    );
    expect(foreign).toMatchObject([{ code: "currency" }]);
    expect(noRegime.check({ kind: "month" }, place)).toMatchObject([{ code: "kind" }]);
    const training = { ...receipt, kind: "training" } as const;
    expect(noRegime.check({ kind: "training", receipt: training }, place)).toMatchObject([
      { code: "kind" },
    ]);
  });

  test("[RNO4] a stream needs a series, and numbers from 1", () => {
    expect(noRegime.open({ ...config, series: "", numbersFrom: -1 })).toMatchObject({
      error: { type: "Settings", faults: [{ pointer: "/series" }, { pointer: "/numbersFrom" }] },
    });
  });
});

type Change = (all: readonly SealedDocument[]) => readonly SealedDocument[];

function threeDays(): Promise<SealedRun> {
  return sealAll(noRegime, [sale(990), sale(1200), sale(50)], { config, stepMs: day });
}

function sale(totalMinor: number): Receipt {
  const taxMinor = Math.trunc(totalMinor / 6);
  const tax = { taxCode: "V20", category: "S", rateBp: 2000, taxMinor } as const;
  return {
    kind: "sale",
    currency: "EUR",
    lines: [],
    taxes: [{ ...tax, netMinor: totalMinor - taxMinor }],
    totalMinor,
    payments: [],
  };
}

function codes(documents: readonly SealedDocument[], { context }: SealedRun): readonly string[] {
  const verifier = noRegime.verifier(context);
  const found = documents.flatMap((document) => verifier.step(document));
  return [...found, ...verifier.end()].map(({ code }) => code);
}

function at(index: number, change: (one: SealedDocument) => SealedDocument): Change {
  return (all) => all.map((one, place) => (place === index ? change(one) : one));
}

function flipped(text: string): string {
  return text.replace('"totalMinor":', '"totalMinos":');
}

function rehashed(one: SealedDocument): SealedDocument {
  const text = flipped(one.text);
  return { ...one, text, hash: sha256(text) };
}

function otherNumber(one: SealedDocument): SealedDocument {
  const text = one.text.replace(one.number, "B1-1-000077");
  return { ...one, text, hash: sha256(text) };
}

async function journalOf(
  { context, documents }: SealedRun,
  range: { readonly from?: string; readonly to?: string },
): Promise<string> {
  const journal = noRegime.exports["journal"];
  assert(journal !== undefined, "there is a journal");
  const input = { ...context, at: { epochMs: 0, offsetMinutes: 0 }, ...range };
  let text = "";
  for await (const piece of journal.write(eachOf(documents), input)) text += piece;
  return text;
}

async function* eachOf(documents: readonly SealedDocument[]): AsyncIterable<SealedDocument> {
  for (const document of documents) yield await Promise.resolve(document);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
