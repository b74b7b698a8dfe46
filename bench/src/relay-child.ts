/**
 * A server in a process of its own, so that its memory and processor time are its own: the relay, or what it is
 * measured against.
 *
 * @module
 */

import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

export type ServerKind = "relay" | "bare" | "automerge";

export interface ServerProcess {
  readonly port: number;
  /** Processor time since the process began. */
  readonly cpuMs: () => Promise<number>;
  readonly memory: () => Promise<ServerMemory>;
  readonly stop: () => Promise<void>;
}

/** After a garbage collection. */
export interface ServerMemory {
  readonly rssBytes: number;
  readonly heapBytes: number;
  /** Reserved for the heap. */
  readonly heapTotalBytes: number;
  /** Buffers and the like. */
  readonly externalBytes: number;
}

export interface ServerRequest {
  readonly kind: ServerKind;
  readonly directory: string;
  /** PEM, for the relay. */
  readonly ca: string;
}

export async function startServer(request: ServerRequest): Promise<ServerProcess> {
  const child = fork(join(import.meta.dirname, "relay-server.ts"), [JSON.stringify(request)], {
    // The bound on the space for new objects is the one that apps are started with.
    execArgv: ["--max-semi-space-size=4", "--conditions=@tillmesh/source", "--expose-gc"],
  });
  const { port } = await answerOf<{ readonly port: number }>(child);
  return {
    port,
    cpuMs: () => {
      child.send("cpu");
      return answerOf<number>(child);
    },
    memory: () => {
      child.send("memory");
      return answerOf<ServerMemory>(child);
    },
    stop: async () => {
      const exited = once(child, "exit");
      child.send("stop");
      await exited;
    },
  };
}

async function answerOf<T>(child: ChildProcess): Promise<T> {
  const cancel = new AbortController();
  const { signal } = cancel;
  const exit = once(child, "exit", { signal }).then(() => {
    throw new Error("the server ended");
  });
  try {
    const [message] = (await Promise.race([once(child, "message", { signal }), exit])) as [T];
    return message;
  } finally {
    cancel.abort();
    exit.catch(() => undefined);
  }
}
