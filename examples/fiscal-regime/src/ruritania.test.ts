import { createHash, generateKeyPairSync } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { dueDocuments, type SealedDocument, type StreamConfig } from "@tillmesh/fiscal-queue";
import { createSoftwareSigner } from "@tillmesh/fiscal-queue/node";
import {
  createDeliverer,
  createScriptedAuthority,
  plainReceipt,
  sealAll,
  type AuthorityProtocol,
} from "@tillmesh/fiscal-queue/testing";
import { describe, expect, test } from "vitest";
import { ruritania } from "./ruritania.ts";

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
const signer = createSoftwareSigner({ "RUR-1": privateKey });
const config: StreamConfig = {
  regime: ruritania.id,
  taxpayer: "RU123456",
  till: "K1",
  series: "K1-1",
  epoch: 1,
  numbersFrom: 0,
  timeZone: "Europe/Vienna",
  currency: "EUR",
  currencyDigits: 2,
  isTest: true,
  keys: [
    {
      keyId: "RUR-1",
      publicKey: publicKey.export({ type: "spki", format: "der" }).toString("base64"),
    },
  ],
  settings: {},
};
const refund = plainReceipt(-100, { refersTo: { number: "K1-1-000001", issuedOn: "2026-11-22" } });

/** The ministry's side: it keeps receipts by number. */
const ministry: AuthorityProtocol = {
  name: "ministry",
  read: ({ body, method, path: at }) => {
    const number = decodeURIComponent(at.slice("/receipts/".length));
    if (method === "GET") return { type: "lookup", id: number };
    const parts = body.split("|");
    const hash = createHash("sha256").update(body).digest("hex");
    const [, chain = "", id = ""] = parts.map(decodeURIComponent);
    return { type: "records", records: [{ id, hash, chain, previous: parts[7] ?? "" }] };
  },
  answer: ([fate]) => {
    if (fate?.type === "accepted") return { status: 201, body: "" };
    if (fate?.type === "duplicate") return { status: 409, body: "" };
    return { status: 422, body: JSON.stringify({ detail: fate?.type }) };
  },
  answerLookup: (found) =>
    found === undefined
      ? { status: 404, body: "" }
      : { status: 200, body: JSON.stringify({ hash: found.hash }) },
};

function findings(
  documents: readonly SealedDocument[],
  context: Parameters<typeof ruritania.verifier>[0],
) {
  const verifier = ruritania.verifier(context);
  return documents.flatMap((one) => verifier.step(one)).map(({ code }) => code);
}

describe("a regime of one's own", () => {
  test("[FPO6] seals, verifies, and finds what was changed", async () => {
    const run = await sealAll(ruritania, [plainReceipt(100), refund, plainReceipt(300)], {
      config,
      signer,
    });
    expect(findings(run.documents, run.context)).toEqual([]);
    expect(run.head.state).toEqual({ soldMinor: 300 });
    const [first, second, third] = run.documents as [
      SealedDocument,
      SealedDocument,
      SealedDocument,
    ];
    const changed = { ...second, text: second.text.replace("-100", "-900") };
    expect(findings([first, changed, third], run.context)).toEqual(["hash", "signature"]);
    expect(findings([first, third], run.context)).toEqual(["chain"]);
  });

  test("[FPO6] goes on without its signer and says what is due after", async () => {
    const out = await sealAll(ruritania, [plainReceipt(100), plainReceipt(200)], { config });
    expect(out.documents[0]?.print.lines[0]).toBe("SIGNER OUT OF ORDER");
    const { breaker, head } = out;
    expect(breaker.type).toBe("closed");
    const at = { epochMs: head.sealedAtMs + 1, offsetMinutes: 60 };
    const due = dueDocuments({ regime: ruritania, config, head, breaker, at, occasion: "timer" });
    expect(due).toMatchObject({ value: [{ kind: "collective", facts: { from: "K1-1-000001" } }] });
  });

  test("[FPO6] is delivered over a ministry that drops and refuses", async () => {
    const { documents } = await sealAll(ruritania, [plainReceipt(100), refund, plainReceipt(300)], {
      config,
      signer,
    });
    const clock = { nowMs: Date.parse("2026-11-23T10:00:00Z") };
    const authority = createScriptedAuthority(ministry);
    authority.script(
      { type: "drop-reply" },
      { type: "accept" },
      { type: "accept" },
      { type: "error", status: 500, isStored: true },
    );
    const { transport } = authority;
    const deliverer = createDeliverer({ config, regime: ruritania, transport, documents, clock });
    expect((await deliverer.run({ cutBeforeWrite: 4 })).type).toBe("idle");
    expect(authority.books.accepted().map(({ hash }) => hash)).toEqual(
      documents.map(({ hash }) => hash),
    );
  });

  test("[FPO6] is known to no file of the engine", () => {
    const engine = path.resolve(import.meta.dirname, "../../../packages/fiscal-queue/src");
    const names = fs.readdirSync(engine, { recursive: true, encoding: "utf8" });
    const files = names.filter((name) => name.endsWith(".ts"));
    expect(files.length).toBeGreaterThan(20);
    const knowing = files.filter((name) =>
      /ruritania/i.test(fs.readFileSync(path.join(engine, name), "utf8")),
    );
    expect(knowing).toEqual([]);
  });
});
