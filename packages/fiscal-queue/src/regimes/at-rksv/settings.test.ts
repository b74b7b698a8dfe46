import { X509Certificate } from "node:crypto";
import { assert } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import type { StreamConfig } from "../../document.ts";
import { createFiscalCrypto } from "../../node/index.ts";
import { conformanceJson, isConformanceAbsent } from "../../testing/conformance.ts";
import { rksvCertificate } from "../../testing/rksv-certificate.ts";
import { rksvReceipt, rksvShop, sealInShop } from "../../testing/rksv-shop.ts";
import { fieldsOf } from "../../testing/rksv-week.ts";
import { readCertificate } from "./certificate.ts";
import { chainValue } from "./jws.ts";
import { rksv } from "./rksv.ts";

const shop = rksvShop({ keyIds: ["f997a850dcf9c644"] });
const closed = rksvShop({ system: "closed" });
const { config } = shop;
const july = { from: "2026-07-01", rates: { "2000": "normal" } };
const privateKey = shop.privateKeys["f997a850dcf9c644"];
assert(privateKey !== undefined, "the shop has its key");

describe("settings (RAT)", () => {
  test("[RAT9] open and closed systems open", () => {
    expect(rksv.open(config).ok).toBe(true);
    expect(rksv.open(closed.config).ok).toBe(true);
  });

  test.each<[string, Partial<StreamConfig>]>([
    ["/till", { till: "a_b" }],
    ["/till", { till: "" }],
    ["/series", { series: "B_1" }],
    ["/currency", { currency: "CHF" }],
    ["/currency", { currencyDigits: 3 }],
    ["/keys", { keys: [] }],
    ["/keys/0/publicKey", { keys: [{ keyId: "a1" }] }],
    ["/keys/0/publicKey", { keys: [{ keyId: "a1", publicKey: "no base64" }] }],
    ["/keys/0/keyId", { keys: [{ ...firstKey(config), keyId: "no hex" }] }],
    ["/settings/system", changed({ system: "ajar" })],
    ["/settings/trustProvider", changed({ trustProvider: "AT0" })],
    ["/settings/companyId", changed({ system: "closed", companyId: "ATU12345678" })],
    ["/settings/counterBytes", changed({ counterBytes: 4 })],
    ["/settings/counterBytes", changed({ counterBytes: "8" })],
    ["/settings/rates", changed({ rates: [] })],
    ["/settings/rates", changed({ rates: [{ from: "2016-01-01", rates: { "2000": "high" } }] })],
    ["/settings/rates", changed({ rates: [{ from: "soon", rates: { "2000": "normal" } }] })],
    ["/settings/rates", changed({ rates: [july, july] })],
  ])("[RAT9] %s is refused where it does not do", (pointer, change) => {
    const opened = rksv.open({ ...config, ...change });
    assert(!opened.ok, "it is refused");
    expect(opened.error.faults.map((fault) => fault.pointer)).toContain(pointer);
  });

  test("[RAT9] a key of a closed system bears the company's id", () => {
    const keys = [{ ...firstKey(closed.config), keyId: "U:ATU99999999-K1" }];
    expect(rksv.open({ ...closed.config, keys })).toMatchObject({
      error: { faults: [{ pointer: "/keys/0/keyId", code: "serial" }] },
    });
  });

  test("[RAT9] a key id is its certificate's serial number, whose key is then taken", async () => {
    const certificate = rksvCertificate(privateKey, "f997a850dcf9c644");
    expect(new X509Certificate(Buffer.from(certificate, "base64")).serialNumber).toBe(
      "F997A850DCF9C644",
    );
    const keys = [{ keyId: "f997a850dcf9c644", certificate }];
    const run = await sealInShop([], { ...shop, config: { ...config, keys } });
    const verifier = rksv.verifier(run.context);
    expect(run.documents.flatMap((document) => verifier.step(document))).toEqual([]);
    const foreign = [{ ...firstKey(closed.config), keyId: "f997a850dcf9c644", certificate }];
    expect(rksv.open({ ...config, keys: foreign })).toMatchObject({
      error: { faults: [{ pointer: "/keys/0/certificate", code: "certificate" }] },
    });
    const other = [{ keyId: "f997a850dcf9c645", certificate }];
    expect(rksv.open({ ...config, keys: other })).toMatchObject({
      error: { faults: [{ pointer: "/keys/0/keyId", code: "serial" }] },
    });
  });

  test("[RAT18] a new epoch takes a KassenID of its own, and begins its chain with it", async () => {
    const { documents } = await sealInShop([rksvReceipt("sale", [100])], {
      ...shop,
      config: { ...config, epoch: 2, series: "B1-2" },
    });
    const fields = documents.map(({ text }) => fieldsOf(text));
    expect(fields.map(({ 2: cashBox }) => cashBox)).toEqual([
      "CASHBOX-DEMO-1-2",
      "CASHBOX-DEMO-1-2",
    ]);
    expect(fields[0]?.[12]).toBe(chainValue("CASHBOX-DEMO-1-2", createFiscalCrypto()));
  });
});

describe("certificates (RAT)", () => {
  const runs = ["1-open", "2-open", "2-len5", "3-open", "4-open"];
  const isAbsent = isConformanceAbsent("certificates of the model cash box", runs.length);

  test.skipIf(isAbsent).each(runs)("[RAT9] those of %s are read as Node reads them", (run) => {
    const { certificateOrPublicKeyMap: map } = conformanceJson(
      `at-rksv/reference-box-deps/${run}/cryptographicMaterialContainer.json`,
    ) as { certificateOrPublicKeyMap: Record<string, Record<string, string>> };
    expect(Object.keys(map)).toHaveLength(3);
    for (const entry of Object.values(map)) {
      const der = Buffer.from(entry["signatureCertificateOrPublicKey"] ?? "", "base64");
      const { serialNumber, publicKey } = new X509Certificate(der);
      const read = readCertificate(der);
      expect(read?.serial).toBe(serialNumber.toLowerCase().replace(/^0+/, ""));
      expect(Buffer.from(read?.publicKey ?? [])).toEqual(
        publicKey.export({ format: "der", type: "spki" }),
      );
    }
  });

  test("[RAT9] no prefix of a certificate is one, and nothing makes it throw", () => {
    const der = Buffer.from(rksvCertificate(privateKey, "01"), "base64");
    expect(readCertificate(der)?.serial).toBe("1");
    for (const at of der.keys()) {
      expect(readCertificate(der.subarray(0, at))).toBeUndefined();
      const other = Uint8Array.from(der);
      other[at] = 0xff;
      expect(() => readCertificate(other)).not.toThrow();
    }
  });
});

function changed(settings: StreamConfig["settings"]): Partial<StreamConfig> {
  return { settings: { ...config.settings, ...settings } };
}

function firstKey({ keys }: StreamConfig): StreamConfig["keys"][number] {
  const [key] = keys;
  assert(key !== undefined, "there is a key");
  return key;
}
