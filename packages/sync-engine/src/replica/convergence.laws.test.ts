import * as fc from "fast-check";
import type { DeviceId } from "@tillmesh/kernel";
import { testClock, testCrypto, testRandom, testSigner } from "@tillmesh/kernel/testing";
import { describe, expect, test } from "vitest";
import { playAct, simActs, type SimAct } from "../testing/sim-acts.ts";
import { checkDocuments, checkHealing, checkNode, checkReload } from "../testing/sim-checks.ts";
import { alive, simNetwork, type SimNetwork } from "../testing/sim-network.ts";
import { finishSeals } from "../testing/sim-replica.ts";
import { defaultLimits } from "./limits.ts";

function network(seed: number, count: number, partEntriesMax: number): SimNetwork {
  const world = {
    crypto: testCrypto(seed),
    clock: testClock(Date.parse("2026-11-22T08:00:00Z")),
    devices: Array.from({ length: count }, (_, index) => ({
      id: `dev_${index}` as DeviceId,
      roles: index < 2 ? (["till", "hq"] as const) : (["till"] as const),
      signer: testSigner(index + 1),
    })),
    limits: { ...defaultLimits, partEntriesMax, setPublicationsMax: 3 },
  };
  return simNetwork(world, testRandom(seed + 1));
}

function run(seed: number, shape: readonly [number, number], list: readonly SimAct[]): SimNetwork {
  const shop = network(seed, ...shape);
  for (const act of list) {
    const touched = playAct(shop, act);
    if (touched) checkNode(shop, touched);
  }
  for (const one of alive(shop)) {
    one.disk.fault = undefined;
    finishSeals(one.state, one.disk);
  }
  for (const one of alive(shop)) checkReload(shop, one);
  checkHealing(shop);
  for (const one of alive(shop)) {
    checkNode(shop, one);
    checkReload(shop, one);
    checkDocuments(shop, one);
  }
  return shop;
}

const seed = fc.nat(1_000_000);
const shape = fc.tuple(fc.integer({ min: 2, max: 4 }), fc.integer({ min: 2, max: 9 }));
const numRuns = Number(process.env["TILLMESH_RUNS"] ?? 40);

/** `TILLMESH_SEED` and `TILLMESH_PATH` run a failure again. Shrinking takes minutes and is left out. */
function parameters(runs: number): fc.Parameters<unknown> {
  const { TILLMESH_SEED: fcSeed, TILLMESH_PATH: path } = process.env;
  const again = fcSeed === undefined ? {} : { seed: Number(fcSeed), path: path ?? "" };
  return { numRuns: runs, endOnFailure: true, ...again };
}

describe("convergence of replicas (RC)", () => {
  test("[RC5] apart, reordered, repeated, cut and restarted: after healing all hold the same", () => {
    fc.assert(
      fc.property(seed, shape, simActs({ accidents: 0 }), (...args) => void run(...args)),
      parameters(numRuns),
    );
  });

  test("[RC6] also with clones, old copies put back and disks that die: every branch is kept and flagged", () => {
    fc.assert(
      fc.property(seed, shape, simActs({ accidents: 2 }), (...args) => void run(...args)),
      parameters(numRuns),
    );
  });

  test("[RC7] the same seed gives the same trace", () => {
    fc.assert(
      fc.property(seed, shape, simActs({ accidents: 1 }), (...args) => {
        expect(run(...args).trace).toBe(run(...args).trace);
      }),
      parameters(3),
    );
  });
});
