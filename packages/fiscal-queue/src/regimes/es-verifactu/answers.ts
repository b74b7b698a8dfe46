/**
 * What the authority's answers mean. SPEC.md §10 (RES).
 *
 * @module
 */

import type {
  DeliveryGroup,
  Interpreted,
  LookupAnswer,
  Throttle,
  Verdict,
  Warning,
} from "../../delivery.ts";
import type { SealedDocument } from "../../document.ts";
import type { WireAnswer } from "../../ports.ts";
import { parseTime } from "./parse-time.ts";
import { childrenOf, findDeep, readXml, textOf } from "./read-xml.ts";
import { linkOf } from "./soap.ts";
import type { XmlElement } from "./xml.ts";

export interface AnswerInput {
  readonly nowMs: number;
  readonly throttle: Throttle;
}

export function interpretAnswer(
  group: DeliveryGroup,
  answer: WireAnswer,
  { nowMs, throttle }: AnswerInput,
): Interpreted {
  const all = (verdict: Verdict): readonly Verdict[] => group.documents.map(() => verdict);
  if (answer.type === "unsent") {
    const { reason } = answer;
    return { verdicts: all({ type: "retry", reason, mayBeDuplicate: false }), throttle };
  }
  const body = answer.type === "answer" ? readXml(answer.body) : undefined;
  const reply =
    body === undefined ? undefined : findDeep(body, "RespuestaRegFactuSistemaFacturacion");
  const waited = waitAfter(throttle, nowMs, reply);
  if (reply === undefined) return { verdicts: all(withoutReply(answer, body)), throttle: waited };
  const authorityMs = parseTime(textOf(reply, "DatosPresentacion", "TimestampPresentacion"));
  return {
    verdicts: lineVerdicts(group, reply),
    throttle: waited,
    ...(authorityMs === undefined ? {} : { authorityMs }),
  };
}

/** What the query service says of a document's invoice: the hash of the record it holds. */
export function interpretLookup(document: SealedDocument, answer: WireAnswer): LookupAnswer {
  if (answer.type !== "answer") return { type: "unknown", reason: answer.reason };
  const body = readXml(answer.body);
  const reply =
    body === undefined ? undefined : findDeep(body, "RespuestaConsultaFactuSistemaFacturacion");
  if (reply === undefined) return { type: "unknown", reason: faultOf(body) ?? "unreadable answer" };
  const { number, date } = linkOf(document);
  const record = childrenOf(reply, "RegistroRespuestaConsultaFactuSistemaFacturacion").find(
    (line) => invoiceOf(line) === `${date} ${number}`,
  );
  if (record === undefined) return absentOrUnknown(reply);
  const hash = textOf(record, "DatosRegistroFacturacion", "Huella");
  const receiptId = textOf(record, "DatosPresentacion", "IdPeticion");
  if (hash === "") return { type: "unknown", reason: "the record found has no hash" };
  return { type: "found", hash, ...(receiptId === "" ? {} : { receiptId }) };
}

/** Nothing goes out before the wait that the last answer asked for, counted from its arrival. */
function waitAfter(throttle: Throttle, nowMs: number, reply: XmlElement | undefined): Throttle {
  const seconds = textOf(reply, "TiempoEsperaEnvio");
  const waitMs = /^\d{1,4}$/.test(seconds) ? Number(seconds) * 1000 : throttle.waitMs;
  return { notBeforeMs: nowMs + waitMs, waitMs, lastSentMs: nowMs };
}

function withoutReply(answer: WireAnswer, body: XmlElement | undefined): Verdict {
  if (answer.type !== "answer") {
    const reason = answer.reason;
    return { type: "retry", reason, mayBeDuplicate: answer.type === "lost" };
  }
  const detail = faultOf(body);
  if (detail !== undefined && isClientFault(body)) {
    const code = /Codigo\[(\d+)\]/i.exec(detail)?.[1] ?? "client-fault";
    return { type: "fatal-config", code, detail };
  }
  if (refusals.has(answer.status)) {
    const words = "the authority does not accept this certificate";
    return { type: "fatal-config", code: String(answer.status), detail: detail ?? words };
  }
  const reason = detail ?? `unreadable answer, status ${answer.status}`;
  return { type: "retry", reason, mayBeDuplicate: true };
}

// A batch names no invoice twice, so that a line is known by its invoice.
function lineVerdicts({ documents }: DeliveryGroup, reply: XmlElement): readonly Verdict[] {
  const lines = childrenOf(reply, "RespuestaLinea");
  const byInvoice = new Map(lines.map((line) => [invoiceOf(line), line]));
  return documents.map((document) => {
    const { number, date } = linkOf(document);
    return lineVerdict(byInvoice.get(`${date} ${number}`), reply);
  });
}

function lineVerdict(line: XmlElement | undefined, reply: XmlElement): Verdict {
  const code = textOf(line, "CodigoErrorRegistro");
  const detail = textOf(line, "DescripcionErrorRegistro");
  const csv = textOf(reply, "CSV");
  const receipt = csv === "" ? {} : { receiptId: csv };
  switch (textOf(line, "EstadoRegistro")) {
    case "Correcto":
      return { type: "accepted", ...receipt };
    case "AceptadoConErrores": {
      const asksCorrection = !harmlessCodes.has(code);
      return { type: "accepted-warn", ...receipt, code, detail, asksCorrection };
    }
    case "Incorrecto":
      return refusedVerdict(line, code, detail);
    default:
      return { type: "retry", reason: "no answer for this record", mayBeDuplicate: true };
  }
}

// The answer does not tell the hash of what is there: a look-up must.
function refusedVerdict(line: XmlElement | undefined, code: string, detail: string): Verdict {
  const earlier = textOf(line, "RegistroDuplicado", "IdPeticionRegistroDuplicado");
  const state = textOf(line, "RegistroDuplicado", "EstadoRegistroDuplicado");
  if (earlier === "" && state === "" && !duplicateCodes.has(code)) {
    return { type: "rejected-fixable", code, detail };
  }
  const warning = state === "AceptadaConErrores" ? { warning: warningOf(line) } : {};
  return { type: "duplicate", ...(earlier === "" ? {} : { receiptId: earlier }), ...warning };
}

function warningOf(line: XmlElement | undefined): Warning {
  const code = textOf(line, "RegistroDuplicado", "CodigoErrorRegistro");
  const detail = textOf(line, "RegistroDuplicado", "DescripcionErrorRegistro");
  return { code, detail, asksCorrection: !harmlessCodes.has(code) };
}

function invoiceOf(line: XmlElement): string {
  const id = childrenOf(line, "IDFactura")[0];
  return `${textOf(id, "FechaExpedicionFactura")} ${textOf(id, "NumSerieFactura")}`;
}

function absentOrUnknown(reply: XmlElement): LookupAnswer {
  const isEmpty = textOf(reply, "ResultadoConsulta") === "SinDatos";
  const isWhole = textOf(reply, "IndicadorPaginacion") === "N";
  if (isEmpty || isWhole) return { type: "absent" };
  return { type: "unknown", reason: "the record may stand on a further page" };
}

function faultOf(body: XmlElement | undefined): string | undefined {
  const soapFault = body === undefined ? undefined : findDeep(body, "Fault");
  if (soapFault === undefined) return undefined;
  const text = textOf(soapFault, "faultstring");
  return text === "" ? "a fault without words" : text;
}

function isClientFault(body: XmlElement | undefined): boolean {
  const soapFault = body === undefined ? undefined : findDeep(body, "Fault");
  return /(^|:)Client$/.test(textOf(soapFault, "faultcode"));
}

/** Clock ahead, and IPSI without its key: the authority asks for nothing. */
const harmlessCodes: ReadonlySet<string> = new Set(["2004", "2009"]);
/** There already; cancelled already. */
const duplicateCodes: ReadonlySet<string> = new Set(["3000", "3001"]);
const refusals: ReadonlySet<number> = new Set([401, 403, 407]);
