/**
 * A shop of each regime with several keys, for tests of key changes.
 *
 * @module
 */

import { deepEqual } from "node:assert/strict";
import type { JsonObject } from "@tillmesh/kernel";
import type { KeyObject } from "node:crypto";
import type { SealedDocument, StreamConfig, StreamKey } from "../document.ts";
import { createFiscalCrypto, createZatcaTestKey } from "../node/index.ts";
import type { Receipt } from "../receipt.ts";
import type { Regime, SealContext } from "../regime.ts";
import { rksv } from "../regimes/at-rksv/rksv.ts";
import { verifyDep7 } from "../regimes/at-rksv/verify-dep7.ts";
import { noVeriFactu, veriFactu } from "../regimes/es-verifactu/regime.ts";
import { norwaySaft } from "../regimes/no-saft/norway-saft.ts";
import { zatca } from "../regimes/sa-zatca/zatca.ts";
import { testCertificate } from "./fake-aeat-certificate.ts";
import { aeatShop, signingShop, spanishReceipt } from "./fake-aeat-shop.ts";
import {
  exportText,
  norwayPrivateKeys,
  norwayConfig,
  norwayKeys,
  norwayReceipt,
  norwaySecrets,
} from "./norway-shop.ts";
import { parsed, signaturesIn } from "./norway-second-opinion.ts";
import { rksvCertificate } from "./rksv-certificate.ts";
import { rksvExport, rksvMaterial, rksvReceipt, rksvShop } from "./rksv-shop.ts";
import { zatcaCsrFacts, zatcaNowMs, zatcaReceipt, zatcaShop } from "./zatca-shop.ts";

export interface RekeyShop {
  readonly regime: Regime;
  /** As opened, with the first of `keys` alone. */
  readonly first: StreamConfig;
  readonly keys: readonly StreamKey[];
  readonly privateKeys: Readonly<Record<string, KeyObject>>;
  readonly secrets: SealContext["secrets"];
  readonly crypto: SealContext["crypto"];
  readonly receipt: Receipt;
  readonly fromMs: number;
  /** Settings that no change may touch, with values that they do not have. */
  readonly lifelong: JsonObject;
  /** Throws where an export does not verify, or has not all certificates. */
  readonly checkExport?: (
    documents: readonly SealedDocument[],
    context: SealContext,
  ) => Promise<void>;
}

const crypto = createFiscalCrypto();
const noonMs = 1_795_341_600_000;

export const rekeyShops: readonly RekeyShop[] = [
  austria(),
  spain(),
  spainSigned(),
  saudiArabia(),
  norway(),
];

function austria(): RekeyShop {
  const made = rksvShop({ keyIds: ["0a11", "0a22", "0a33"] });
  const { config, privateKeys, secrets } = made;
  const keys = config.keys.map((key) => {
    const privateKey = privateKeys[key.keyId];
    return {
      ...key,
      certificate: privateKey === undefined ? "" : rksvCertificate(privateKey, key.keyId),
    };
  });
  return {
    regime: rksv,
    first: { ...config, keys: keys.slice(0, 1) },
    keys,
    privateKeys,
    secrets,
    crypto,
    receipt: rksvReceipt("sale", [1200]),
    fromMs: noonMs,
    lifelong: { system: "closed", counterBytes: 5 },
    checkExport: async (documents, context) => {
      const text = await rksvExport(documents, { ...made, config: context.config });
      const read = verifyDep7(text, rksvMaterial({ ...made, config: { ...config, keys } }), {
        crypto,
      });
      deepEqual(read.ok && read.value.findings, []);
      deepEqual(
        certificatesOf(text),
        inARow(documents.map(({ keyId }) => certificateIn(keys, keyId))),
      );
    },
  };
}

function spain(): RekeyShop {
  return {
    regime: veriFactu,
    first: aeatShop,
    keys: [{ keyId: "unused" }],
    privateKeys: {},
    secrets: {},
    crypto,
    receipt: spanishReceipt("sale", { 21: 1210 }),
    fromMs: noonMs,
    lifelong: { environment: "production" },
  };
}

function spainSigned(): RekeyShop {
  const pairs = ["K1", "K2", "K3"].map((keyId) => ({ keyId, ...testCertificate() }));
  const keys = pairs.map(({ keyId, der }) => ({ keyId, certificate: der }));
  const { config } = signingShop();
  return {
    ...spain(),
    regime: noVeriFactu,
    first: { ...config, keys: keys.slice(0, 1) },
    keys,
    privateKeys: Object.fromEntries(pairs.map(({ keyId, privateKey }) => [keyId, privateKey])),
  };
}

function saudiArabia(): RekeyShop {
  const pairs = [1, 2, 3].map(() =>
    createZatcaTestKey(zatcaCsrFacts, { nowMs: zatcaNowMs - 1000 }),
  );
  const keys = pairs.map(({ key }) => key);
  const previousHash = `${"A".repeat(43)}=`;
  const { config } = zatcaShop();
  const settings = { ...config.settings, counterFrom: 7, previousHash };
  return {
    regime: zatca,
    first: { ...config, settings, keys: keys.slice(0, 1) },
    keys,
    privateKeys: Object.fromEntries(pairs.map(({ key, privateKey }) => [key.keyId, privateKey])),
    secrets: {},
    crypto,
    receipt: zatcaReceipt([{ name: "تمر", quantityMilli: 1000, netMinor: 1000 }]),
    fromMs: zatcaNowMs,
    lifelong: { counterFrom: 8, previousHash: `${"B".repeat(43)}=` },
  };
}

/** RSA keys of both sizes, and a shared one. */
function norway(): RekeyShop {
  const { company } = norwayConfig().settings;
  return {
    regime: norwaySaft,
    first: {
      ...norwayConfig(),
      keys: norwayKeys.slice(0, 1),
      settings: { company: company ?? null },
    },
    keys: norwayKeys,
    privateKeys: norwayPrivateKeys,
    secrets: norwaySecrets,
    crypto,
    receipt: norwayReceipt("sale", [["1001", 1, 1000, 2500]]),
    fromMs: noonMs,
    lifelong: {},
    checkExport: async (documents, context) => {
      const xml = parsed(await exportText({ documents, context }));
      deepEqual(
        signaturesIn(xml),
        documents.map(() => true),
      );
    },
  };
}

function certificatesOf(dep7: string): readonly string[] {
  const read = JSON.parse(dep7) as { "Belege-Gruppe": { Signaturzertifikat: string }[] };
  return read["Belege-Gruppe"].map(({ Signaturzertifikat }) => Signaturzertifikat);
}

function certificateIn(keys: readonly StreamKey[], keyId: string): string {
  return keys.find((key) => key.keyId === keyId)?.certificate ?? "";
}

function inARow(texts: readonly string[]): readonly string[] {
  return texts.filter((text, at) => text !== texts[at - 1]);
}
