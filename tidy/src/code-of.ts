/**
 * A TypeScript text without its comments and without what stands in strings and regular expressions.
 *
 * @module
 */

/** Only what is computed with is left; each literal becomes `""`. */
export function codeOf(text: string): string {
  const reading: Reading = { rest: text, code: "", templates: [] };
  while (reading.rest !== "") step(reading);
  return reading.code;
}

interface Reading {
  rest: string;
  code: string;
  /** Each open template literal, as the number of braces that are open within its `${`. */
  readonly templates: number[];
}

const comment = /^(?:\/\/[^\n]*|\/\*[^]*?\*\/)/;
const string = /^(?:"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')/;
const regularExpression = /^\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/;
const templatePart = /^(?:\\[^]|\$(?!\{)|[^\\`$])*(?:`|\$\{)?/;
const operator = /(?:^|[(,=:[!&|?{};+\-*%<>~^\n]|\breturn|\btypeof|\bcase)\s*$/;

function step(reading: Reading): void {
  const { templates } = reading;
  if (take(reading, comment) !== "") return;
  if (take(reading, string) !== "") reading.code += '""';
  else if (take(reading, /^`/) !== "") readTemplate(reading);
  else if (templates.at(-1) === 0 && take(reading, /^\}/) !== "") {
    templates.pop();
    readTemplate(reading);
  } else if (isAfterOperator(reading) && take(reading, regularExpression) !== "") {
    reading.code += '""';
  } else readCode(reading);
}

function readTemplate(reading: Reading): void {
  const isOpen = take(reading, templatePart).endsWith("${");
  reading.code += isOpen ? '"" + ' : '""';
  if (isOpen) reading.templates.push(0);
}

function readCode(reading: Reading): void {
  const next = take(reading, /^(?:[\w$]+|\s+|[^])/);
  const depth = reading.templates.pop();
  if (depth !== undefined) reading.templates.push(depth + braces(next));
  reading.code += next;
}

function take(reading: Reading, pattern: RegExp): string {
  const [found = ""] = pattern.exec(reading.rest) ?? [];
  reading.rest = reading.rest.slice(found.length);
  return found;
}

// After a value a slash divides; after anything else a regular expression begins.
function isAfterOperator({ code }: Reading): boolean {
  return operator.test(code.slice(-40));
}

function braces(text: string): number {
  return Number(text === "{") - Number(text === "}");
}
