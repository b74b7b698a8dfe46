import { describe, expect, test } from "vitest";
import type { Verdict } from "../../delivery.ts";
import type { DocumentRequest } from "../../regime.ts";
import { sealInSpain, signingShop, spanishReceipt } from "../../testing/fake-aeat-shop.ts";
import { cancellationOf, correctionFlags, correctionOf } from "./corrections.ts";
import { readXml, textOf } from "./read-xml.ts";

const sale = spanishReceipt("sale", { 21: 1210 });
const fix = spanishReceipt("sale", { 10: 1100 });
const refused: Verdict = { type: "rejected-fixable", code: "1100", detail: "" };
const flagged: Verdict = { type: "accepted-warn", code: "2000", detail: "", asksCorrection: true };

test("[RES10] the authority's table, cell by cell", () => {
  const { cancellation, correction } = correctionFlags;
  const told = (flags: (typeof correction)["stored"]["none"]): string =>
    `Subsanacion=${flags.subsanacion} RechazoPrevio=${flags.rechazoPrevio} SinRegistroPrevio=${flags.sinRegistroPrevio}`;
  expect({
    "alta refused": told(correction.refused.none),
    "alta stored": told(correction.stored.none),
    "alta stored, correction refused": told(correction.stored.refused),
    "alta never sent": told(correction["never-sent"].none),
    "to cancel, stored": told(cancellation.stored.none),
    "to cancel, stored, cancellation refused": told(cancellation.stored.refused),
    "to cancel, nothing stored": told(cancellation.refused.none),
    "to cancel, nothing stored, attempt refused": told(cancellation.refused.refused),
  }).toEqual({
    "alta refused": "Subsanacion=S RechazoPrevio=X SinRegistroPrevio=",
    "alta stored": "Subsanacion=S RechazoPrevio= SinRegistroPrevio=",
    "alta stored, correction refused": "Subsanacion=S RechazoPrevio=S SinRegistroPrevio=",
    "alta never sent": "Subsanacion=S RechazoPrevio=X SinRegistroPrevio=",
    "to cancel, stored": "Subsanacion= RechazoPrevio= SinRegistroPrevio=",
    "to cancel, stored, cancellation refused": "Subsanacion= RechazoPrevio=S SinRegistroPrevio=",
    "to cancel, nothing stored": "Subsanacion= RechazoPrevio= SinRegistroPrevio=S",
    "to cancel, nothing stored, attempt refused":
      "Subsanacion= RechazoPrevio=S SinRegistroPrevio=S",
  });
});

describe("after verdicts", () => {
  test("[RES10] refused, corrected, refused again; accepted, flagged, its correction refused", async () => {
    const first = await after(sale, refused);
    expect(first).toBe("B1-1-000001 S X");
    expect(await after(sale, refused, refused)).toBe("B1-1-000001 S X");
    expect(await after(sale, flagged)).toBe("B1-1-000001 S ");
    expect(await after(sale, flagged, refused)).toBe("B1-1-000001 S S");
    expect(await after(sale, flagged, refused, refused)).toBe("B1-1-000001 S S");
    expect(await after(sale, refused, flagged)).toBe("B1-1-000001 S ");
  });

  test("[RES10] a cancellation refused is cancelled again as what it was", async () => {
    const { documents } = await sealInSpain([sale]);
    const [document] = documents;
    const plain = cancellationOf(document!);
    const without = cancellationOf(document!, { held: "refused", earlier: "none" });
    expect(await cancelled([sale, plain!], refused)).toBe("B1-1-000001  S");
    expect(await cancelled([sale, without!], refused)).toBe("B1-1-000001 S S");
  });

  test("[RES10] a correction keeps the invoice's number and date, and is the chain's new head", async () => {
    const run = await sealInSpain([sale, sale]);
    const request = correctionOf({ document: run.documents[0]!, verdict: refused, fix });
    const nextDay = run.head.sealedAtMs + 86_400_000;
    const { documents } = await sealInSpain([request!, sale], { head: run.head, fromMs: nextDay });
    const [correction, next] = documents;
    const root = readXml(correction!.text);
    expect(textOf(root, "IDFactura", "NumSerieFactura")).toBe("B1-1-000001");
    expect(textOf(root, "IDFactura", "FechaExpedicionFactura")).toBe("22-11-2026");
    expect(textOf(root, "FechaHoraHusoGenRegistro")).toContain("2026-11-23T");
    const link = textOf(root, "Encadenamiento", "RegistroAnterior", "Huella");
    expect(link).toBe(run.documents[1]!.hash);
    expect(next!.previous).toBe(correction!.hash);
    expect(next!.number).toBe("B1-1-000003");
  });

  test("[RES10] nothing is made of what is right, of what needs contents that nobody gave, or of an event", async () => {
    const { documents } = await sealInSpain([sale]);
    const [document] = documents;
    expect(
      correctionOf({ document: document!, verdict: { type: "accepted" }, fix }),
    ).toBeUndefined();
    expect(correctionOf({ document: document!, verdict: refused, fix: undefined })).toBeUndefined();
    const signed = await sealInSpain([], signingShop());
    expect(correctionOf({ document: signed.documents[0]!, verdict: refused, fix })).toBeUndefined();
    expect(cancellationOf(signed.documents[0]!)).toBeUndefined();
  });
});

/** Number and flags of the correction that follows these verdicts on a receipt and on its corrections. */
async function after(receipt: typeof sale, ...verdicts: readonly Verdict[]): Promise<string> {
  const requests: DocumentRequest[] = [{ kind: "sale", receipt }];
  for (const verdict of verdicts) {
    const { documents } = await sealInSpain(requests);
    const request = correctionOf({ document: documents.at(-1)!, verdict, fix });
    requests.push(request!);
  }
  const { documents } = await sealInSpain(requests);
  const root = readXml(documents.at(-1)!.text);
  const number = textOf(root, "IDFactura", "NumSerieFactura");
  return `${number} ${textOf(root, "Subsanacion")} ${textOf(root, "RechazoPrevio")}`;
}

async function cancelled(
  requests: Parameters<typeof sealInSpain>[0],
  verdict: Verdict,
): Promise<string> {
  const first = await sealInSpain(requests);
  const again = correctionOf({ document: first.documents.at(-1)!, verdict, fix: undefined });
  const { documents } = await sealInSpain([...requests, again!]);
  const root = readXml(documents.at(-1)!.text);
  const number = textOf(root, "IDFactura", "NumSerieFacturaAnulada");
  return `${number} ${textOf(root, "SinRegistroPrevio")} ${textOf(root, "RechazoPrevio")}`;
}
