/**
 * The contract suite of backends, and what tests and measurements of relays need.
 *
 * @module
 */

export type { LogStoreTrial, Matchers, Runner } from "./log-store-scene.ts";
export { logStoreSuite } from "./log-store-suite.ts";
export {
  connect,
  dial,
  helloOf,
  nextEnvelope,
  publish,
  read,
  say,
  shakeHands,
  startChain,
  store,
  type Chain,
  type Closing,
  type FrameOfType,
  type Reading,
  type RelayClient,
} from "./relay-client.ts";
export { sampleChannel, sampleEnvelope, type SampleEnvelope } from "./sample-envelope.ts";
export {
  sampleOrganisation,
  type OrganisationDevice,
  type SampleDevice,
  type SampleOrganisation,
} from "./sample-organisation.ts";
export { startTestRelay, type TestRelay, type TestRelayOptions } from "./test-relay.ts";
