/**
 * How much a peer, and a stranger, may cost. SPEC.md §7 (FD).
 *
 * An honest peer never comes near; tests pass smaller or larger ones.
 *
 * @module
 */

export interface LanLimits {
  /** Connections at once: in all, and from one address. */
  readonly connectionsMax: number;
  readonly connectionsPerAddressMax: number;
  /** New connections, each of which costs a handshake: in all, and from one address. */
  readonly handshakes: Rate;
  readonly handshakesPerAddress: Rate;
  /** What a peer sends unasked, on one connection: an answer to a question counts for nothing. */
  readonly frames: Rate;
  readonly bytes: Rate;
  /** How long a peer that broke the rules is kept out. */
  readonly keptOutMs: number;
  /** How often each end of a link is heard of at least, and after what silence the other end takes it for dead. */
  readonly heartbeatMs: number;
  readonly silentMs: number;
}

/** So many at once, and so many a second for ever. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/**
 * A shop has some twenty devices, each with two connections to each other. A till that catches up asks for a
 * few hundred pieces a second; live sales make forty frames a second at most, because they are gathered.
 */
export const defaultLanLimits: LanLimits = {
  connectionsMax: 256,
  connectionsPerAddressMax: 96,
  handshakes: { burst: 400, perSecond: 40 },
  handshakesPerAddress: { burst: 120, perSecond: 6 },
  frames: { burst: 4_000, perSecond: 500 },
  bytes: { burst: 67_108_864, perSecond: 8_388_608 },
  keptOutMs: 60_000,
  heartbeatMs: 20_000,
  silentMs: 50_000,
};
