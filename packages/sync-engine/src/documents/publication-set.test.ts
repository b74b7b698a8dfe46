import * as Automerge from "@automerge/automerge";
import type { DeviceId, Publication } from "@tillmesh/kernel";
import * as fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import {
  automergeDocument,
  factCrypto,
  factKeys,
  pricesSet,
  seeDocument,
  writeSet,
} from "../testing/signed-facts.ts";
import { genesisActor, genesisOf } from "./genesis.ts";
import { publicationMaxLength } from "./publication-format.ts";
import {
  admitPublicationChange,
  planPublication,
  type PublicationNode,
  type PublicationSet,
} from "./publication-set.ts";
import { signFact, type Signed } from "./signed-text.ts";

interface Plan {
  actor: string;
  seq: number;
  startOp: number;
  time: number;
  message: string | null;
  deps: string[];
  ops: Record<string, unknown>[];
}

const hq = writeSet();
const second = writeSet("dev_hq2", hq.set);
hq.add();
second.add();
hq.add();
const nextPublication = hq.next();
const genuine = planPublication(hq.set, nextPublication, factCrypto).change.bytes;

let victim: PublicationSet;
beforeEach(() => {
  victim = pricesSet();
  for (const { change } of hq.set.nodes) expect(admit(change.bytes)).toMatchObject({ ok: true });
});

function hqKeyOf(publisher: string) {
  if (publisher === "dev_till") return "not-hq" as const;
  return publisher.startsWith("dev_hq") ? factKeys.hq.publicKey : undefined;
}

function admit(bytes: Uint8Array, set = victim) {
  return admitPublicationChange(set, bytes, { crypto: factCrypto, hqKeyOf });
}

function forged(alter: (plan: Plan) => void): Uint8Array {
  const plan = structuredClone(Automerge.decodeChange(genuine)) as unknown as Plan;
  alter(plan);
  return Automerge.encodeChange(plan as unknown as Parameters<typeof Automerge.encodeChange>[0]);
}

function carrying({ text }: Signed<Publication>, id?: string): Uint8Array {
  return forged(({ ops }) => {
    Object.assign(ops[0]!, { value: text, ...(id !== undefined && { key: id }) });
  });
}

function expectRefused(bytes: Uint8Array, type: string): void {
  const before = [...victim.nodes];
  expect(admit(bytes)).toMatchObject({ ok: false, error: { type } });
  expect(victim.nodes).toEqual(before);
  expect(admit(genuine)).toMatchObject({ ok: true });
}

describe("what a publication set takes (PS)", () => {
  test("[PS2] HQ's next publication, and the same again as nothing new", () => {
    expect(admit(genuine)).toMatchObject({ ok: true, value: { isNew: true } });
    expect(admit(genuine)).toMatchObject({ ok: true, value: { isNew: false } });
    expect(victim.nodes).toHaveLength(4);
  });

  const forgeries: Readonly<Record<string, (plan: Plan) => void>> = {
    "another actor": (plan) => void (plan.actor = "ffffffffffffffff"),
    "the actor of the genesis": (plan) => void (plan.actor = genesisActor),
    "another change number": (plan) => void (plan.seq += 1),
    "a later operation number": (plan) => void (plan.startOp += 1_000),
    "another time": (plan) => void (plan.time = 1),
    "a message": (plan) => void (plan.message = "hello"),
    "an operation more": (plan) => void plan.ops.push({ ...plan.ops[0]!, key: "pub_other" }),
    "the key of another publication": (plan) => void (plan.ops[0]!["key"] = "pub_dev_hq_1"),
    "a key of its own over another": (plan) =>
      void Object.assign(plan.ops[0]!, { pred: [`3@${hq.set.nodes[0]!.signed.fact.actor}`] }),
    "another object": (plan) => void (plan.ops[0]!["obj"] = "_root"),
    "a deletion beside it": (plan) =>
      void plan.ops.push({
        action: "del",
        obj: plan.ops[0]!["obj"],
        key: "pub_dev_hq_1",
        pred: [`3@${hq.set.nodes[0]!.signed.fact.actor}`],
      }),
    "a dependency more": (plan) => void plan.deps.push(hq.set.nodes[1]!.change.hash),
  };

  test.each(Object.keys(forgeries))("[PS3] refused around a genuine publication: %s", (name) => {
    const bytes = forged(forgeries[name]!);
    expect(bytes).not.toEqual(genuine);
    const { error } = admit(bytes) as { error?: { type: string } };
    expect(["OtherChange", "NotAPublicationChange"]).toContain(error?.type);
    expectRefused(bytes, error!.type);
  });

  test("[PS4] refused: a till, a stranger, another key, a changed text", () => {
    const by = (publisher: string) => carrying(hq.next({ publisher: publisher as DeviceId }));
    expectRefused(by("dev_till"), "NotHq");
    expectRefused(by("dev_stranger"), "UnknownPublisher");
    const keys = { signer: factKeys.other, crypto: factCrypto };
    expectRefused(carrying(signFact("publication", nextPublication.fact, keys)), "BadSignature");
    const text = nextPublication.text.replace("400", "100");
    expect(text).not.toBe(nextPublication.text);
    expectRefused(carrying({ ...nextPublication, text }), "BadSignature");
  });

  test.each([
    ["another topic", { topic: "taxes" }, "WrongTopic"],
    ["another epoch", { epoch: 2 }, "WrongTopic"],
    ["a number left out", { sequence: 5 }, "PublicationFormat"],
    ["a number used before", { sequence: 3 }, "PublicationFormat"],
    ["another previous publication", { previous: "0".repeat(64) }, "BrokenLine"],
    ["a line of another publisher", { publisher: "dev_hq2" as DeviceId }, "BrokenLine"],
  ])("[PS5] refused although signed by HQ: %s", (_, members, type) => {
    const publication = hq.next(members);
    expectRefused(carrying(publication, publication.fact.id), type);
  });

  test("[PS6] refused: one id for two publications, one actor for two changes", () => {
    const elsewhere = { ...hq.set, nodes: hq.set.nodes.slice(0, 1) };
    const twice = planPublication(
      elsewhere,
      writeSet("dev_hq3", elsewhere).next({ id: "pub_dev_hq2_2" }),
      factCrypto,
    );
    expect(admit(twice.change.bytes)).toMatchObject({ error: { type: "IdTwice", sequence: 2 } });
    const reused = planPublication(
      elsewhere,
      writeSet("dev_hq3", elsewhere).next({ actor: "b2b2b2b2b2b2b2b2" }),
      factCrypto,
    );
    expect(admit(reused.change.bytes)).toMatchObject({ error: { type: "ActorReused" } });
  });

  test("[PS7] a publication whose line is not here yet may still come", () => {
    const late = pricesSet();
    expect(admit(genuine, late)).toMatchObject({ error: { type: "MissingParent" } });
    for (const { change } of hq.set.nodes) admit(change.bytes, late);
    expect(admit(genuine, late).ok).toBe(true);
  });

  test("[PS8] refused: what is too large, or no change", () => {
    const long = hq.next({ items: [{ key: "k", value: "x".repeat(publicationMaxLength) }] });
    expectRefused(carrying(long), "NotAPublicationChange");
    expectRefused(new Uint8Array(publicationMaxLength * 4 + 1), "NotAPublicationChange");
    expectRefused(genesisOf("publications").change, "NotAPublicationChange");
    expectRefused(new Uint8Array(0), "NotAPublicationChange");
  });
});

describe("laws of publication sets (PS)", () => {
  test("[PS9] lines of several publishers arrive in any order, and Automerge sees all of them", () => {
    const moves = fc.array(fc.constantFrom("dev_hq", "dev_hq2"), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(moves, (publishers) => {
        const set = pricesSet();
        for (const publisher of publishers) writeSet(publisher, set).add();
        const lines = ["dev_hq", "dev_hq2"].map((publisher) =>
          set.nodes.filter((node) => node.signed.fact.publisher === publisher),
        );
        const arrived = pricesSet();
        for (const { change } of lines.toReversed().flat()) {
          expect(admit(change.bytes, arrived).ok).toBe(true);
        }
        expect(byId(arrived)).toEqual(byId(set));
        const changes = arrived.nodes.map(({ change }) => change.bytes);
        const doc = automergeDocument("publications", changes);
        const expected = Object.fromEntries(
          byId(set).map(({ signed }) => [signed.fact.id, signed.text]),
        );
        expect(seeDocument(doc).publications).toEqual(expected);
        expect(seeDocument(Automerge.load(Automerge.save(doc))).publications).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  test("[PS10] however a genuine change is damaged, admission neither throws nor admits another", () => {
    const at = fc.nat(genuine.length - 1);
    fc.assert(
      fc.property(at, fc.nat(255), fc.boolean(), (index, byte, isSealed) => {
        const damaged = Uint8Array.from(genuine);
        damaged[index] = byte;
        if (isSealed) damaged.set(factCrypto.sha256(damaged.subarray(8)).subarray(0, 4), 4);
        const set = { ...victim, nodes: [...victim.nodes] };
        const answer = admit(damaged, set);
        if (answer.ok) expect(answer.value.node.change.bytes).toEqual(genuine);
        else expect(set.nodes).toEqual(victim.nodes);
      }),
      { numRuns: 500 },
    );
  });
});

function byId({ nodes }: PublicationSet): readonly PublicationNode[] {
  return nodes.toSorted((a, b) => (a.signed.fact.id < b.signed.fact.id ? -1 : 1));
}
