/**
 * The state of one conversation, and its way onto the socket. SPEC.md §7 (EL).
 *
 * @module
 */

import type { WebSocket } from "ws";
import type { Result } from "@tillmesh/kernel";
import type { CoreState } from "../replica/core-state.ts";
import type { TrustedDevice } from "../replica/ports.ts";
import type { Summary } from "../replica/summary.ts";
import type { FrameMeter } from "./allowance.ts";
import type { Offer } from "./digest.ts";
import type { ExchangeLink } from "./exchange-link.ts";
import { frameMaxSizeBytes, type ExchangeMessage } from "./exchange-message.ts";
import type { PartTransfer, TextCache } from "./part-transfer.ts";
import type { Judged, RefusedChannel } from "./secure-channel.ts";
import type { Told } from "./told.ts";

export interface LinkOptions {
  readonly state: CoreState;
  readonly socket: WebSocket;
  readonly isDialled: boolean;
  readonly nowMs: () => number;
  readonly meter: FrameMeter;
  /** The device that a chain of certificates stands for, on this very channel. */
  readonly judge: (certificates: readonly string[]) => Result<Judged, RefusedChannel>;
  /** It is known who the peer is: keep the link or not. */
  readonly onHello: (link: ExchangeLink) => boolean;
  /** Everything the peer has said so far that it holds. */
  readonly onSummary: (link: ExchangeLink, summary: Summary) => void;
  readonly onRefused: (link: ExchangeLink, reason: string) => void;
}

/** Mutable: owned by one link. */
export interface Talk {
  readonly options: LinkOptions;
  /** What the peer names when it opens the live sync that belongs to this link. */
  readonly id: string;
  /** Set by its hello. */
  peer: TrustedDevice | undefined;
  /** When its certificates expire. */
  untilMs: number;
  /** This link's id at the other end. */
  peerLink: string | undefined;
  readonly doubts: Set<string>;
  lastExchangeAtMs: number | undefined;
  readonly transfer: PartTransfer;
  readonly cache: TextCache;
  /** Documents asked for, and when. */
  readonly asked: Map<string, number>;
  /** What this end's digest stood for, until the other end's is here. */
  offered: Offer | undefined;
  /** Both digests are known: from here on only news is told. */
  isAgreed: boolean;
  readonly devicesTold: Set<string>;
  readonly told: Told;
  /** Of what lies at the relay and at HQ. */
  readonly reachedTold: Map<string, string>;
  readonly heard: Told;
}

/** A peer that does not read is let go before it costs memory. */
export function send({ options }: Talk, message: ExchangeMessage): void {
  const { socket, meter } = options;
  if (socket.readyState !== socket.OPEN) return;
  if (message.type.startsWith("want")) meter.expect(frameMaxSizeBytes);
  if (socket.bufferedAmount > bufferedMaxSizeBytes) socket.terminate();
  else socket.send(JSON.stringify(message));
}

const bufferedMaxSizeBytes = 16 * frameMaxSizeBytes;
