/**
 * Dials one address for ever: exponential back-off with jitter. SPEC.md §7 (DI).
 *
 * @module
 */

import type { TLSSocket } from "node:tls";
import { WebSocket, type ClientOptions } from "ws";
import { createBackoff } from "./backoff.ts";

export interface Dialer {
  /** The peer may be gone that was linked in another way: if it waits for that, it does not wait long now. */
  wake(): void;
  stop(): void;
}

export interface DialerOptions {
  readonly url: string;
  readonly client: ClientOptions;
  /** False while the peer at this address is linked in another way: then it looks again later. */
  readonly isNeeded: () => boolean;
  readonly onOpen: (dialled: Dialled) => void;
  /** The other end would not let this one in, and why. */
  readonly onTurnedAway: (reason: string) => void;
  /** Default: a quarter of a second, then up to fifteen; a link has lasted after ten. */
  readonly pace?: DialerPace;
}

export interface DialerPace {
  readonly baseMs: number;
  readonly maxMs: number;
  /** Longer than a peer has time to say who it is. */
  readonly lastedMs: number;
}

/** An open WebSocket, and the channel under it. */
export interface Dialled {
  readonly socket: WebSocket;
  readonly channel: TLSSocket;
}

export const dialerPace: DialerPace = { baseMs: 250, maxMs: 15_000, lastedMs: 10_000 };

export function createDialer(options: DialerOptions): Dialer {
  const { url, isNeeded, onOpen, onTurnedAway, pace = dialerPace } = options;
  const backoff = createBackoff({ ...pace, random: Math.random });
  let isStopped = false;
  let isNotNeeded = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wait = (delayMs: number): void => {
    clearTimeout(timer);
    if (!isStopped) timer = setTimeout(dial, delayMs);
  };
  const dial = (): void => {
    isNotNeeded = !isNeeded();
    if (isNotNeeded) return wait(pace.maxMs);
    let lasted: ReturnType<typeof setTimeout> | undefined;
    // Asked anew each time: HQ may have renewed this device's certificate since.
    const { client } = options;
    const socket = openSocket({ url, client, onTurnedAway }, (dialled) => {
      if (isStopped) return socket.terminate();
      lasted = setTimeout(() => backoff.reset(), pace.lastedMs);
      onOpen(dialled);
    });
    socket.on("close", () => {
      clearTimeout(lasted);
      wait(backoff.nextMs());
    });
  };
  dial();
  return {
    wake: () => {
      if (!isNotNeeded) return;
      isNotNeeded = false;
      wait(backoff.nextMs());
    },
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

/** A WebSocket whose failures are told, never thrown. */
export function openSocket(
  { url, client, onTurnedAway }: Pick<DialerOptions, "url" | "client" | "onTurnedAway">,
  onOpen: (dialled: Dialled) => void,
): WebSocket {
  const socket = new WebSocket(url, {
    ...client,
    perMessageDeflate: false,
    handshakeTimeout: handshakeMs,
  });
  let channel: TLSSocket | undefined;
  socket.on("error", () => socket.terminate());
  socket.on("unexpected-response", (request, response) => {
    request.on("error", () => undefined);
    onTurnedAway((response.statusMessage ?? "").slice(0, reasonMaxLength));
    request.destroy();
    socket.terminate();
  });
  socket.on("upgrade", (response) => {
    channel = response.socket as TLSSocket;
  });
  socket.on("open", () => {
    if (channel) onOpen({ socket, channel });
  });
  return socket;
}

const handshakeMs = 5_000;
const reasonMaxLength = 100;
