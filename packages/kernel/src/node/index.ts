/**
 * Node's cryptography and clock behind the kernel's ports.
 *
 * @module
 */

export { nodeCrypto, nodeSigner } from "./node-crypto.ts";
export { systemClock } from "./system-clock.ts";
