/**
 * Comma-separated values by RFC 4180: quotes, doubled quotes, line breaks within quotes.
 *
 * @module
 */

import { err, ok, type Result } from "@tillmesh/kernel";

export interface CsvRow {
  /** Where the row starts in the file, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

/** Empty lines are left out; a byte order mark and either kind of line end are taken. */
export function parseCsv(text: string): Result<readonly CsvRow[], CsvError> {
  const state: State = { rows: [], fields: [], line: 1, startLine: 1 };
  let at: number | undefined = text.startsWith("\uFEFF") ? 1 : 0;
  while (at !== undefined && at < text.length) {
    const field = text[at] === '"' ? quoted(text, at, state) : plain(text, at);
    if (field === undefined) return err({ type: "QuoteOpen", line: state.startLine });
    state.fields.push(field.value);
    at = afterField(text, field.end, state);
  }
  if (at === undefined) return err({ type: "QuoteStray", line: state.line });
  if (state.fields.length > 0) pushRow(state);
  return ok(state.rows);
}

export type CsvError =
  | { readonly type: "QuoteOpen"; readonly line: number }
  | { readonly type: "QuoteStray"; readonly line: number };

interface State {
  readonly rows: CsvRow[];
  fields: string[];
  line: number;
  startLine: number;
}

interface Field {
  readonly value: string;
  readonly end: number;
}

function plain(text: string, start: number): Field {
  let end = start;
  while (end < text.length && !",\r\n".includes(text.charAt(end))) end += 1;
  return { value: text.slice(start, end).trim(), end };
}

function quoted(text: string, start: number, state: State): Field | undefined {
  let value = "";
  let at = start + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote === -1) return undefined;
    value += text.slice(at, quote);
    state.line += text.slice(at, quote).split("\n").length - 1;
    if (text[quote + 1] !== '"') return { value, end: quote + 1 };
    value += '"';
    at = quote + 2;
  }
}

/** Where the next field starts; undefined when text follows a closing quote. */
function afterField(text: string, end: number, state: State): number | undefined {
  const separator = text[end];
  if (separator === undefined) return end;
  if (separator === "\n" || separator === "\r") return endRow(text, end, state);
  if (separator !== ",") return undefined;
  if (end + 1 === text.length) state.fields.push("");
  return end + 1;
}

function endRow(text: string, at: number, state: State): number {
  pushRow(state);
  state.line += 1;
  state.startLine = state.line;
  return text.startsWith("\r\n", at) ? at + 2 : at + 1;
}

function pushRow(state: State): void {
  const isEmpty = state.fields.length === 1 && state.fields[0] === "";
  if (!isEmpty) state.rows.push({ line: state.startLine, fields: state.fields });
  state.fields = [];
}
