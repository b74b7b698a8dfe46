import { afterEach, describe, expect, test } from "vitest";
import { WebSocketServer, type WebSocket } from "ws";
import { until } from "../testing/until.ts";
import { createDialer, type Dialer, type DialerOptions } from "./dialer.ts";

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

/** A peer that does `onSocket` with every connection. */
async function peer(onSocket: (socket: WebSocket) => void): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  open.push(() => server.close());
  server.on("connection", onSocket);
  await new Promise((resolve) => server.once("listening", resolve));
  return `ws://127.0.0.1:${(server.address() as { port: number }).port}`;
}

function dialTo(url: string, options: Partial<DialerOptions> = {}): Dialer {
  const dialer = createDialer({
    url,
    client: {},
    isNeeded: () => true,
    onOpen: () => undefined,
    onTurnedAway: () => undefined,
    pace: { baseMs: 40, maxMs: 400, lastedMs: 200 },
    ...options,
  });
  open.push(() => dialer.stop());
  return dialer;
}

describe("the dialer (DI)", () => {
  test("[DI3] a peer that accepts and hangs up is dialled ever more seldom", async () => {
    const times: number[] = [];
    const url = await peer((socket) => {
      times.push(performance.now());
      socket.close();
    });
    dialTo(url);
    await until("eight attempts", () => times.length >= 8, 20_000);
    const waits = times.slice(1).map((time, index) => time - times[index]!);
    // At least half the base each, and on average half of a span that doubles to its bound.
    expect(Math.min(...waits)).toBeGreaterThan(15);
    expect(waits.reduce((sum, wait) => sum + wait, 0)).toBeGreaterThan(300);
    expect(Math.max(...waits)).toBeLessThan(2_000);
  });

  test("[DI2] after a link that lasted it is soon dialled again", async () => {
    let [round, droppedAt, backAfterMs] = [0, 0, 0];
    const url = await peer((socket) => {
      round += 1;
      if (round <= 7) return socket.close();
      if (round === 8) {
        // Longer than it takes to count as a link that lasted.
        setTimeout(() => {
          droppedAt = performance.now();
          socket.close();
        }, 300);
        return undefined;
      }
      backAfterMs = performance.now() - droppedAt;
      return undefined;
    });
    dialTo(url);
    await until("back", () => backAfterMs > 0, 20_000);
    expect(backAfterMs).toBeLessThan(200);
  });

  test("[DI3] where nobody listens, attempts are bounded too; once woken it does not wait long", async () => {
    let asked = 0;
    let isNeeded = false;
    let opened = 0;
    const url = await peer(() => undefined);
    const dialer = dialTo(url, {
      isNeeded: () => {
        asked += 1;
        return isNeeded;
      },
      onOpen: () => (opened += 1),
      pace: { baseMs: 40, maxMs: 60_000, lastedMs: 200 },
    });
    expect(asked).toBe(1);
    isNeeded = true;
    dialer.wake();
    await until("dialled", () => opened === 1);
    dialer.wake();
    expect(asked).toBe(2);
  });
});
