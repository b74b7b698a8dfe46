/**
 * A proxy that is a slow line: so many bytes a millisecond each way, each byte so late. It takes no more from a side
 * than it can pass on soon, as a router with a short queue.
 *
 * @module
 */

import { connect, createServer, type AddressInfo, type Socket } from "node:net";

export interface SlowLine {
  readonly port: number;
  readonly end: () => Promise<void>;
}

export interface LineOptions {
  readonly to: number;
  readonly bytesPerMs: number;
  readonly delayMs: number;
}

const queueBytes = 4_096;
const tickMs = 5;

export async function openSlowLine(options: LineOptions): Promise<SlowLine> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port: options.to, host: "127.0.0.1", noDelay: true });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
    }
    carry(near, far, options);
    carry(far, near, options);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    end: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function carry(from: Socket, to: Socket, { bytesPerMs, delayMs }: LineOptions): void {
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let spentAtMs = performance.now();
  from.on("data", (data) => {
    waiting.push(data);
    waitingBytes += data.length;
    if (waitingBytes > queueBytes) from.pause();
  });
  const timer = setInterval(() => {
    const nowMs = performance.now();
    let budget = Math.floor((nowMs - spentAtMs) * bytesPerMs);
    if (waitingBytes === 0 || budget <= 0) {
      if (waitingBytes === 0) spentAtMs = nowMs;
      return;
    }
    budget = Math.min(budget, waitingBytes);
    spentAtMs += budget / bytesPerMs;
    const all = Buffer.concat(waiting);
    const now = all.subarray(0, budget);
    waiting = [all.subarray(budget)];
    waitingBytes -= budget;
    setTimeout(() => to.write(now), delayMs);
    if (waitingBytes <= queueBytes) from.resume();
  }, tickMs);
  from.on("close", () => {
    clearInterval(timer);
    setTimeout(() => to.destroy(), delayMs);
  });
}
