/**
 * node.
 *
 * @module
 */

export {};
