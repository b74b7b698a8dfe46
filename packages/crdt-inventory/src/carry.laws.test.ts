import { canonicalJson, type HeldEntry, type Json, parseJson } from "@tillmesh/kernel";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { adoptCarry, type Carry, carryOf, carryText, parseCarry } from "./carry.ts";
import { emptyStock, foldStock, type StockState } from "./stock.ts";
import { stockWorlds } from "./testing/arbitraries.ts";
import { allEntries, type StockReplica } from "./testing/stock-world.ts";

/** The carry a device writes of its own ledger, through JSON as it would travel. */
function carried(replica: StockReplica): readonly Carry[] {
  const carry = carryOf(replica.state, replica.device);
  if (carry === null) return [];
  const json = parseJson(carryText(carry));
  const parsed = parseCarry(json.ok ? json.value : null);
  expect(parsed).toEqual({ ok: true, value: carry });
  return parsed.ok ? [parsed.value] : [];
}

function startFrom(carries: readonly Carry[]): StockState {
  return carries.reduce<StockState>((state, carry) => {
    const adopted = adoptCarry(state, carry);
    return adopted.ok ? adopted.value : state;
  }, emptyStock);
}

function shuffle(entries: readonly HeldEntry[]) {
  return fc.shuffledSubarray([...entries], { minLength: entries.length });
}

describe("carry laws (CY)", () => {
  test("[CY1] starting from carries and folding the rest equals folding everything", () => {
    fc.assert(
      fc.property(
        stockWorlds({ accidents: true }).chain((world) =>
          fc.tuple(fc.constant(world), shuffle(allEntries(world))),
        ),
        ([world, order]) => {
          const carries = world.replicas.flatMap(carried);
          const all = order.reduce(foldStock, emptyStock);
          expect(order.reduce(foldStock, startFrom(carries))).toEqual(all);
        },
      ),
    );
  });

  test("[CY2] one state has one text, whatever the order it was learned in", () => {
    fc.assert(
      fc.property(
        stockWorlds({ accidents: true }).chain((world) =>
          fc.tuple(fc.constant(world), shuffle(allEntries(world))),
        ),
        ([world, order]) => {
          const a = allEntries(world).reduce(foldStock, emptyStock);
          const b = order.reduce(foldStock, emptyStock);
          for (const { device } of world.replicas) {
            const [x, y] = [carryOf(a, device), carryOf(b, device)];
            expect(canonicalJson(x as Json)).toBe(canonicalJson(y as Json));
          }
        },
      ),
    );
  });

  test("[CY3] a carry that is older than what is known changes nothing", () => {
    fc.assert(
      fc.property(stockWorlds({ accidents: false }), (world) => {
        const all = allEntries(world).reduce(foldStock, emptyStock);
        for (const carry of world.replicas.flatMap(carried)) {
          expect(adoptCarry(all, carry)).toEqual({ ok: true, value: all });
        }
      }),
    );
  });
});
