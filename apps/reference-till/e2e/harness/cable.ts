/**
 * A network cable between two tills: a TCP forwarder that can be cut and mended.
 *
 * @module
 */

import net from "node:net";

export interface Cable {
  /** Where to plug in. */
  readonly port: number;
  /** Ends every connection at once, and refuses new ones. */
  cut(): void;
  mend(): void;
  remove(): Promise<void>;
}

export async function layCable(options: {
  readonly port: number;
  readonly to: number;
}): Promise<Cable> {
  const sockets = new Set<net.Socket>();
  let isCut = false;
  const server = net.createServer((near) => {
    if (isCut || sockets.size >= socketsMax) near.resetAndDestroy();
    else join(near, net.connect(options.to, "127.0.0.1"), sockets);
  });
  const cut = () => {
    isCut = true;
    for (const socket of sockets) socket.resetAndDestroy();
  };
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, "127.0.0.1", resolve);
  });
  return {
    port: options.port,
    cut,
    mend: () => {
      isCut = false;
    },
    remove: () => {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

const socketsMax = 64;

/** What ends one side ends the other. */
function join(near: net.Socket, far: net.Socket, sockets: Set<net.Socket>): void {
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const) {
    sockets.add(one);
    one.on("error", () => other.destroy());
    one.on("close", () => {
      sockets.delete(one);
      other.destroy();
    });
    one.pipe(other);
  }
}
