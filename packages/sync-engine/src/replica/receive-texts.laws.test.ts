import { nodeCrypto } from "@tillmesh/kernel/node";
import { testClock, testRandom, testSigner } from "@tillmesh/kernel/testing";
import type { BusinessDate, DeviceId, LocationId, Sku, StaffId } from "@tillmesh/kernel";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseDocumentName } from "../documents/document-name.ts";
import { viewOf } from "../testing/sim-network.ts";
import {
  copyDisk,
  emptyDisk,
  exchange,
  finishSeals,
  smallLimits,
  startReplica,
  type SimDevice,
  type SimDisk,
  type SimWorld,
} from "../testing/sim-replica.ts";
import { commitEntry } from "./commit.ts";
import { documentName, type CoreState } from "./core-state.ts";
import { formatDocumentName } from "../documents/document-name.ts";
import { publishItems } from "./publish.ts";
import { receiveTexts } from "./receive-texts.ts";

function worldOf(seed: number): SimWorld {
  return {
    crypto: { ...nodeCrypto(), randomBytes: testRandom(seed) },
    clock: testClock(Date.parse("2026-11-22T08:00:00Z")),
    limits: smallLimits(8),
    devices: [0, 1, 2].map((index): SimDevice => ({
      id: `dev_${index}` as DeviceId,
      roles: index === 0 ? ["till", "hq"] : ["till"],
      signer: testSigner(index + 1),
    })),
  };
}

interface Node {
  readonly state: CoreState;
  readonly disk: SimDisk;
}

function open(world: SimWorld, index: number, disk: SimDisk = emptyDisk()): Node {
  return { state: startReplica(world, world.devices[index]!, { disk }), disk };
}

function sell({ state }: Node, units: number): void {
  const committed = commitEntry(state, {
    kind: "sale",
    businessDate: "2026-11-22" as BusinessDate,
    by: { staff: "staff_1" as StaffId },
    movements: [
      {
        kind: "sale",
        location: "loc_sim" as LocationId,
        sku: `sku-${units % 3}` as Sku,
        quantityMilli: units * 1000,
      },
    ],
    body: { units },
  });
  expect(committed.ok).toBe(true);
}

interface Texts {
  readonly document: string;
  readonly texts: readonly string[];
}

/** All open documents of a replica as texts. */
function textsOf({ state }: Node): readonly Texts[] {
  return [...state.documents.values()].map((document) => {
    const nodes = document.kind === "ledger" ? document.part.nodes : document.set.nodes;
    return {
      document: formatDocumentName(documentName(document)),
      texts: nodes.map(({ signed }) => signed.text),
    };
  });
}

function give(to: Node, { document, texts }: Texts, peer = "dev_0") {
  const taken = receiveTexts(to.state, { name: parseDocumentName(document)!, texts }, { peer });
  finishSeals(to.state, to.disk);
  return taken;
}

function catchUp(from: Node, to: Node): void {
  for (let more = true; more;) {
    more = exchange(from, to);
    finishSeals(to.state, to.disk);
  }
}

/** What HQ recorded and published, as this replica shows it. */
function viewOfHq(node: Node): object {
  const { ledgers, entries, publications } = JSON.parse(viewOf(node.state)) as {
    readonly ledgers: readonly { readonly device: string }[];
    readonly entries: readonly unknown[];
    readonly publications: unknown;
  };
  const ofHq = ledgers.filter(({ device }) => device === "dev_0");
  return { ofHq, entries: entries.length, publications };
}

/** The hashes of all changes in HQ's documents. */
function changesOfHq({ state }: Node): readonly string[] {
  return [...state.documents.values()]
    .filter((one) => one.kind === "publications" || one.part.name.device === "dev_0")
    .flatMap((one) =>
      (one.kind === "ledger" ? one.part : one.set).nodes.map(({ change }) => change.hash),
    )
    .toSorted();
}

describe("entries and publications as signed texts (TE)", () => {
  test("[TE1] in any order and cut, repeatedly, they make the same replica as the changes do", () => {
    fc.assert(
      fc.property(
        fc.nat(1_000),
        fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 20 }),
        fc.array(fc.tuple(fc.nat(20), fc.nat(20), fc.nat(4)), { minLength: 5, maxLength: 30 }),
        (seed, units, cuts) => {
          const world = worldOf(seed);
          const hq = open(world, 0);
          units.forEach((unit, index) => {
            sell(hq, unit);
            if (index % 2 === 0) publishItems(hq.state, "prices", [{ key: "k", value: unit }]);
          });
          finishSeals(hq.state, hq.disk);
          const byTexts = open(world, 1);
          const all = textsOf(hq);
          for (const [from, length, which] of cuts) {
            const { document, texts } = all[which % all.length]!;
            give(byTexts, { document, texts: texts.slice(from, from + length + 1) });
          }
          for (const one of [...all, ...all]) give(byTexts, one);
          // Sealed parts come by their hash as ever.
          catchUp(hq, byTexts);
          const byChanges = open(world, 2);
          catchUp(hq, byChanges);
          expect(viewOfHq(byTexts)).toEqual(viewOfHq(byChanges));
          expect(changesOfHq(byTexts)).toEqual(changesOfHq(byChanges));
          const reloaded = open(world, 1, copyDisk(byTexts.disk));
          expect(viewOfHq(reloaded)).toEqual(viewOfHq(byTexts));
        },
      ),
      { numRuns: 40 },
    );
  });

  test("[TE2] one append for all of them", () => {
    const world = worldOf(1);
    const [hq, till] = [open(world, 0), open(world, 1)];
    for (let n = 0; n < 6; n += 1) sell(hq, n);
    const { ports } = till.state;
    const { log } = ports;
    let appends = 0;
    const counting = {
      ...log,
      append: (records: Parameters<typeof log.append>[0]) => {
        appends += 1;
        return log.append(records);
      },
    };
    Object.assign(ports, { log: counting });
    const ledger = textsOf(hq).find(({ document }) => document.startsWith("ledger/"))!;
    expect(give(till, ledger)).toEqual({ ok: true, value: { admitted: 7 } });
    expect(appends).toBe(1);
  });

  test("[TE3] a text without the one before it waits, and says for what", () => {
    const world = worldOf(2);
    const [hq, till] = [open(world, 0), open(world, 1)];
    for (let n = 0; n < 4; n += 1) sell(hq, n);
    const { document, texts } = textsOf(hq).find((one) => one.document.startsWith("ledger/"))!;
    const before = viewOf(till.state);
    const taken = give(till, { document, texts: texts.slice(2) });
    expect(taken).toMatchObject({ ok: true, value: { admitted: 0, missing: expect.any(String) } });
    expect(viewOf(till.state)).toBe(before);
    expect(till.state.exceptions).toEqual([]);
    expect(give(till, { document, texts })).toMatchObject({ ok: true, value: { admitted: 5 } });
  });

  test("[TE4] a text that its owner did not sign as it stands is refused, told, and the rest is taken", () => {
    const world = worldOf(3);
    const [hq, till] = [open(world, 0), open(world, 1)];
    for (let n = 0; n < 4; n += 1) sell(hq, n);
    const { document, texts } = textsOf(hq).find((one) => one.document.startsWith("ledger/"))!;
    const spoilt = texts.with(2, texts[2]!.replace(/"signature":"..../, '"signature":"AAAA'));
    const taken = give(till, { document, texts: spoilt }, "dev_2");
    expect(taken).toMatchObject({
      ok: true,
      value: { admitted: 2, refused: { type: "BadSignature" } },
    });
    expect(till.state.exceptions).toMatchObject([{ type: "RefusedChange", peer: "dev_2" }]);
    expect(give(till, { document, texts })).toMatchObject({ ok: true, value: { admitted: 3 } });
  });

  test("[TE5] a branch of a part that is sealed here brings the part's document back", () => {
    const world = worldOf(4);
    const first = open(world, 0);
    for (let n = 0; n < 3; n += 1) sell(first, n);
    const twin = open(world, 0, copyDisk(first.disk));
    for (let n = 0; n < 9; n += 1) sell(first, n);
    finishSeals(first.state, first.disk);
    const till = open(world, 1);
    catchUp(first, till);
    sell(twin, 7);
    const branch = textsOf(twin).find(({ document }) => document === "ledger/dev_0/1/1")!;
    const taken = give(till, { ...branch, texts: branch.texts.slice(-1) });
    expect(taken).toMatchObject({ ok: true, value: { admitted: expect.any(Number) } });
    expect(till.state.exceptions).toMatchObject([{ type: "Fork", sequence: 5 }]);
  });
});
