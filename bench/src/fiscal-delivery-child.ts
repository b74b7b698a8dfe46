/**
 * Delivers what waits in an outbox, and says what that took of memory and time.
 *
 * @module
 */

import { setTimeout as wait } from "node:timers/promises";
import {
  deliverStep,
  fiscalTimeAt,
  initialDelivery,
  veriFactu,
  type StreamConfig,
} from "@tillmesh/fiscal-queue";
import { createHttpTransport } from "@tillmesh/fiscal-queue/node";
import { assert } from "@tillmesh/kernel";
import { openFiscalOutbox } from "./fiscal-outbox.ts";

export interface DeliveryJob {
  readonly path: string;
  readonly baseUrl: string;
  readonly config: StreamConfig;
}

export interface Delivered {
  readonly steps: number;
  readonly acceptedCount: number;
  readonly ms: number;
  readonly cpuMs: number;
  /** The most that a sample every 10 ms, and one after each step, has seen. */
  readonly rssPeakBytes: number;
  /** The most that a collection left over between steps. */
  readonly keptPeakBytes: number;
  readonly heapPeakBytes: number;
}

process.on("message", (job) => {
  deliver(job as DeliveryJob).then(
    (delivered) => process.send?.(delivered, () => process.exit(0)),
    (cause: unknown) => {
      process.stderr.write(`${String(cause)}\n`);
      process.exit(1);
    },
  );
});
process.send?.("ready");

async function deliver({ path, baseUrl, config }: DeliveryJob): Promise<Delivered> {
  const { delivery } = veriFactu;
  assert(delivery !== undefined, "Spain transmits");
  const store = openFiscalOutbox(path, initialDelivery(delivery.initialThrottle));
  const transport = createHttpTransport({ baseUrl, timeoutMs: 120_000, maxBytes: 64_000_000 });
  const now = () => fiscalTimeAt(Date.now(), config.timeZone);
  const peaks = watchMemory();
  const startMs = performance.now();
  let steps = 0;
  for (;;) {
    const step = await deliverStep({ config, delivery, store, transport, now, random });
    peaks.afterStep();
    if (step.type === "idle") break;
    if (step.type === "waiting") await wait(Math.max(1, step.untilMs - Date.now()));
    assert(step.type === "answered" || step.type === "waiting", `delivery is ${step.type}`);
    steps += 1;
  }
  const ms = performance.now() - startMs;
  const { user, system } = process.cpuUsage();
  const acceptedCount = store.countOf("accepted");
  store.close();
  return { steps, acceptedCount, ms, cpuMs: (user + system) / 1_000, ...peaks.end() };
}

/** Nothing is put off in this run. */
function random(sizeBytes: number): Uint8Array {
  return new Uint8Array(sizeBytes);
}

function watchMemory() {
  let rssPeakBytes = 0;
  let heapPeakBytes = 0;
  let keptPeakBytes = 0;
  const sample = () => {
    const { rss, heapUsed } = process.memoryUsage();
    rssPeakBytes = Math.max(rssPeakBytes, rss);
    heapPeakBytes = Math.max(heapPeakBytes, heapUsed);
  };
  const timer = setInterval(sample, 10);
  return {
    afterStep: () => {
      sample();
      globalThis.gc?.();
      keptPeakBytes = Math.max(keptPeakBytes, process.memoryUsage().heapUsed);
    },
    end: () => {
      clearInterval(timer);
      return { rssPeakBytes, heapPeakBytes, keptPeakBytes };
    },
  };
}
