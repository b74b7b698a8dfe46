/**
 * Random acts on a simulated network, for laws. SPEC.md §8.
 *
 * @module
 */

import * as fc from "fast-check";
import type { BusinessDate, EntryDraft, LocationId, Sku, StaffId } from "@tillmesh/kernel";
import {
  alive,
  arrive,
  breakNextAppend,
  checkpointOn,
  clone,
  commitOn,
  deliverSome,
  die,
  exchangeSome,
  publishOn,
  restart,
  setBack,
  takeBackup,
  type SimNetwork,
  type SimNode,
} from "./sim-network.ts";

/** What happens to a simulated shop, as data. */
export type SimAct =
  | { readonly type: "commit"; readonly node: number; readonly sku: string; readonly units: number }
  | { readonly type: "publish"; readonly node: number; readonly key: string }
  | { readonly type: "deliver"; readonly node: number; readonly to: number }
  | { readonly type: "exchange"; readonly node: number; readonly to: number; readonly size: number }
  | { readonly type: "restart" | "checkpoint" | "clone" | "back-up" | "die"; readonly node: number }
  | { readonly type: "cut"; readonly node: number; readonly keep: number }
  | { readonly type: "fill"; readonly node: number; readonly isFull: boolean }
  | { readonly type: "set-back"; readonly node: number; readonly isTold: boolean }
  | { readonly type: "arrive"; readonly node: number };

const node = fc.nat(9);

const calm: fc.Arbitrary<SimAct> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      type: fc.constant("commit" as const),
      node,
      sku: fc.constantFrom("coffee", "tea", "a/b", "€"),
      units: fc.integer({ min: -3, max: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("publish" as const),
      node,
      key: fc.constantFrom("k", "l"),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ type: fc.constant("deliver" as const), node, to: node }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant("exchange" as const),
      node,
      to: node,
      size: fc.constantFrom(1, 900, 100_000),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constantFrom("restart" as const, "checkpoint" as const),
      node,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("cut" as const), node, keep: fc.nat(6) }),
  },
  fc.record({ type: fc.constant("fill" as const), node, isFull: fc.boolean() }),
);

const accident: fc.Arbitrary<SimAct> = fc.oneof(
  fc.record({ type: fc.constantFrom("clone" as const, "die" as const), node }),
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("back-up" as const), node }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("set-back" as const),
      node,
      isTold: fc.boolean(),
    }),
  },
);

export interface ActWeights {
  /** Of 20 calm ones. */
  readonly accidents: number;
  readonly arrivals?: number;
}

export function simActs({ accidents, arrivals = 0 }: ActWeights): fc.Arbitrary<readonly SimAct[]> {
  const act = fc.oneof(
    { weight: 20, arbitrary: calm },
    { weight: accidents, arbitrary: accident },
    { weight: arrivals, arbitrary: fc.record({ type: fc.constant("arrive" as const), node }) },
  );
  return fc.array(act, { minLength: 20, maxLength: 70, size: "max" });
}

const nodesMax = 7;

/** Answers with the replica that something happened to. */
export function playAct(shop: SimNetwork, act: SimAct): SimNode | undefined {
  const there = alive(shop);
  const one = there[act.node % there.length]!;
  const player = players[act.type] as (shop: SimNetwork, one: SimNode, act: SimAct) => void;
  player(shop, one, act);
  return one.isDead ? undefined : one;
}

const players: {
  readonly [Type in SimAct["type"]]: (
    shop: SimNetwork,
    one: SimNode,
    act: Extract<SimAct, { type: Type }>,
  ) => void;
} = {
  commit: (shop, one, act) => commitOn(shop, one, draft(act)),
  publish: (shop, one, { key }) =>
    publishOn(shop, one, { topic: "prices", items: [{ key, value: shop.trace }] }),
  deliver: (shop, one, { to }) => deliverSome(shop, aliveAt(shop, to), one),
  exchange: (shop, one, { to, size }) => exchangeSome(shop, [aliveAt(shop, to), one], size),
  restart: (shop, one) => restart(shop, one),
  checkpoint: checkpointOn,
  cut: (_, one, { keep }) => breakNextAppend(one, keep),
  fill: (_, one, { isFull }) => {
    one.disk.fault = isFull ? "full" : undefined;
  },
  clone: (shop, one) => {
    if (shop.nodes.length < nodesMax) clone(shop, one);
  },
  "back-up": (_, one) => takeBackup(one),
  "set-back": (shop, one, { isTold }) => setBack(shop, one, isTold ? "restored" : undefined),
  arrive: (shop) => {
    const known = new Set(shop.nodes.map(({ device }) => device.id));
    const device = shop.world.devices.find(({ id }) => !known.has(id));
    if (device && shop.nodes.length < nodesMax) arrive(shop, device);
  },
  die: (shop, one) => {
    if (alive(shop).length > 1) die(shop, one);
  },
};

function aliveAt(shop: SimNetwork, index: number): SimNode {
  const there = alive(shop);
  return there[index % there.length]!;
}

function draft({ sku, units }: Extract<SimAct, { type: "commit" }>): EntryDraft {
  const location = "loc_sim" as LocationId;
  const quantityMilli = units * 1000;
  return {
    kind: units === 2 ? "count" : "stock",
    businessDate: "2026-11-22" as BusinessDate,
    by: { staff: "staff_1" as StaffId },
    movements: [
      { kind: "adjustment", location, sku: sku as Sku, quantityMilli },
      { kind: "adjustment", location, sku: "sugar" as Sku, quantityMilli: 5 },
    ],
    body: {},
  };
}
