import { hex, utf8 } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import { createFiscalCrypto } from "../../node/index.ts";
import {
  conformanceJson,
  conformanceText,
  isConformanceAbsent,
} from "../../testing/conformance.ts";
import { receiptsOfDep7, rksvAesKey } from "../../testing/rksv-shop.ts";
import { base32 } from "./base32.ts";
import {
  chainValue,
  compactJws,
  ocrText,
  outageText,
  qrText,
  readJws,
  signingInput,
} from "./jws.ts";
import { payloadText, readPayload } from "./payload.ts";
import {
  decryptTurnover,
  encryptTurnover,
  fitsCounter,
  initialValue,
  trainingMark,
  voidMark,
} from "./turnover.ts";

const crypto = createFiscalCrypto();
const key = { aesKey: rksvAesKey, crypto };
const cashBoxId = "CASHBOX-DEMO-1";
const isAbsent = isConformanceAbsent("RKSV vectors", 12);

const firstPayload =
  "_R1-AT100_CASHBOX-DEMO-1_CASHBOX-DEMO-1-Receipt-ID-1_2016-03-11T03:57:08_0,00_0,00_0,00_0,00_0,00_4r1iIdZGeAQ=_f997a850dcf9c644_cg8hNU5ihto=";

describe("payload (RAT)", () => {
  test("[RAT1] the first receipt of scenario 1 is written and read to the letter", () => {
    const payload = {
      trustProvider: "AT100",
      cashBoxId,
      number: "CASHBOX-DEMO-1-Receipt-ID-1",
      time: "2016-03-11T03:57:08",
      amountsMinor: [0, 0, 0, 0, 0],
      counter: "4r1iIdZGeAQ=",
      serial: "f997a850dcf9c644",
      chain: "cg8hNU5ihto=",
    };
    expect(payloadText(payload)).toBe(firstPayload);
    expect(readPayload(firstPayload)).toEqual(payload);
  });

  test.each([
    [0, "0,00"],
    [5, "0,05"],
    [-5, "-0,05"],
    [-2981, "-29,81"],
    [123_456_789, "1234567,89"],
    [-100, "-1,00"],
  ])("[RAT1] %i cents are %s", (minor, text) => {
    const amounts = ["0,00", text].map((amount) => firstPayload.replace("_0,00", `_${amount}`));
    const payload = readPayload(amounts[1] ?? "");
    expect(payload?.amountsMinor).toEqual([minor, 0, 0, 0, 0]);
  });

  test.each([
    ["a point for the comma", "0,00", "0.00"],
    ["one digit", "0,00", "0,0"],
    ["a thousands separator", "0,00", "1.000,00"],
    ["a leading zero", "0,00", "00,00"],
    ["a minus zero", "0,00", "-0,00"],
    ["a plus", "0,00", "+1,00"],
    ["a zone", "T03:57:08", "T03:57:08Z"],
    ["no seconds", "T03:57:08", "T03:57"],
    ["the 13th month", "2016-03", "2016-13"],
    ["a field too many", "_2016", "_x_2016"],
    ["a field too few", "_CASHBOX-DEMO-1_", "_"],
    ["another suite", "_R1-AT100", "_R2-AT100"],
    ["no provider", "AT100", "AT"],
    ["nothing before the first field", "_R1", "x_R1"],
  ])("[RAT1] %s is no payload", (_, found, instead) => {
    expect(readPayload(firstPayload.replace(found, instead))).toBeUndefined();
  });
});

describe("turnover counter (RAT)", () => {
  // Receipt, cents, bytes, field: figures of the model cash box, the last two computed by hand.
  test.each<[number, bigint, number, string]>([
    [1, 0n, 8, "4r1iIdZGeAQ="],
    [6, 50_501n, 8, "k8wUAJDJ+Ro="],
    [82, 0n, 8, "NLoiSHL3bsM="],
    [83, 0n, 8, "j+6GA9whiJA="],
    [86, 58_173n, 8, "jODRD4za7E8="],
    [86, 58_173n, 5, "jODR7LE="],
    [1, -1n, 8, "HUKd3im5h/s="],
    [1, -12_345n, 5, "HUKd7hE="],
  ])("[RAT2] receipt %i, %i cents in %i bytes", (...vector) => {
    const [receipt, minor, sizeBytes, field] = vector;
    const place = { cashBoxId, number: `CASHBOX-DEMO-1-Receipt-ID-${receipt}` };
    expect(encryptTurnover({ minor, sizeBytes }, place, key)).toBe(field);
    expect(decryptTurnover(field, place, key)).toEqual({ minor, sizeBytes });
  });

  test("[RAT2] the initial value is half the hash of KassenID and Belegnummer", () => {
    const place = { cashBoxId, number: "CASHBOX-DEMO-1-Receipt-ID-82" };
    expect(hex(initialValue(place, crypto))).toBe("5264e8bdeeeccf68a753dab864526c27");
  });

  test.each(["", "AAAA", "AAAAAAAAAAAAAAAA", "NLoiSHL3bsM", "%%%%%%%%"])(
    "[RAT2] %j is no counter",
    (field) => expect(decryptTurnover(field, { cashBoxId, number: "1" }, key)).toBeUndefined(),
  );

  test("[RAT2] a counter has limits by its size", () => {
    expect(fitsCounter(2 ** 39 - 1, 5)).toBe(true);
    expect(fitsCounter(2 ** 39, 5)).toBe(false);
    expect(fitsCounter(-(2 ** 39), 5)).toBe(true);
    expect(fitsCounter(-(2 ** 39) - 1, 5)).toBe(false);
    expect(fitsCounter(Number.MAX_SAFE_INTEGER, 8)).toBe(true);
    expect(fitsCounter(Number.MAX_SAFE_INTEGER + 1, 8)).toBe(false);
  });
});

describe("signature, chain and codes (RAT)", () => {
  const signature = Uint8Array.from({ length: 64 }, (_, at) => at);
  const jws = compactJws(firstPayload, signature);

  test("[RAT4] the first chain value is of the KassenID", () => {
    expect(chainValue(cashBoxId, crypto)).toBe("cg8hNU5ihto=");
  });

  test("[RAT5] the header is a fixed text, and what is signed is header and payload", () => {
    expect(signingInput(firstPayload)).toBe(
      `eyJhbGciOiJFUzI1NiJ9.${Buffer.from(firstPayload).toString("base64url")}`,
    );
    expect(Buffer.from("eyJhbGciOiJFUzI1NiJ9", "base64url").toString()).toBe('{"alg":"ES256"}');
    expect(readJws(jws)).toEqual({
      payload: firstPayload,
      signature,
      isDegraded: false,
      signed: utf8(signingInput(firstPayload)),
    });
  });

  test.each([
    [
      "a longer header",
      jws.replace("eyJhbGciOiJFUzI1NiJ9", "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9"),
    ],
    ["padding", `${jws}==`],
    ["a fourth part", `${jws}.AA`],
    ["no signature part", signingInput(firstPayload)],
    ["another alphabet", jws.replace(/.$/, "+")],
    ["bytes that are no UTF-8", `eyJhbGciOiJFUzI1NiJ9._w.AA`],
    ["nothing", ""],
  ])("[RAT5] %s is no receipt", (_, text) => expect(readJws(text)).toBeUndefined());

  test("[RAT6] the QR text ends with the signature in plain base64", () => {
    const read = readJws(jws);
    expect(read && qrText(read)).toBe(
      `${firstPayload}_${Buffer.from(signature).toString("base64")}`,
    );
  });

  test("[RAT6] the OCR text has counter, chain value and signature in base32", () => {
    // A pair that the ministry's repository shows for its model cash box (issue 90).
    const qr =
      "_R1-AT0_CASHBOX-DEMO-1_CASHBOX-DEMO-1-Receipt-ID-570_2016-03-11T04:24:17_0,00_0,00_0,00_0,00_0,00_SatTFjFrhnk=_U:ATU12345678-K0_cg8hNU5ihto=_REMmVM7A9j6zrdnVmy2q4RVJDfVboqnusab0Pjynxi0+ng2BT9a3KhlDJNY5F+fmmDARcmyU/wyDM2Ug60Zo6w==";
    const ocr =
      "_R1-AT0_CASHBOX-DEMO-1_CASHBOX-DEMO-1-Receipt-ID-570_2016-03-11T04:24:17_0,00_0,00_0,00_0,00_0,00_JGVVGFRRNODHS===_U:ATU12345678-K0_OIHSCNKOMKDNU===_IRBSMVGOYD3D5M5N3HKZWLNK4EKUSDPVLORKT3VRU32D4PFHYYWT5HQNQFH5NNZKDFBSJVRZC7T6NGBQCFZGZFH7BSBTGZJA5NDGR2Y=";
    const at = qr.lastIndexOf("_");
    const read = readJws(compactJws(qr.slice(0, at), Buffer.from(qr.slice(at + 1), "base64")));
    expect(read && qrText(read)).toBe(qr);
    expect(read && ocrText(read)).toBe(ocr);
  });

  test.each([
    ["", ""],
    ["f", "MY======"],
    ["fo", "MZXQ===="],
    ["foo", "MZXW6==="],
    ["foob", "MZXW6YQ="],
    ["fooba", "MZXW6YTB"],
    ["foobar", "MZXW6YTBOI======"],
  ])("[RAT6] base32 of %j, as RFC 4648 has it", (text, expected) =>
    expect(base32(utf8(text))).toBe(expected),
  );

  test("[RAT10] a failed device leaves its mark in place of the signature", () => {
    const text = compactJws(firstPayload, undefined);
    expect(text.split(".")[2]).toBe("U2ljaGVyaGVpdHNlaW5yaWNodHVuZyBhdXNnZWZhbGxlbg");
    const read = readJws(text);
    expect(read?.isDegraded).toBe(true);
    expect(read && qrText(read)).toBe(
      `${firstPayload}_U2ljaGVyaGVpdHNlaW5yaWNodHVuZyBhdXNnZWZhbGxlbg==`,
    );
    expect(outageText).toBe("Sicherheitseinrichtung ausgefallen");
  });
});

interface Vectors {
  readonly aesKeyBase64: string;
  readonly cashBoxId: string;
  readonly turnover: readonly Turnover[];
  readonly selfComputed: readonly Turnover[];
  readonly ivHexForReceipt82: string;
  readonly firstChainValue: string;
  readonly jwsHeaderPart: string;
  readonly failedSignaturePartJws: string;
  readonly failedSignaturePartQr: string;
  readonly trainingCounterField: string;
  readonly voidCounterField: string;
  readonly chainLink: { readonly chainValueOfNext: string };
}

interface Turnover {
  readonly receiptId: string;
  readonly cents: number;
  readonly counterBytes: number;
  readonly base64: string;
}

describe.skipIf(isAbsent)("the vectors as they were handed down (RAT)", () => {
  test("[RAT2] all counters, and what stands in their place", () => {
    const { turnover, selfComputed, aesKeyBase64 } = vectors();
    expect(aesKeyBase64).toBe(Buffer.from(rksvAesKey).toString("base64"));
    expect(turnover.length + selfComputed.length).toBe(8);
    for (const one of [...turnover, ...selfComputed]) {
      const place = { cashBoxId: vectors().cashBoxId, number: one.receiptId };
      const counter = { minor: BigInt(one.cents), sizeBytes: one.counterBytes };
      expect(encryptTurnover(counter, place, key)).toBe(one.base64);
    }
    const place = { cashBoxId, number: "CASHBOX-DEMO-1-Receipt-ID-82" };
    expect(hex(initialValue(place, crypto))).toBe(vectors().ivHexForReceipt82);
    expect(trainingMark).toBe(vectors().trainingCounterField);
    expect(voidMark).toBe(vectors().voidCounterField);
  });

  test("[RAT4] the second chain value is of the first receipt, signature included", () => {
    const dep = conformanceText("at-rksv/reference-box-deps/1-open/dep-export.json");
    const { chainLink, firstChainValue } = vectors();
    expect(chainValue(receiptsOfDep7(dep)[0] ?? "", crypto)).toBe(chainLink.chainValueOfNext);
    expect(chainValue(cashBoxId, crypto)).toBe(firstChainValue);
  });

  test("[RAT10] header and marks", () => {
    const { failedSignaturePartJws, failedSignaturePartQr, jwsHeaderPart } = vectors();
    const text = compactJws(firstPayload, undefined);
    const read = readJws(text);
    expect(text.split(".")).toEqual([jwsHeaderPart, expect.any(String), failedSignaturePartJws]);
    expect(read && qrText(read).endsWith(`_${failedSignaturePartQr}`)).toBe(true);
  });

  test.each([
    "1-open",
    "1-closed",
    "2-open",
    "2-closed",
    "2-len5",
    "3-open",
    "3-closed",
    "4-open",
    "4-closed",
  ])("[RAT6] the QR texts of %s come out of its export", (run) => {
    const folder = `at-rksv/reference-box-deps/${run}`;
    const texts = receiptsOfDep7(conformanceText(`${folder}/dep-export.json`)).map((text) => {
      const read = readJws(text);
      return read && qrText(read);
    });
    expect(texts).toEqual(conformanceJson(`${folder}/qr-code-rep.json`));
  });
});

function vectors(): Vectors {
  return conformanceJson("at-rksv/vectors.json") as Vectors;
}
