import * as fc from "fast-check";
import { base64url, hex, utf8 } from "@tillmesh/kernel";
import type {
  BusinessDate,
  DeviceId,
  EntryDraft,
  LocationId,
  Sku,
  StaffId,
} from "@tillmesh/kernel";
import { testClock, testCrypto, testSigner } from "@tillmesh/kernel/testing";
import { describe, expect, test } from "vitest";
import { commitEntry } from "../replica/commit.ts";
import type { CoreState } from "../replica/core-state.ts";
import { defaultLimits } from "../replica/limits.ts";
import {
  emptyDisk,
  exchange,
  finishSeals,
  startReplica,
  type SimDisk,
  type SimWorld,
} from "../testing/sim-replica.ts";
import { createPartTransfer, nextWant, takePiece } from "./part-transfer.ts";

const world: SimWorld = {
  crypto: testCrypto(1),
  clock: testClock(Date.parse("2026-11-22T08:00:00Z")),
  devices: [0, 1].map((index) => ({
    id: `dev_${index}` as DeviceId,
    roles: ["till"],
    signer: testSigner(index + 1),
  })),
  limits: { ...defaultLimits, partEntriesMax: 4, carryAfterParts: 2 },
  carryRule: { name: "test/1", keeps: () => true },
};

interface Till {
  readonly state: CoreState;
  readonly disk: SimDisk;
}

function till(index: number): Till {
  const disk = emptyDisk();
  return { disk, state: startReplica(world, world.devices[index]!, { disk }) };
}

const draft: EntryDraft = {
  kind: "sale",
  businessDate: "2026-11-22" as BusinessDate,
  by: { staff: "staff_1" as StaffId },
  movements: [
    { kind: "sale", location: "loc_sim" as LocationId, sku: "€" as Sku, quantityMilli: -1000 },
  ],
  body: { name: "Café € 😀" },
};

/** One that has sold, and one that has its open part and no text yet. */
function pair(): readonly [Till, Till] {
  const [a, b] = [till(0), till(1)];
  for (let n = 0; n < 30; n += 1) {
    commitEntry(a.state, draft);
    finishSeals(a.state, a.disk);
  }
  exchange({ ...a, disk: { ...emptyDisk() } }, b);
  return [a, b];
}

function bytesOf({ disk }: Till, sha256: string): Uint8Array {
  return disk.carries.get(sha256) ?? utf8(disk.sealed.get(sha256) ?? "");
}

/** Fetches until nothing is wanted, in pieces of these sizes; says what it asked for. */
function fetchAll(from: Till, to: Till, sizes: readonly number[]): readonly string[] {
  const transfer = createPartTransfer();
  const asked: string[] = [];
  let turn = 0;
  for (;;) {
    let want = nextWant(to.state, transfer, () => false);
    if (!want) return asked;
    asked.push(want.type);
    for (;;) {
      const { sha256, offset } = want;
      const bytes = bytesOf(from, sha256);
      const size = sizes[turn++ % sizes.length] ?? 1;
      const data = base64url(bytes.subarray(offset, offset + size));
      const next = takePiece(to.state, transfer, {
        type: "part",
        sha256,
        offset,
        size: bytes.length,
        data,
      });
      expect(next).not.toBe("refused");
      if (next === "done" || next === "refused") break;
      want = next;
    }
    finishSeals(to.state, to.disk);
  }
}

describe("texts in pieces (PT)", () => {
  test("[PT1] cut anywhere, also within a character, a carry and every part arrive whole", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 6 });
    const property = fc.property(sizes, (some) => {
      const [a, b] = pair();
      const asked = fetchAll(a, b, some);
      expect(asked[0]).toBe("want-carry");
      const [ours, theirs] = [a, b].map(({ state }) => state.ledgers.get("dev_0/1")!);
      expect(theirs!.deliveredThrough).toBe(ours!.deliveredThrough);
      expect(theirs!.base).toBe(undefined);
      for (const [sha256, text] of b.disk.sealed) expect(a.disk.sealed.get(sha256)).toBe(text);
    });
    fc.assert(property, { numRuns: 30 });
  });

  test("[PT2] other bytes than were asked for are refused, and nothing of them is kept", () => {
    const [a, b] = pair();
    for (const spoil of [flip, cut, noText]) {
      const transfer = createPartTransfer();
      const want = nextWant(b.state, transfer, ({ type }) => type === "carry")!;
      const bytes = spoil(bytesOf(a, want.sha256));
      const data = base64url(bytes);
      const piece = { type: "part", sha256: want.sha256, offset: 0, size: bytes.length, data };
      expect(takePiece(b.state, transfer, piece as Parameters<typeof takePiece>[2])).toBe(
        "refused",
      );
      expect(transfer.current).toBe(undefined);
      expect(b.state.sealing).toEqual([]);
    }
  });

  test("[PT2] a part that its owner named and that is no text is refused", () => {
    const [a, b] = pair();
    const ledger = b.state.ledgers.get("dev_0/1")!;
    const [named] = ledger.wanted.values();
    const bytes = noText(bytesOf(a, named!.sha256));
    const sha256 = hex(world.crypto.sha256(bytes));
    ledger.wanted.clear();
    ledger.wanted.set(sha256, { ...named!, sha256 });
    const transfer = createPartTransfer();
    nextWant(b.state, transfer, ({ type }) => type === "carry");
    const piece = { type: "part", sha256, offset: 0, size: bytes.length, data: base64url(bytes) };
    expect(takePiece(b.state, transfer, piece as Parameters<typeof takePiece>[2])).toBe("refused");
    expect(b.state.sealing).toEqual([]);
  });
});

function flip(bytes: Uint8Array): Uint8Array {
  return bytes.with(bytes.length >> 1, 0x20);
}

function cut(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, -1);
}

/** A byte that stands in no UTF-8, where a letter was. */
function noText(bytes: Uint8Array): Uint8Array {
  return bytes.with(bytes.indexOf("C".charCodeAt(0)), 0xff);
}
