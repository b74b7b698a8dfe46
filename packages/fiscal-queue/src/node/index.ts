/**
 * Keys, hashes, timers and HTTP by Node.
 *
 * @module
 */

export { createFiscalCrypto } from "./fiscal-crypto.ts";
export { createHttpTransport, type HttpTransportOptions } from "./http-transport.ts";
export { createSoftwareSigner } from "./software-signer.ts";
export { createSpanishTestKey, type SpanishTestKey } from "./spanish-keys.ts";
export { createSystemTimer } from "./system-timer.ts";
export {
  createZatcaCsr,
  createZatcaKey,
  createZatcaTestKey,
  type ZatcaKeyPair,
} from "./zatca-keys.ts";
