/**
 * JSON Schema that the compiler can read: one value is the check, the type and the documentation.
 *
 * A schema is plain JSON Schema 2020-12 with a phantom type; `TypeOf` reads it back. Objects
 * refuse members they do not name, so that a misspelt field is a fault and not silence.
 *
 * @module
 */

export interface Schema<T = unknown> {
  readonly [keyword: string]: unknown;
  readonly [phantom]?: T;
}

export type TypeOf<S> = S extends Schema<infer T> ? T : never;

declare const phantom: unique symbol;

type Members = Readonly<Record<string, Schema>>;
type Required<Named extends Members> = { readonly [K in keyof Named]: TypeOf<Named[K]> };
type Optional<Named extends Members> = { readonly [K in keyof Named]?: TypeOf<Named[K]> };

export function object<const R extends Members>(required: R): Schema<Required<R>>;
export function object<const R extends Members, const O extends Members>(
  required: R,
  optional: O,
): Schema<Required<R> & Optional<O>>;
export function object(required: Members, optional: Members = {}): Schema {
  return {
    type: "object",
    properties: { ...required, ...optional },
    required: Object.keys(required),
    additionalProperties: false,
  };
}

/** Some members are named; others may be there. */
export function open<T>(schema: Schema<T>): Schema<T> {
  return { ...schema, additionalProperties: true };
}

/** Of these optional members exactly one is there. */
export function exactlyOne<T>(schema: Schema<T>, members: readonly string[]): Schema<T> {
  return { ...schema, oneOf: members.map((member) => ({ required: [member] })) };
}

export function array<T>(items: Schema<T>, limits: ArrayLimits = {}): Schema<readonly T[]> {
  return { type: "array", items, ...limits };
}

export interface ArrayLimits {
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** Members that are not named beforehand: keys by id. */
export function record<T>(values: Schema<T>): Schema<Readonly<Record<string, T>>> {
  return { type: "object", additionalProperties: values };
}

/** One line of text for people: no control characters, no half of a surrogate pair. */
export function line(maxLength: number, minLength = 1): Schema<string> {
  return {
    type: "string",
    minLength,
    maxLength,
    pattern: "^[^\\u0000-\\u001f\\u007f\\u2028\\u2029\\ud800-\\udfff]*$",
  };
}

export function text(keywords: Readonly<Record<string, unknown>> = {}): Schema<string> {
  return { type: "string", ...keywords };
}

export function literal<const T extends readonly string[]>(...values: T): Schema<T[number]> {
  return { type: "string", enum: values };
}

export function integer(minimum: number, maximum: number): Schema<number> {
  return { type: "integer", minimum, maximum };
}

export function bool(): Schema<boolean> {
  return { type: "boolean" };
}

/** Said where it is so, and left out where it is not. */
export function onlyTrue(): Schema<true> {
  return { type: "boolean", enum: [true] };
}

export function nullable<T>(schema: Schema<T>): Schema<T | null> {
  return { anyOf: [schema, { type: "null" }] };
}

/** Any JSON; for what is passed on as it is. */
export function anything(): Schema {
  return {};
}

export function described<T>(schema: Schema<T>, description: string): Schema<T> {
  return { ...schema, description };
}

/** A schema that OpenAPI documents under `#/components/schemas/<name>`. */
export function named<T>(name: string, schema: Schema<T>): Schema<T> {
  return { ...schema, title: name };
}
