import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { conformanceJson, isConformanceAbsent } from "../../testing/conformance.ts";
import { altaHashText, anulacionHashText, eventHashText, huellaOf } from "./huella.ts";
import { qrAddress } from "./qr-address.ts";

const crypto = {
  sha256: (data: Uint8Array) => new Uint8Array(createHash("sha256").update(data).digest()),
};

interface Vectors {
  readonly hash: readonly { kind: string; first: boolean; text: string; huella: string }[];
  readonly qr: readonly {
    verifactu: boolean;
    environment: "test" | "production";
    nif: string;
    numserie: string;
    fecha: string;
    importe: string;
    url: string;
  }[];
}

const alta = {
  issuer: "89890001K",
  number: "12345678/G33",
  date: "01-01-2024",
  type: "F1",
  taxTotal: "12.35",
  total: "123.45",
  previous: "",
  time: "2024-01-01T19:20:30+01:00",
};

const anulacion = {
  issuer: "89890001K",
  number: "12345679/G34",
  date: "01-01-2024",
  previous: "F7B94CFD8924EDFF273501B01EE5153E4CE8F259766F88CF6ACB8935802A2B97",
  time: "2024-01-01T19:20:40+01:00",
};

describe("hash", () => {
  test("[RES1] the authority's example of an alta, the first of its chain", () => {
    expect(huellaOf(altaHashText(alta), crypto)).toBe(
      "3C464DAF61ACB827C65FDA19F352A4E3BDC2C640E9E9FC4CC058073F38F12F60",
    );
  });

  test("[RES1] the authority's example of an anulación, later in the chain", () => {
    expect(huellaOf(anulacionHashText(anulacion), crypto)).toBe(
      "177547C0D57AC74748561D054A9CEC14B4C4EA23D1BEFD6F2E69E3A388F90C68",
    );
  });

  test.each(Object.keys(alta) as (keyof typeof alta)[])("[RES1] %s is hashed", (member) => {
    expect(altaHashText({ ...alta, [member]: `${alta[member]}1` })).not.toBe(altaHashText(alta));
  });

  test("[RES1] values are trimmed; signs of URLs and XML stay as they are", () => {
    const text = altaHashText({ ...alta, number: "  A/1 & <2> " });
    expect(text).toContain("&NumSerieFactura=A/1 & <2>&FechaExpedicionFactura=");
  });

  test("[RES16] an event hashes producer, software, installation, taxpayer, type, link and time", () => {
    const text = eventHashText({
      producer: "89890005W",
      softwareId: "TM",
      version: "0.1.0",
      installation: "B1-1",
      taxpayer: "89890001K",
      type: "01",
      previous: "",
      time: "2026-11-22T11:00:00+01:00",
    });
    expect(text).toBe(
      "NIF=89890005W&ID=&IdSistemaInformatico=TM&Version=0.1.0&NumeroInstalacion=B1-1&NIF=89890001K&TipoEvento=01&HuellaEvento=&FechaHoraHusoGenEvento=2026-11-22T11:00:00+01:00",
    );
  });
});

describe.skipIf(isConformanceAbsent("VeriFactu vectors", 3))("stored vectors", () => {
  test("[RES1] texts and hashes are those of the file", () => {
    const texts = [altaHashText(alta), anulacionHashText(anulacion)];
    expect(vectors().hash.map(({ text }) => text)).toEqual(texts);
    for (const { text, huella } of vectors().hash) expect(huellaOf(text, crypto)).toBe(huella);
  });

  test("[RES1] one changed character changes the hash", () => {
    for (const { text, huella } of vectors().hash) {
      expect(huellaOf(text.replace("89890001K", "89890001L"), crypto)).not.toBe(huella);
    }
  });

  test("[RES8] all five addresses", () => {
    const { qr } = vectors();
    expect(qr).toHaveLength(5);
    for (const { verifactu, environment, nif, numserie, fecha, importe, url } of qr) {
      const facts = { taxpayer: nif, number: numserie, date: fecha, total: importe };
      expect(qrAddress({ isVeriFactu: verifactu, environment, ...facts })).toBe(url);
      expect(qrAddress({ isVeriFactu: !verifactu, environment, ...facts })).not.toBe(url);
    }
  });
});

test("[RES8] the address is percent-encoded: / as %2F and a blank as %20", () => {
  const facts = { taxpayer: "89890001K", number: "A 1/2+3", date: "01-09-2024", total: "-1.00" };
  expect(qrAddress({ isVeriFactu: true, environment: "test", ...facts })).toContain(
    "&numserie=A%201%2F2%2B3&fecha=01-09-2024&importe=-1.00",
  );
});

function vectors(): Vectors {
  return conformanceJson("es-verifactu/vectors.json") as Vectors;
}
