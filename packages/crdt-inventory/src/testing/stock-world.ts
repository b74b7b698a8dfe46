/**
 * A few devices that move, ship and count stock while they know only part of each other.
 *
 * Acts are data that fast-check can shrink. Each replica learns the entries of a ledger in their order, as an
 * engine delivers them; clocks are wrong by hours, since no rule may read them.
 *
 * @module
 */

import {
  assert,
  type BusinessDate,
  canonicalJson,
  type DeviceId,
  type Entry,
  formatInstant,
  type HeldEntry,
  hex,
  isHlc,
  type Json,
  type LocationId,
  type Movement,
  type Sku,
  utf8,
} from "@tillmesh/kernel";
import { testCrypto } from "@tillmesh/kernel/testing";
import { emptyStock, foldStock, seenNow, type StockState } from "../stock.ts";

export type StockAct =
  | {
      readonly type: "move";
      readonly replica: number;
      readonly kind: "sale" | "return" | "receipt" | "adjustment" | "waste";
      readonly sku: string;
      readonly quantityMilli: number;
    }
  | {
      readonly type: "ship" | "receive";
      readonly replica: number;
      readonly sku: string;
      readonly quantityMilli: number;
      readonly transfer: string;
    }
  | {
      readonly type: "count";
      readonly replica: number;
      readonly sku: string;
      readonly countedMilli: number;
    }
  /** `to` learns some of what `from` knows. */
  | { readonly type: "sync"; readonly from: number; readonly to: number; readonly entries: number }
  /** A backup is restored: the last entries of its own are forgotten, and a new incarnation begins. */
  | { readonly type: "restore"; readonly replica: number; readonly lost: number }
  /** A disk is copied: two replicas go on as one device. */
  | { readonly type: "clone"; readonly replica: number };

export interface StockReplica {
  readonly device: DeviceId;
  readonly location: LocationId;
  readonly incarnation: number;
  readonly actor: string;
  readonly sequence: number;
  readonly head: string;
  readonly skewMs: number;
  /** In the order they were learned. */
  readonly known: readonly HeldEntry[];
  readonly state: StockState;
}

export interface StockWorld {
  readonly replicas: readonly StockReplica[];
  readonly acts: number;
}

/** Devices `dev_1` … alternate between the locations `loc_1` and `loc_2`. */
export function stockWorld(deviceCount: number): StockWorld {
  const replicas = Array.from({ length: deviceCount }, (_, index): StockReplica => {
    const device = `dev_${index + 1}` as DeviceId;
    return {
      device,
      location: locations[index % 2] ?? locations[0],
      incarnation: 1,
      actor: `${device}a`,
      sequence: 0,
      head: "",
      skewMs: (index - 1) * 3_600_000,
      known: [],
      state: emptyStock,
    };
  });
  return { replicas, acts: 0 };
}

export function playStock(world: StockWorld, acts: readonly StockAct[]): StockWorld {
  return acts.reduce(playAct, world);
}

/** Everything that anybody knows, once. */
export function allEntries({ replicas }: StockWorld): readonly HeldEntry[] {
  const byHash = new Map(replicas.flatMap(({ known }) => known.map((held) => [held.hash, held])));
  return [...byHash.values()];
}

const locations = ["loc_1" as LocationId, "loc_2" as LocationId] as const;

function playAct({ replicas, acts }: StockWorld, act: StockAct): StockWorld {
  const world = { replicas, acts: acts + 1 };
  const index = (act.type === "sync" ? act.to : act.replica) % world.replicas.length;
  const replica = world.replicas[index];
  assert(replica !== undefined, "a world has replicas");
  if (act.type === "clone") {
    const clone = { ...replica, actor: `${replica.device}${world.acts}` };
    return { ...world, replicas: [...world.replicas, clone] };
  }
  return { ...world, replicas: world.replicas.with(index, actOf(world, replica, act)) };
}

function actOf(
  world: StockWorld,
  replica: StockReplica,
  act: Exclude<StockAct, { type: "clone" }>,
): StockReplica {
  switch (act.type) {
    case "move":
      return write(world, replica, { kind: "stock", movements: [moved(replica, act)], body: {} });
    case "ship":
    case "receive":
      return write(world, replica, { kind: "stock", movements: [sent(replica, act)], body: {} });
    case "count":
      return write(world, replica, { kind: "count", body: counted(replica, act) });
    case "sync":
      return sync(world, replica, act);
    case "restore":
      return restore(world, replica, act.lost);
  }
  throw new Error("Bug: unknown act");
}

function moved(
  { location }: StockReplica,
  { kind, sku, quantityMilli }: Extract<StockAct, { type: "move" }>,
): Movement {
  const isOut = kind === "sale" || kind === "waste";
  const signed = isOut ? -quantityMilli : quantityMilli;
  return { kind, location, sku: sku as Sku, quantityMilli: signed };
}

function sent(
  { location }: StockReplica,
  { type, sku, quantityMilli, transfer }: Extract<StockAct, { type: "ship" | "receive" }>,
): Movement {
  const counterpart = location === locations[0] ? locations[1] : locations[0];
  const base = { location, sku: sku as Sku, transfer, counterpart };
  return type === "ship"
    ? { ...base, kind: "transfer-out", quantityMilli: -quantityMilli }
    : { ...base, kind: "transfer-in", quantityMilli };
}

function counted(
  { location, state }: StockReplica,
  { sku, countedMilli }: Extract<StockAct, { type: "count" }>,
): Json {
  const seen = seenNow(state, { location, sku: sku as Sku });
  return { countId: "count_1", location, sku, countedMilli, seen };
}

function sync(
  { replicas }: StockWorld,
  replica: StockReplica,
  { from, entries }: Extract<StockAct, { type: "sync" }>,
): StockReplica {
  const theirs = replicas[from % replicas.length]?.known ?? [];
  const ours = new Set(replica.known.map(({ hash }) => hash));
  const learned = theirs.filter(({ hash }) => !ours.has(hash)).slice(0, entries);
  return {
    ...replica,
    known: [...replica.known, ...learned],
    state: learned.reduce(foldStock, replica.state),
  };
}

function restore({ acts }: StockWorld, replica: StockReplica, lost: number): StockReplica {
  const own = replica.known.filter(({ entry }) => entry.actor === replica.actor);
  const forgotten = new Set(own.slice(Math.max(0, own.length - lost)));
  const known = replica.known.filter((held) => !forgotten.has(held));
  return {
    ...replica,
    incarnation: replica.incarnation + 1,
    actor: `${replica.device}${acts}`,
    sequence: 0,
    head: "",
    known,
    state: known.reduce(foldStock, emptyStock),
  };
}

function write(
  { acts }: StockWorld,
  replica: StockReplica,
  draft: Pick<Entry, "kind" | "movements" | "body">,
): StockReplica {
  const { device, location, incarnation, actor, head, skewMs } = replica;
  const sequence = replica.sequence + 1;
  const at = `${formatInstant(1_793_606_400_000 + acts * 1000 + skewMs)}/0000`;
  assert(isHlc(at), "a moment");
  const entry: Entry = {
    v: 1,
    ...draft,
    businessDate: "2026-11-02" as BusinessDate,
    by: { device },
    device,
    location,
    incarnation,
    part: 1,
    sequence,
    previous: head,
    actor,
    at,
  };
  const text = canonicalJson({ ...entry } as unknown as Json);
  const hash = hex(testCrypto(1).sha256(utf8(text)));
  const held: HeldEntry = { entry, hash, flags: [] };
  return {
    ...replica,
    sequence,
    head: hash,
    known: [...replica.known, held],
    state: foldStock(replica.state, held),
  };
}
