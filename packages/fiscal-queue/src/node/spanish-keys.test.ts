import { X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { noVeriFactu } from "../regimes/es-verifactu/regime.ts";
import { sealInSpain, signingShop, spanishReceipt } from "../testing/fake-aeat-shop.ts";
import { createSoftwareSigner } from "./software-signer.ts";
import { createSpanishTestKey } from "./spanish-keys.ts";

test("[RES15] a key made on the spot signs records that verify, and its certificate says until when", async () => {
  const nowMs = 1_795_341_600_000;
  const taxpayer = { name: "Corner Café", nif: "89890001K" };
  const { key, privateKey } = createSpanishTestKey(taxpayer, { nowMs, days: 10 });
  const certificate = new X509Certificate(Buffer.from(key.certificate, "base64"));
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.checkPrivateKey(privateKey)).toBe(true);
  expect(Date.parse(certificate.validTo)).toBe(key.notAfterMs);
  expect(certificate.subject).toContain("CN=Corner Café");
  const { config } = signingShop({ keys: [key] });
  const signer = createSoftwareSigner({ [key.keyId]: privateKey });
  const run = await sealInSpain([spanishReceipt("sale", { 21: 1210 })], { config, signer });
  const verifier = noVeriFactu.verifier(run.context);
  expect(run.documents.flatMap((document) => verifier.step(document))).toEqual([]);
  expect(run.documents.map(({ keyId }) => keyId)).toEqual([key.keyId, key.keyId]);
});
