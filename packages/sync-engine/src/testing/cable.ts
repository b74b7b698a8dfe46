/**
 * A cable between two sockets of this machine that counts, records and can be pulled. SPEC.md §8.
 *
 * @module
 */

import { connect, createServer, type Server, type Socket } from "node:net";

export interface Cable {
  readonly port: number;
  /** Bytes in both directions since the last `reset`. */
  bytes(): number;
  /** What the dialling sides sent since the last `reset`, one piece per connection. */
  recorded(): readonly Uint8Array[];
  /** What both sides sent, in no particular order. */
  everything(): Uint8Array;
  /** Connections that are open now. */
  open(): number;
  reset(): void;
  /** Ends every connection. While it is pulled, new ones end at once. */
  pull(): void;
  plug(): void;
  /** Nothing passes any more on what is open now, and nobody is told. */
  freeze(): void;
  close(): Promise<void>;
}

export async function layCable(targetPort: number): Promise<Cable> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let pieces: { readonly isDialler: boolean; readonly chunks: Uint8Array[] }[] = [];
  let isPulled = false;
  const server = createServer((near) => {
    if (isPulled) {
      near.destroy();
      return;
    }
    const far = connect(targetPort, "127.0.0.1");
    const pair = [near, far] as const;
    pairs.add(pair);
    follow(near, far, true);
    follow(far, near, false);
  });
  const follow = (from: Socket, to: Socket, isDialler: boolean): void => {
    const piece = { isDialler, chunks: [] as Uint8Array[] };
    pieces.push(piece);
    from.on("data", (chunk: Buffer) => {
      if (!pieces.includes(piece)) pieces.push(piece);
      piece.chunks.push(chunk);
    });
    from.on("error", () => from.destroy());
    from.on("close", () => {
      to.destroy();
      for (const pair of pairs) if (pair.includes(from)) pairs.delete(pair);
    });
    from.pipe(to);
  };
  const all = (): readonly Uint8Array[] => pieces.flatMap(({ chunks }) => chunks);
  return {
    port: await listen(server),
    bytes: () => all().reduce((sum, { length }) => sum + length, 0),
    recorded: () =>
      pieces.filter(({ isDialler }) => isDialler).map(({ chunks }) => Buffer.concat(chunks)),
    everything: () => Buffer.concat(all()),
    open: () => pairs.size,
    reset: () => {
      pieces = [];
    },
    pull: () => {
      isPulled = true;
      for (const [near, far] of pairs) {
        near.destroy();
        far.destroy();
      }
    },
    freeze: () => {
      for (const [near, far] of pairs) {
        near.unpipe(far).pause();
        far.unpipe(near).pause();
      }
    },
    plug: () => {
      isPulled = false;
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const [near, far] of pairs) {
        near.destroy();
        far.destroy();
      }
      await closed;
    },
  };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as { readonly port: number }).port;
}
