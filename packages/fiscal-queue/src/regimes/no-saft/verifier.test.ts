import { canonicalJson, parseJson, type JsonObject } from "@tillmesh/kernel";
import { beforeAll, describe, expect, test } from "vitest";
import type { SealedDocument } from "../../document.ts";
import { createSoftwareSigner } from "../../node/index.ts";
import { norwayKey2048, publicKeyText } from "../../testing/norway-keys.ts";
import {
  findingsOf,
  norwayConfig,
  norwayReceipt,
  sealInNorway,
} from "../../testing/norway-shop.ts";
import type { SealedRun } from "../../testing/seal-all.ts";

const beer = ["3001", 6, 17_940, 2500] as const;
const milk = ["1001", 2, 3280, 1500] as const;

let run: SealedRun;

beforeAll(async () => {
  run = await sealInNorway([
    norwayReceipt("sale", [beer, milk]),
    norwayReceipt("refund", [["1001", -1, -1640, 1500]]),
    norwayReceipt("void", [["3001", -6, -17_940, 2500]]),
    norwayReceipt("training", [beer]),
    { kind: "event", facts: { event: "drawer-opened", cashier: "staff_1000" } },
    { kind: "event", facts: { event: "z-report" } },
    norwayReceipt("sale", [milk]),
  ]);
});

type Mutation = (document: SealedDocument) => SealedDocument;

/** Each changes what the document says, and nothing of the seal. */
const mutations: readonly (readonly [string, Mutation])[] = [
  ["another amount", inText((record) => ({ ...record, inMinor: 1, amountMinor: 1 }))],
  ["another time", inText((record) => ({ ...record, time: "23:59:59" }))],
  ["another cashier", inText((record) => ({ ...record, cashier: "staff_1" }))],
  ["another number", (document) => ({ ...document, number: "A1-1-000009" })],
  ["another kind", inText((record) => ({ ...record, kind: "sale", event: "other" }))],
  ["another key version", inText((record) => ({ ...record, keyVersion: "2" }))],
  ["a signature of another text", inText((record) => ({ ...record, signature: flipped(record) }))],
  ["another document before", (document) => ({ ...document, previous: "x" })],
  ["another hash", (document) => ({ ...document, hash: document.previous })],
  ["another state", inState((state) => ({ ...state, grand: [1, 2] }))],
  ["the clock", (document) => ({ ...document, at: { ...document.at, epochMs: 0 } })],
  ["another stream", (document) => ({ ...document, stream: `${document.stream}1` })],
  ["a member more", inText((record) => ({ ...record, extra: 1 }))],
  ["text that is no record", (document) => ({ ...document, text: "{}" })],
  ["the same with a space", (document) => ({ ...document, text: ` ${document.text}` })],
];

const kinds = ["sale", "refund", "void", "training", "drawer-opened", "z-report"] as const;

describe("verifying a Norwegian stream (RNR)", () => {
  test("[RNR11] what was sealed verifies", () => {
    expect(findingsOf(run.documents, run.context)).toEqual([]);
  });

  describe.each(kinds)("[RNR11] a %s", (kind) => {
    test.each(mutations)("is refused with %s", (_, mutate) => {
      const at = kinds.indexOf(kind);
      const documents = run.documents.map((one, index) => (index === at ? mutate(one) : one));
      expect(documents).not.toEqual(run.documents);
      const findings = findingsOf(documents, run.context);
      expect(findings.some((finding) => finding.startsWith(`${at + 1} `))).toBe(true);
    });
  });

  test.each<readonly [string, (documents: SealedDocument[]) => readonly SealedDocument[], string]>([
    ["one is missing", (all) => all.toSpliced(2, 1), "4 gap"],
    ["the first is missing", (all) => all.slice(1), "2 gap"],
    ["two changed places", ([a, b, c, ...rest]) => [a, c, b, ...rest] as SealedDocument[], "3 gap"],
    ["one stands twice", ([a, ...rest]) => [a, a, ...rest] as SealedDocument[], "1 gap"],
  ])("[RNR11] %s", (_, change, finding) => {
    expect(findingsOf(change([...run.documents]), run.context)).toContain(finding);
  });

  test("[RNR11] sums that a forger made again, with the right hash, do not add up", () => {
    const changed = inText((record) => ({
      ...record,
      lines: [],
      vat: [],
      payments: [{ code: "12001", amountMinor: 5 }],
    }));
    const documents = run.documents.map((one, index) => (index === 0 ? changed(one) : one));
    expect(findingsOf(documents, run.context)).toContain("1 totals");
  });

  test("[RNR11] a stream made whole by a forger with a key of his own is found", async () => {
    const keys = [{ keyId: "1", publicKey: publicKeyText(norwayKey2048) }];
    const config = { ...norwayConfig(), keys };
    const signer = createSoftwareSigner({ "1": norwayKey2048 });
    const zReport = { kind: "event", facts: { event: "z-report" } } as const;
    const forged = await sealInNorway([norwayReceipt("sale", [milk]), zReport], { config, signer });
    expect(findingsOf(forged.documents, forged.context)).toEqual([]);
    expect(findingsOf(forged.documents, run.context)).toEqual(["1 signature", "2 signature"]);
  });

  test("[RNR11] a key that is not known, or not here, is a finding", async () => {
    const { documents, context } = run;
    const unknown = { ...context, config: { ...context.config, keys: [] } };
    expect(findingsOf(documents.slice(0, 1), unknown)).toEqual(["1 key"]);
    const shared = await sealInNorway([norwayReceipt("sale", [milk])], {
      config: norwayConfig("3"),
    });
    expect(findingsOf(shared.documents, shared.context)).toEqual([]);
    expect(findingsOf(shared.documents, { ...shared.context, secrets: {} })).toEqual(["1 key"]);
    const other = { "no-saft:3": new Uint8Array(16) };
    expect(findingsOf(shared.documents, { ...shared.context, secrets: other })).toEqual([
      "1 signature",
    ]);
  });
});

function inText(change: (record: JsonObject) => JsonObject): Mutation {
  return (document) => {
    const record = parseJson(document.text);
    return {
      ...document,
      text: canonicalJson(change(record.ok ? (record.value as JsonObject) : {})),
    };
  };
}

function inState(change: (state: JsonObject) => JsonObject): Mutation {
  return (document) => ({ ...document, state: change(document.state as JsonObject) });
}

function flipped({ signature }: JsonObject): string {
  const bytes = Buffer.from(typeof signature === "string" ? signature : "", "base64");
  bytes[40] = (bytes[40] ?? 0) ^ 1;
  return bytes.toString("base64");
}
