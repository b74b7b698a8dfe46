/**
 * Schema checks that are compiled when they are first needed.
 *
 * Compiling them all takes a tenth of a second at the start, which is when a till should begin to sell.
 *
 * @module
 */

import { Ajv, type ValidateFunction } from "ajv";
import { schemaFaults, type SchemaFault } from "./faults.ts";
import type { Fault } from "./problem.ts";
import type { Schema } from "./schema.ts";

export type Validator = (value: unknown) => readonly Fault[];

export function createValidators(): (schema: Schema) => Validator {
  // All faults at once, and nothing of the input changed on the way.
  const ajv = new Ajv({
    allErrors: true,
    coerceTypes: false,
    removeAdditional: false,
    useDefaults: false,
    strict: true,
    strictTypes: false,
    strictRequired: false,
    validateFormats: false,
  });
  return (schema) => {
    let validate: ValidateFunction | undefined;
    return (value) => {
      validate ??= ajv.compile(schema);
      return validate(value) ? [] : schemaFaults((validate.errors ?? []) as readonly SchemaFault[]);
    };
  };
}
