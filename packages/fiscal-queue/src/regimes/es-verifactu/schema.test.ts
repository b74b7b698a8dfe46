import { beforeAll, describe, expect, test } from "vitest";
import type { SealedDocument } from "../../document.ts";
import {
  conformanceFiles,
  conformanceText,
  isConformanceAbsent,
} from "../../testing/conformance.ts";
import { schemaFaults, validOnes } from "../../testing/fake-aeat-schema.ts";
import {
  aeatShop,
  sealInSpain,
  signingShop,
  spanishCustomer,
  spanishReceipt,
} from "../../testing/fake-aeat-shop.ts";
import { veriFactuDelivery } from "./delivery.ts";
import { readXml, textOf } from "./read-xml.ts";
import { everyType } from "../../testing/fake-aeat-samples.ts";

const officialExamples = ["alta", "anulacion", "subsanacion"];

describe.skipIf(isConformanceAbsent("VeriFactu schemas and examples", 9))("schemas", () => {
  test("[RES3] the nine examples of a third party are read, and are valid", async () => {
    const texts = thirdParty();
    expect(texts).toHaveLength(9);
    for (const text of texts) {
      expect(textOf(readXml(text), "IDFactura", "IDEmisorFactura")).toBe("89890001K");
    }
    expect(await schemaFaults(...texts)).toEqual([]);
  });

  test("[RES3] with TipoHuella 99 none of them is", async () => {
    const twins = thirdParty().map((text) => text.replace("TipoHuella>01<", "TipoHuella>99<"));
    expect(await validOnes(twins)).toEqual([]);
  });

  test("[RES3] the authority's examples are valid once namespaces are joined and placeholders have nine characters", async () => {
    expect(await schemaFaults(...officialExamples.map(repaired))).toEqual([]);
  });

  test("[RES3] with TipoHuella 99, or without their hash, none of them is", async () => {
    const texts = officialExamples.map(repaired);
    const twins = [
      ...texts.map((text) => text.replace("TipoHuella>01<", "TipoHuella>99<")),
      ...texts.map((text) => text.replace("<sum1:Huella>Huella</sum1:Huella>", "")),
    ];
    expect(await validOnes(twins)).toEqual([]);
  });

  describe("own records", () => {
    let documents: readonly SealedDocument[] = [];
    beforeAll(async () => {
      ({ documents } = await sealInSpain(everyType));
    });

    test("[RES3] of every type are valid, alone and in one request", async () => {
      const types = documents.map(({ text }) => textOf(readXml(text), "TipoFactura"));
      expect(new Set(types)).toEqual(new Set(["F1", "F2", "F3", "R1", "R2", "R3", "R4", "R5", ""]));
      const group = { documents, isLate: true };
      const { body } = veriFactuDelivery.encode(group, aeatShop);
      expect(await schemaFaults(...documents.map(({ text }) => text), body)).toEqual([]);
    });

    test("[RES3] each with a field too many, or with a wrong one, is not", async () => {
      const twins = documents.flatMap(({ text }) => [
        text.replace("<sf:TipoHuella>01<", "<sf:TipoHuella>99<"),
        text.replace("<sf:Encadenamiento>", "<sf:Otro>1</sf:Otro><sf:Encadenamiento>"),
      ]);
      expect(await validOnes(twins)).toEqual([]);
    });

    test("[RES3] a request in which one record is broken is not valid", async () => {
      const [first] = documents;
      const broken = {
        ...first!,
        text: first!.text.replace("01-01-2024", "1-1-24").replace("F2<", "F9<"),
      };
      const { body } = veriFactuDelivery.encode({ documents: [broken], isLate: false }, aeatShop);
      expect(await schemaFaults(body)).not.toEqual([]);
    });

    test("[RES14] a look-up is valid, without its period it is not", async () => {
      const { body } = veriFactuDelivery.lookup!(documents[0]!, aeatShop);
      expect(await schemaFaults(body)).toEqual([]);
      const twin = body.replace(/<sf:Periodo>\d\d<\/sf:Periodo>/, "");
      expect(await schemaFaults(twin)).not.toEqual([]);
    });
  });

  test("[RES15] signed records and events are valid, with a wrong type of event they are not", async () => {
    const shop = signingShop();
    const { documents } = await sealInSpain(
      [
        spanishReceipt("sale", { 21: 1210 }, { customer: spanishCustomer }),
        { kind: "event", facts: { event: "restore", detail: "copia <de> ayer" } },
      ],
      shop,
    );
    expect(documents.map(({ kind }) => kind)).toEqual(["start", "sale", "event"]);
    expect(await schemaFaults(...documents.map(({ text }) => text))).toEqual([]);
    const twin = documents[0]!.text.replace("TipoEvento>01<", "TipoEvento>99<");
    expect(await schemaFaults(twin)).not.toEqual([]);
  });
});

function repaired(name: string): string {
  return conformanceText(`es-verifactu/schema/example-${name}.xml`)
    .replaceAll(/(SuministroL|Suministro)\s*\n\s*(R|Informacion)\.xsd/g, "$1$2.xsd")
    .replaceAll(/NIF>(AAAA|BBBB|NNNN)</g, "NIF>89890001K<")
    .replaceAll(/(IDEmisorFactura\w*)>AAAA</g, "$1>89890001K<");
}

// The examples are ISO-8859-1; what is validated is their text.
function thirdParty(): readonly string[] {
  return conformanceFiles("es-verifactu/third-party-examples/", ".xml").map((file) =>
    conformanceText(file, "iso-8859-1").replace(/^<\?xml[^>]*\?>\s*/, ""),
  );
}
