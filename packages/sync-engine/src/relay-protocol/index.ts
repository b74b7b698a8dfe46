/**
 * The relay protocol, for devices and for relays: bytes, signatures, envelopes, pacing.
 *
 * @module
 */

export {
  bundleMaxSizeBytes,
  decodeBundle,
  encodeBundle,
  type Bundle,
  type BundleError,
  type BundlePorts,
  type Effort,
  type SeenPosition,
} from "./bundle.ts";
export {
  bundleTextsMax,
  type BundleItem,
  type BundleItemError,
  type HeldSummary,
  type Wanted,
} from "./bundle-item.ts";
export type { Compression, InflateOptions } from "./compression.ts";
export {
  channelId,
  mayAccess,
  type Access,
  type ChannelId,
  type ChannelName,
  type Entitled,
} from "./channel.ts";
export {
  envelopeVersion,
  openEnvelope,
  readEnvelope,
  sealEnvelope,
  type Envelope,
  type EnvelopeHeader,
  type OpenEnvelopeError,
  type OpenOptions,
  type SealOptions,
} from "./envelope.ts";
export {
  byeCodes,
  decodeClientFrame,
  decodeRelayFrame,
  encodeClientFrame,
  encodeRelayFrame,
  envelopeMaxSizeBytes,
  fragmentMaxSizeBytes,
  frameMaxSizeBytes,
  helloVersion,
  lanes,
  refusalCodes,
  refusedWhat,
  relayProtocolVersion,
  statementMaxSizeBytes,
  storedItemsMax,
  channelsMax,
  windowSizeBytes,
  type ClientFrame,
  type ClientFrames,
  type Fragment,
  type FrameOf,
  type HelloFrame,
  type Lane,
  type LogPosition,
  type RelayFrame,
  type RelayFrames,
  type StoredItem,
} from "./frame.ts";
export { proofBytes, storedBytes, welcomeBytes, type FirstFrames } from "./handshake.ts";
export {
  createReceiving,
  creditMinBytes,
  nextCredit,
  receiveFragment,
  release,
  type ReceiveError,
  type Receiving,
} from "./receiving.ts";
export {
  createSending,
  defaultSendingLimits,
  enqueue,
  grant,
  nextFragment,
  underWayBytes,
  waitingBytes,
  type GrantOptions,
  type NextFragment,
  type Outgoing,
  type Sending,
  type SendingLimits,
} from "./sending.ts";
export {
  isStatementSignedBy,
  readStatement,
  signStatement,
  type ReleaseStatement,
  type RevocationStatement,
  type SignedStatement,
  type StatementBody,
} from "./statement.ts";
export type { MalformedError } from "./wire.ts";
