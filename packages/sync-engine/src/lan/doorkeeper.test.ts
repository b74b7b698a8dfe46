import { describe, expect, test } from "vitest";
import { createDoorkeeper, type Doorkeeper } from "./doorkeeper.ts";
import { defaultLanLimits } from "./limits.ts";

const limits = {
  ...defaultLanLimits,
  connectionsMax: 6,
  connectionsPerAddressMax: 4,
  handshakes: { burst: 20, perSecond: 4 },
  handshakesPerAddress: { burst: 8, perSecond: 1 },
};

/** Knocks until it is turned away, and says how often it was let in. */
function knocks(door: Doorkeeper, address: string, nowMs: number): (() => void)[] {
  const leave: (() => void)[] = [];
  for (let next = door.admit(address, nowMs); next; next = door.admit(address, nowMs)) {
    leave.push(next);
    if (leave.length > 100) break;
  }
  return leave;
}

/** The same, leaving each time before the next. */
function visits(door: Doorkeeper, address: string, nowMs: number): number {
  let count = 0;
  for (let next = door.admit(address, nowMs); next; next = door.admit(address, nowMs)) {
    next();
    count += 1;
  }
  return count;
}

describe("the door (FD)", () => {
  test("[FD3] so many connections at once, from one address and in all", () => {
    const door = createDoorkeeper(limits);
    const [first] = [knocks(door, "10.0.0.1", 0)];
    expect(first).toHaveLength(4);
    expect(knocks(door, "10.0.0.2", 0)).toHaveLength(2);
    first[0]!();
    expect(knocks(door, "10.0.0.3", 0)).toHaveLength(1);
  });

  test("[FD4] so many handshakes in a time; whoever has used up its share leaves the others theirs", () => {
    const door = createDoorkeeper(limits);
    expect(visits(door, "10.0.0.1", 0)).toBe(8);
    for (let n = 0; n < 100; n += 1) expect(door.admit("10.0.0.1", 0)).toBeUndefined();
    expect(visits(door, "10.0.0.2", 0)).toBe(8);
    expect(visits(door, "10.0.0.3", 0)).toBe(4);
    expect(visits(door, "10.0.0.1", 2_000)).toBe(2);
  });

  test("[FD4] ever new addresses cost bounded memory and share one bound", () => {
    const door = createDoorkeeper(limits);
    let admitted = 0;
    for (let n = 0; n < 10_000; n += 1) admitted += visits(door, `10.0.${n >> 8}.${n % 256}`, n);
    expect(admitted).toBeLessThanOrEqual(20 + 10 * 4);
  });
});
