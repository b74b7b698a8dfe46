/**
 * Every bound of the relay, with its default. SPEC.md (SV). Nothing here is unlimited.
 *
 * @module
 */

export interface Limits {
  /** Connections in all, also those that have not said who they are. */
  readonly connectionsMax: number;
  readonly connectionsPerAddressMax: number;
  readonly connectionsPerOrganisationMax: number;
  /** From a connection to `welcome`. */
  readonly handshakeMaxMs: number;
  /** Of all together; so many at once. */
  readonly handshakesPerSecond: number;
  readonly handshakesPerAddressPerSecond: number;
  /** Of one connection, on average; ten times as many at once. */
  readonly framesPerSecond: number;
  /** Of one connection: beyond it, credit comes later. */
  readonly publishBytesPerSecond: number;
  /** What one connection may have sent before the relay answered. */
  readonly windowBytes: number;
  readonly subscriptionsMax: number;
  /** Of envelopes on their way in, on all connections together. */
  readonly assemblingMaxBytes: number;
  /** Of answers that a connection has not taken. */
  readonly outputMaxBytes: number;
  readonly pingMs: number;
  /** Nothing heard for so long: closed. */
  readonly silenceMaxMs: number;
  readonly drainMaxMs: number;
}

export interface Quotas {
  readonly organisationBytes: number;
  readonly deviceBytes: number;
  readonly organisationLogs: number;
}

export const defaultLimits: Limits = {
  connectionsMax: 10_000,
  connectionsPerAddressMax: 1_000,
  connectionsPerOrganisationMax: 2_000,
  handshakeMaxMs: 5_000,
  handshakesPerSecond: 200,
  handshakesPerAddressPerSecond: 50,
  framesPerSecond: 10_000,
  publishBytesPerSecond: 33_554_432,
  windowBytes: 262_144,
  subscriptionsMax: 4_096,
  assemblingMaxBytes: 268_435_456,
  outputMaxBytes: 2_097_152,
  pingMs: 20_000,
  silenceMaxMs: 60_000,
  drainMaxMs: 10_000,
};

export const defaultQuotas: Quotas = {
  organisationBytes: 21_474_836_480,
  deviceBytes: 5_368_709_120,
  organisationLogs: 8_192,
};
