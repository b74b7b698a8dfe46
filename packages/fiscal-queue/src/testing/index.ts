/**
 * testing.
 *
 * @module
 */

export {};
