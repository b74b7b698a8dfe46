/**
 * Types that look alike at run time and must not be mixed up.
 *
 * @module
 */

declare const brand: unique symbol;

/** `T` under a name of its own; made by the one function that checks it, or by an assertion at an edge. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
