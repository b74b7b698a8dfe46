/**
 * A loopback proxy that counts what two tills say to each other.
 *
 * @module
 */

import { connect, createServer, type Socket } from "node:net";
import { assert } from "@tillmesh/kernel";

export interface CountingProxy {
  readonly port: number;
  /** Bytes and pieces (about one per message) since the last call. */
  take(): Traffic;
  /** Breaks every connection; the tills dial again. */
  breakAll(): void;
  end(): Promise<void>;
}

export interface Traffic {
  readonly bytes: number;
  readonly pieces: number;
}

export async function openCountingProxy(targetPort: number): Promise<CountingProxy> {
  const sockets = new Set<Socket>();
  let counted: Traffic = { bytes: 0, pieces: 0 };
  const join = (from: Socket, to: Socket): void => {
    sockets.add(from);
    from.on("data", (data) => {
      counted = { bytes: counted.bytes + data.length, pieces: counted.pieces + 1 };
      to.write(data);
    });
    from.on("close", () => {
      sockets.delete(from);
      to.destroy();
    });
    from.on("error", () => from.destroy());
  };
  const server = createServer((near) => {
    const far = connect(targetPort, "127.0.0.1");
    join(near, far);
    join(far, near);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert(address !== null && typeof address === "object", "a listening server has a port");
  return {
    port: address.port,
    take: () => {
      const taken = counted;
      counted = { bytes: 0, pieces: 0 };
      return taken;
    },
    breakAll: () => sockets.forEach((socket) => socket.destroy()),
    end: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
