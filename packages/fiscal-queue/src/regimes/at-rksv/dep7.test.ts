import { assert } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import type { SealedDocument, StreamConfig } from "../../document.ts";
import { createFiscalCrypto } from "../../node/index.ts";
import { rksvCertificate } from "../../testing/rksv-certificate.ts";
import { secondOpinion } from "../../testing/rksv-second-opinion.ts";
import {
  receiptsOfDep7,
  rksvAesKey,
  rksvExport,
  rksvMaterial,
  rksvReceipt,
  rksvShop,
  sealInShop,
} from "../../testing/rksv-shop.ts";
import { sealWeek } from "../../testing/rksv-week.ts";
import { dep7 } from "./dep7.ts";
import { verifyDep7 } from "./verify-dep7.ts";

const crypto = createFiscalCrypto();
const shop = rksvShop();
const ten = rksvReceipt("sale", [1000, 0, 0, 0, 0]);
const dayMs = 86_400_000;

describe("the export for the authority (RAT)", () => {
  test("[RAT13] it holds every receipt to the letter, from the start receipt on", async () => {
    const { documents } = await sealWeek(shop);
    const text = await rksvExport(documents, shop, { from: "2026-11-30" });
    expect(receiptsOfDep7(text)).toEqual(documents.map((document) => document.text));
    expect(JSON.parse(text)).toEqual({
      "Belege-Gruppe": [
        {
          Signaturzertifikat: "",
          Zertifizierungsstellen: [],
          "Belege-kompakt": documents.map((document) => document.text),
        },
      ],
    });
    expect(dep7.fileName(shop.config, { epochMs: 0, offsetMinutes: 60 })).toBe(
      "dep7-CASHBOX-DEMO-1-1970-01-01.json",
    );
  });

  test("[RAT13] it ends before the first receipt of a later day", async () => {
    const { documents } = await sealInShop([ten, ten, ten], shop, { stepMs: dayMs });
    const text = await rksvExport(documents, shop, { to: "2026-11-23" });
    expect(receiptsOfDep7(text)).toHaveLength(2);
    expect(receiptsOfDep7(await rksvExport(documents, shop, { to: "2026-01-01" }))).toEqual([]);
    expect(await rksvExport([], shop)).toBe('{"Belege-Gruppe":[]}');
  });

  test("[RAT13] each certificate has its group, with those above it, in the order of the chain", async () => {
    const two = rksvShop({ keyIds: ["0a1b", "0c2d"] });
    const keys = two.config.keys.map((key) => {
      const privateKey = two.privateKeys[key.keyId];
      return privateKey === undefined
        ? key
        : { ...key, certificate: rksvCertificate(privateKey, key.keyId) };
    });
    const [first, second] = keys;
    const authorities = { "0c2d": ["AAAA"] };
    const config: StreamConfig = {
      ...two.config,
      keys: first === undefined || second === undefined ? [] : [endingSoon(first), second],
      settings: { ...two.config.settings, authorities },
    };
    const { documents } = await sealInShop([ten, ten, ten], { ...two, config });
    const text = await rksvExport(documents, { ...two, config });
    expect(JSON.parse(text)).toMatchObject({
      "Belege-Gruppe": [
        { Signaturzertifikat: first?.certificate, Zertifizierungsstellen: [] },
        { Signaturzertifikat: second?.certificate, Zertifizierungsstellen: ["AAAA"] },
      ],
    });
    expect(receiptsOfDep7(text)).toEqual(documents.map((document) => document.text));

    const noKeys = { aesKey: rksvAesKey, publicKeys: new Map<string, Uint8Array>() };
    const trusting = verifyDep7(text, noKeys, { crypto, trustsCertificates: true });
    expect(trusting).toMatchObject({ value: { findings: [], receiptCount: 4 } });
    const careful = verifyDep7(text, noKeys, { crypto });
    expect(careful).toMatchObject({ value: { findings: documents.map(() => ({ code: "key" })) } });
  });

  test("[RAT13] it is written while it is read: years of receipts take no memory", async () => {
    const { context, documents } = await sealInShop([ten], shop);
    const [document] = documents;
    assert(document !== undefined, "there is a start receipt");
    const receipt: SealedDocument = document;
    let readCount = 0;
    async function* million(): AsyncIterable<SealedDocument> {
      for (; readCount < 1_000_000; readCount += 1) yield await Promise.resolve(receipt);
    }
    let sizeMax = 0;
    let pieceCount = 0;
    for await (const piece of dep7.write(million(), { ...context, at: document.at })) {
      sizeMax = Math.max(sizeMax, piece.length);
      pieceCount += 1;
      if (pieceCount === 20_000) break;
    }
    expect(readCount).toBeLessThan(10_001);
    expect(sizeMax).toBeLessThan(500);
  });

  test("[RAT20] a second reader, written from the specification alone, finds the same", async () => {
    const { documents, head } = await sealWeek(shop);
    const text = await rksvExport(documents, shop);
    const second = await secondOpinion(text, { aesKey: rksvAesKey, jwks: shop.jwks });
    expect(second.complaints).toEqual([]);
    expect(second.receipts.map(({ id }) => id)).toEqual(documents.map(({ number }) => number));
    expect(second.receipts.map(({ isSigned }) => isSigned)).toEqual(
      documents.map(({ degraded }) => degraded === undefined),
    );
    expect(head.state).toEqual({ turnoverMinor: Number(second.turnover) });
    // It is no rubber stamp.
    const without = JSON.stringify({
      "Belege-Gruppe": [{ "Belege-kompakt": receiptsOfDep7(text).toSpliced(3, 1) }],
    });
    const other = rksvShop();
    const broken = await secondOpinion(without, { aesKey: rksvAesKey, jwks: shop.jwks });
    expect(broken.complaints[0]).toBe("B1-1-T000005: chain");
    expect(broken.complaints[1]).toBe("B1-1-N000006: counter");
    expect(
      (await secondOpinion(text, { aesKey: rksvAesKey, jwks: other.jwks })).complaints,
    ).toEqual(
      documents.filter(({ degraded }) => !degraded).map(({ number }) => `${number}: signature`),
    );
    expect(verifyDep7(text, rksvMaterial(shop), { crypto })).toMatchObject({
      value: { findings: [] },
    });
  });
});

function endingSoon(key: StreamConfig["keys"][number]): StreamConfig["keys"][number] {
  return { ...key, notAfterMs: 1_795_341_600_000 + 90_000 };
}
