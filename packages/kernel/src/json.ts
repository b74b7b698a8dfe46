/**
 * JSON as Tillmesh writes it: every number is a safe integer, by contract.
 *
 * Bodies are declared as type aliases, not interfaces: only an alias is
 * assignable to an index signature.
 *
 * @module
 */

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A member that is `undefined` is the same as one that is absent. */
export type JsonObject = { readonly [key: string]: Json | undefined };
