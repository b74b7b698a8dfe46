/**
 * Sealing in tests, contract suites, and authorities that misbehave on purpose.
 *
 * @module
 */

export type { AuthorityBooks, AuthorityRecord, KeptRecord, RecordFate } from "./authority-books.ts";
export { createFakeAeat, type FakeAeat } from "./fake-aeat.ts";
export { isAeatSchemaAbsent, schemaFaults as aeatSchemaFaults } from "./fake-aeat-schema.ts";
export { createFakeZatca, type FakeZatca } from "./fake-zatca.ts";
export { zatcaTestOtp, type IssuedCredentials } from "./fake-zatca-onboarding.ts";
export type { ZatcaRecord } from "./fake-zatca-reading.ts";
export type { AeatRecord } from "./fake-aeat-reading.ts";
export { serveAuthority, type AuthorityServer } from "./authority-server.ts";
export {
  createMemoryOutbox,
  type MemoryOutbox,
  type MemoryOutboxOptions,
} from "./memory-outbox.ts";
export {
  createScriptedAuthority,
  type AnswerContext,
  type AuthorityAnswer,
  type AuthorityProtocol,
  type AuthorityReading,
  type Behaviour,
  type Handled,
  type ScriptedAuthority,
} from "./scripted-authority.ts";
export {
  createDeliverer,
  type Deliverer,
  type DelivererOptions,
  type RunEnd,
  type RunOptions,
  type WorldClock,
} from "./delivery-world.ts";
export { outboxContract, type OutboxContract, type OutboxScene } from "./outbox-contract.ts";
export { plainReceipt } from "./receipts.ts";
export { isSaftSchemaAbsent, saftFaults } from "./saft-schema.ts";
export { rksvCertificate } from "./rksv-certificate.ts";
export {
  createScriptedDevice,
  type DeviceBehaviour,
  type ScriptedDevice,
} from "./scripted-device.ts";
export { tinyAuthority, type TinyDeliveryOptions } from "./tiny-delivery.ts";
export { createTinyRegime, tinyConfig, type TinyOptions } from "./tiny-regime.ts";
export {
  hastyTimer,
  neverTimer,
  requestOf,
  sealAll,
  type SealAllOptions,
  type SealedRun,
} from "./seal-all.ts";
