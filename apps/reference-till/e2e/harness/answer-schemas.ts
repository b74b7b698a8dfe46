/**
 * Holds every answer to the service's own description of it.
 *
 * @module
 */

import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import type { Answer } from "./api.ts";

export interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Operation {
  readonly responses: Readonly<Record<string, Response>>;
}

interface Response {
  readonly content?: Readonly<Record<string, unknown>>;
}

export interface AnswerSchemas {
  /** Remembers whether it fits. */
  check(answer: Answer): void;
  /** What did not fit: one sentence each. */
  readonly faults: readonly string[];
  /** The documented calls that were answered well at least once: `GET /sales/{id}`. */
  readonly answered: ReadonlySet<string>;
  /** All documented calls. */
  readonly calls: readonly string[];
}

export function createAnswerSchemas(document: OpenApi): AnswerSchemas {
  const validatorOf = createValidators(document);
  const calls = callsOf(document);
  const faults: string[] = [];
  const answered = new Set<string>();
  const check = (answer: Answer) => {
    const call = calls.find(
      ({ method, pattern }) => method === answer.method && pattern.test(answer.path),
    );
    if (call === undefined) return;
    if (answer.status < 300) answered.add(call.name);
    const fault = faultOf(answer, call, validatorOf);
    if (fault !== undefined) faults.push(`${call.name}: ${answer.status} ${fault}`);
  };
  return { check, faults, answered, calls: calls.map(({ name }) => name) };
}

interface Call {
  /** `GET /sales/{id}` */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly pattern: RegExp;
  readonly operation: Operation;
}

/** Paths without parameters first: `/stock/movements` is not the stock of "movements". */
function callsOf({ paths }: OpenApi): readonly Call[] {
  const parameters = ({ path }: Call) => path.split("{").length;
  return Object.entries(paths)
    .flatMap(([path, operations]) =>
      Object.entries(operations).map(([name, operation]): Call => {
        const method = name.toUpperCase();
        return { name: `${method} ${path}`, method, path, pattern: patternOf(path), operation };
      }),
    )
    .toSorted((a, b) => parameters(a) - parameters(b));
}

function faultOf(
  { status, headers, body }: Answer,
  { path, method, operation }: Call,
  validatorOf: (pointer: string) => ValidateFunction,
): string | undefined {
  const response = operation.responses[String(status)];
  if (response === undefined) return "is not documented";
  if (response.content === undefined) return body === undefined ? undefined : "has a body";
  const [media = ""] = (headers["content-type"] ?? "").split(";");
  if (response.content[media] === undefined) return `as "${media}" is not documented`;
  const place = ["responses", String(status), "content", media, "schema"];
  const steps = ["paths", path, method.toLowerCase(), ...place];
  const validate = validatorOf(steps.map((step) => `/${escaped(step)}`).join(""));
  return validate(body) ? undefined : JSON.stringify(validate.errors).slice(0, 1000);
}

/** Compiled once per pointer into the document. */
function createValidators(document: OpenApi): (pointer: string) => ValidateFunction {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema(document, "api");
  const known = new Map<string, ValidateFunction>();
  return (pointer) => {
    const validate = known.get(pointer) ?? ajv.compile({ $ref: `api#${pointer}` });
    known.set(pointer, validate);
    return validate;
  };
}

/** As a pointer within a URI fragment: slashes and tildes for the pointer, braces for the URI. */
function escaped(step: string): string {
  return encodeURIComponent(step.replaceAll("~", "~0").replaceAll("/", "~1"));
}

function patternOf(path: string): RegExp {
  const text = path.replaceAll(".", "[.]").replaceAll(/\{\w+\}/g, "[^/?]+");
  return new RegExp(`^/api/v1${text}(?:[?]|$)`);
}
