import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { frameMaxSizeBytes, parseExchangeMessage } from "./exchange-message.ts";

const hash = "a".repeat(64);
const hello = {
  type: "hello",
  v: 1,
  device: "dev_1",
  certificates: ["PEM"],
  link: "AAAAAAAAAAAAAAAAAAAAAA",
};
const summary = {
  type: "summary",
  summary: {
    device: "dev_1",
    ledgers: [{ device: "dev_1", incarnation: 1, sequence: 0, hash: "" }],
    documents: [{ name: "publications/prices/1", heads: [hash] }],
  },
  signature: "AA",
};
const digest = {
  type: "digest",
  digest: { device: "dev_1", devices: hash, ledgers: hash, publications: hash },
  signature: "AA",
};
const want = { type: "want", document: "publications/prices/1", heads: [] };
const wantPart = {
  type: "want-part",
  device: "dev_1",
  incarnation: 1,
  part: 1,
  sha256: hash,
  offset: 0,
};
const wantCarry = {
  type: "want-carry",
  device: "dev_1",
  incarnation: 1,
  sha256: hash,
  offset: 0,
};
const part = { type: "part", sha256: hash, offset: 0, size: -1, data: "" };

function parse(message: object) {
  return parseExchangeMessage(JSON.stringify(message));
}

describe("messages of the exchange (EX)", () => {
  test.each([
    hello,
    summary,
    want,
    wantPart,
    wantCarry,
    part,
    digest,
    { type: "devices", chains: [["PEM", "PEM"]] },
    { type: "changes", document: "publications/prices/1", changes: ["AA"] },
    { ...want, later: true },
  ])("[EX1] read as it is: %j", (message) => {
    expect(parse(message)).toEqual({ ok: true, value: message });
  });

  test.each([
    ["hello.v", { ...hello, v: 2 }],
    ["hello.link", { ...hello, link: "A" }],
    ["digest.digest", { ...digest, digest: { ...digest.digest, ledgers: "" } }],
    ["hello.certificates", { ...hello, certificates: ["1", "2", "3", "4", "5"] }],
    ["devices.chains", { type: "devices", chains: ["PEM"] }],
    ["summary.summary", { ...summary, summary: { ...summary.summary, ledgers: [{}] } }],
    ["summary.summary", { ...summary, summary: { ...summary.summary, documents: [{ name: 1 }] } }],
    ["want.heads", { ...want, heads: ["x"] }],
    ["want.heads", { ...want, heads: Array.from({ length: 1_001 }, () => hash) }],
    ["want.document", { ...want, document: "d".repeat(257) }],
    ["want-part.offset", { ...wantPart, offset: -1 }],
    ["want-carry.sha256", { ...wantCarry, sha256: "" }],
    ["part.size", { ...part, size: -2 }],
    ["part.data", { ...part, data: null }],
  ])("[EX1] refused by the member that is wrong: %s", (reason, message) => {
    const error = { type: "ExchangeMessage", reason };
    expect(parse(message)).toEqual({ ok: false, error });
  });

  test("[EX1] refused: a frame beyond the bound, no object, no type", () => {
    expect(parseExchangeMessage(`"${"x".repeat(frameMaxSizeBytes)}"`).ok).toBe(false);
    expect(parseExchangeMessage("[]").ok).toBe(false);
    expect(parse({ type: 7 }).ok).toBe(false);
  });

  test.each(["later", "toString", "__proto__"])("[EX2] a later type is unknown: %s", (type) => {
    expect(parseExchangeMessage(`{"type":"${type}"}`)).toEqual({ ok: true, value: "unknown" });
  });

  test("[EX3] no text makes reading throw", () => {
    const json = fc.json();
    const almost = fc
      .record({ type: fc.constantFrom("hello", "summary", "want", "part"), summary: fc.anything() })
      .map((message) => JSON.stringify(message));
    fc.assert(
      fc.property(fc.oneof(fc.string(), json, almost), (text) => void parseExchangeMessage(text)),
    );
  });
});
