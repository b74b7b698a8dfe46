/**
 * A thread that does nothing but measure how long the machine keeps it waiting.
 *
 * @module
 */

import { once } from "node:events";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { Worker, isMainThread, workerData } from "node:worker_threads";

export interface IdleThread {
  /** Milliseconds of its longest hold-up: what is the machine's doing, not ours. */
  end(): Promise<number>;
}

export async function watchIdleThread(): Promise<IdleThread> {
  const shared = new Float64Array(new SharedArrayBuffer(8));
  const worker = new Worker(import.meta.filename, { workerData: shared });
  await once(worker, "online");
  return {
    end: async () => {
      await worker.terminate();
      return shared[0] ?? 0;
    },
  };
}

if (!isMainThread) measure(workerData as Float64Array);

function measure(shared: Float64Array): void {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  setInterval(() => {
    shared[0] = delay.max / 1e6;
  }, 100);
}
