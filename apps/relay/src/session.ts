/**
 * One connection, and what all of them share. SPEC.md (SV).
 *
 * @module
 */

import type { Socket } from "node:net";
import type { Clock, Crypto, Signer } from "@tillmesh/kernel";
import type { VerifiedDevice } from "@tillmesh/sync-engine/identity";
import {
  byeCodes,
  encodeRelayFrame,
  refusalCodes,
  refusedWhat,
  type Entitled,
  type RelayFrame,
} from "@tillmesh/sync-engine/relay-protocol";
import type { WebSocket } from "ws";
import type { Delivering } from "./delivering.ts";
import type { MayAccess } from "./entitlements.ts";
import type { Log } from "./logger.ts";
import type { LogFeeds } from "./log-feeds.ts";
import type { LogStore } from "./log-store.ts";
import type { Publishing } from "./publishing.ts";
import type { QuotaKeeper } from "./quotas.ts";
import type { RelayMetrics } from "./relay-metrics.ts";
import type { Limits } from "./settings.ts";
import type { TokenBucket } from "./token-bucket.ts";
import type { TrustedCas } from "./trust.ts";

export interface RelayContext {
  readonly store: LogStore;
  readonly trusted: TrustedCas;
  readonly signer: Signer;
  readonly crypto: Crypto;
  /** Judges certificates, and nothing else. */
  readonly clock: Clock;
  /** Never goes back and never jumps. */
  readonly nowMs: () => number;
  readonly log: Log;
  readonly limits: Limits;
  readonly metrics: RelayMetrics;
  readonly quotas: QuotaKeeper;
  readonly feeds: LogFeeds;
  readonly entitlements: (device: Entitled) => MayAccess;
  readonly sessions: Set<Session>;
  /** Open ones by organisation and device: one each. */
  readonly devices: Map<string, Map<string, Session>>;
  /** Bytes of envelopes on their way in, on all connections. */
  assemblingBytes: number;
  isDraining: boolean;
}

export interface Session {
  readonly relay: RelayContext;
  readonly socket: WebSocket;
  /** Below the WebSocket: to send what belongs together in one go. */
  readonly raw: Socket;
  readonly address: string;
  readonly startedMs: number;
  readonly frames: TokenBucket;
  heardMs: number;
  stage: Stage;
  isCorked: boolean;
}

export type Stage =
  | { readonly name: "hello" }
  | {
      readonly name: "proof";
      readonly hello: Uint8Array;
      readonly challenge: Uint8Array;
      readonly organisation: string;
      readonly certificates: readonly Uint8Array[];
    }
  /** The store is asked whether the device is revoked. */
  | { readonly name: "judging"; readonly device: VerifiedDevice }
  | Open
  | { readonly name: "ended" };

export interface Open {
  readonly name: "open";
  readonly device: VerifiedDevice;
  readonly may: MayAccess;
  /** From the first envelope on: most connections are idle, and should cost little. */
  publishing: Publishing | undefined;
  /** From the first subscription or credit on. */
  delivering: Delivering | undefined;
}

/** Sends a frame; what is sent in one turn goes together. */
export function send(session: Session, frame: RelayFrame): void {
  sendBytes(session, encodeRelayFrame(frame));
}

export function sendBytes(session: Session, bytes: Uint8Array): void {
  const { relay, socket, raw, stage } = session;
  if (stage.name === "ended" || socket.readyState !== socket.OPEN) return;
  if (!session.isCorked) {
    session.isCorked = true;
    raw.cork();
    setImmediate(uncork, session);
  }
  relay.metrics.framesOut.add();
  relay.metrics.bytesOut.add(bytes.length);
  socket.send(bytes);
  if (socket.bufferedAmount > relay.limits.outputMaxBytes) end(session, "tooSlow");
}

function uncork(session: Session): void {
  session.isCorked = false;
  session.raw.uncork();
}

export function refuse(
  session: Session,
  what: keyof typeof refusedWhat,
  { number, code }: { readonly number: number; readonly code: keyof typeof refusalCodes },
): void {
  session.relay.metrics.refused(what, code).add();
  send(session, {
    type: "refused",
    number,
    what: refusedWhat[what],
    code: refusalCodes[code].code,
  });
}

export type ByeReason = keyof typeof byeCodes;

/** Says why, and closes. A peer that does not close its side within a moment is cut off. */
export function end(
  session: Session,
  reason: ByeReason,
  statement: Uint8Array = new Uint8Array(),
): void {
  const { relay, socket, stage } = session;
  if (stage.name === "ended") return;
  const code = byeCodes[reason];
  const isSlow = socket.bufferedAmount > relay.limits.outputMaxBytes;
  session.stage = { name: "ended" };
  leave(session, stage);
  relay.metrics.bye(reason).add();
  relay.log("info", "bye", { reason, address: session.address, ...who(stage) });
  if (isSlow || socket.readyState !== socket.OPEN) {
    socket.terminate();
    return;
  }
  socket.send(encodeRelayFrame({ type: "bye", code, statement }));
  socket.close(4_400 + code);
  setTimeout(() => socket.terminate(), closeMaxMs).unref();
}

const closeMaxMs = 2_000;

/** The connection is gone, for whatever reason. */
export function forget(session: Session): void {
  const { stage } = session;
  session.stage = { name: "ended" };
  session.relay.sessions.delete(session);
  leave(session, stage);
}

export function who(stage: Stage): { readonly organisation?: string; readonly device?: string } {
  if (stage.name !== "open" && stage.name !== "judging") return {};
  const { organisationId, deviceId } = stage.device;
  return { organisation: organisationId, device: deviceId };
}

/** Lets go of all that the connection held. */
function leave(session: Session, stage: Stage): void {
  if (stage.name !== "open") return;
  const { devices } = session.relay;
  const { organisationId, deviceId } = stage.device;
  const ofOrganisation = devices.get(organisationId);
  if (ofOrganisation?.get(deviceId) === session) ofOrganisation.delete(deviceId);
  if (ofOrganisation?.size === 0) devices.delete(organisationId);
  stage.publishing?.stop();
  stage.delivering?.stop();
}
