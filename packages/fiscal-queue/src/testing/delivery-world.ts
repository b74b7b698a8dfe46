/**
 * Tills that seal, an authority that misbehaves, and deliveries that may lose power at every write: for properties.
 *
 * @module
 */

import { assert, type Random } from "@tillmesh/kernel";
import { testRandom } from "@tillmesh/kernel/testing";
import { deliverStep, requeueInflight, type DeliverPorts, type DeliveryStep } from "../deliver.ts";
import { streamIdOf, type SealedDocument, type StreamConfig } from "../document.ts";
import { initialDelivery } from "../outbox-store.ts";
import type { Transport } from "../ports.ts";
import type { Regime } from "../regime.ts";
import { fiscalTimeAt } from "../time.ts";
import { createMemoryOutbox, type MemoryOutbox } from "./memory-outbox.ts";

export interface Deliverer {
  readonly store: MemoryOutbox;
  readonly ports: DeliverPorts;
  /** Steps until it says to wait, is done or the power goes; then time passes and it starts again. */
  run(options: RunOptions): Promise<RunEnd>;
}

export interface RunOptions {
  /** Steps in all, over restarts. */
  readonly stepsMax?: number;
  /** The write before which the power goes, counted from here; once. */
  readonly cutBeforeWrite?: number;
}

export interface RunEnd {
  readonly type: "idle" | "paused" | "steps";
  readonly steps: readonly DeliveryStep[];
  /** Writes that were made or cut. */
  readonly writes: number;
}

export interface DelivererOptions {
  readonly config: StreamConfig;
  readonly regime: Regime;
  readonly transport: Transport;
  readonly documents: readonly SealedDocument[];
  readonly clock: WorldClock;
  readonly random?: Random;
}

/** One clock for tills and authority. */
export interface WorldClock {
  nowMs: number;
}

export function createDeliverer(options: DelivererOptions): Deliverer {
  const { clock, config, documents, random = testRandom(7), regime, transport } = options;
  const { delivery } = regime;
  assert(delivery !== undefined, `${regime.id} delivers`);
  let writes = 0;
  let cutAt = Number.MAX_SAFE_INTEGER;
  const beforeWrite = (): void => {
    writes += 1;
    if (writes !== cutAt) return;
    cutAt = Number.MAX_SAFE_INTEGER;
    throw new PowerCut();
  };
  const store = createMemoryOutbox({
    initial: initialDelivery(delivery.initialThrottle),
    beforeWrite,
  });
  for (const document of documents) store.add(document);
  const now = () => fiscalTimeAt(clock.nowMs, config.timeZone);
  const ports: DeliverPorts = { config, delivery, store, transport, now, random };
  return {
    store,
    ports,
    run: async ({ cutBeforeWrite, stepsMax = 400 }) => {
      const from = writes;
      if (cutBeforeWrite !== undefined) cutAt = writes + cutBeforeWrite;
      const steps: DeliveryStep[] = [];
      let end: RunEnd["type"] | undefined;
      while (end === undefined) {
        end = await lifetime(ports, { steps, stepsMax, clock });
      }
      return { type: end, steps, writes: writes - from };
    },
  };
}

class PowerCut extends Error {}

interface Life {
  readonly steps: DeliveryStep[];
  readonly stepsMax: number;
  readonly clock: WorldClock;
}

/** From start to power cut or end; undefined after a cut. */
async function lifetime(ports: DeliverPorts, life: Life): Promise<RunEnd["type"] | undefined> {
  try {
    await requeueInflight(ports.store, streamIdOf(ports.config));
    return await untilDone(ports, life);
  } catch (cause) {
    if (cause instanceof PowerCut) return undefined;
    throw cause;
  }
}

async function untilDone(
  ports: DeliverPorts,
  { clock, steps, stepsMax }: Life,
): Promise<RunEnd["type"]> {
  while (steps.length < stepsMax) {
    const step = await deliverStep(ports);
    steps.push(step);
    if (step.type === "idle" || step.type === "paused") return step.type;
    if (step.type === "waiting") clock.nowMs = Math.max(clock.nowMs + 1, step.untilMs);
  }
  return "steps";
}
