/**
 * What every backend must do, as tests for any runner with vitest's words. SPEC.md (LS).
 *
 * @module
 */

import { hex } from "@tillmesh/kernel";
import type { LogName, Place } from "../log-store.ts";
import {
  counter,
  createScene,
  factsOf,
  first,
  readAll,
  valueOf,
  type LogStoreTrial,
  type Runner,
  type Scene,
} from "./log-store-scene.ts";
import { sampleChannel, sampleEnvelope } from "./sample-envelope.ts";

/** Names of organisations are unique per call, so that backends may share one server between trials. */
export function logStoreSuite(
  backend: string,
  create: () => Promise<LogStoreTrial>,
  { describe, test, expect }: Runner,
): void {
  const story = (name: string, tell: (scene: Scene) => Promise<void>): void =>
    test(name, async () => {
      const trial = await create();
      try {
        await tell(createScene(trial, expect));
      } finally {
        await trial.dispose();
      }
    });
  describe(`log store: ${backend}`, () => {
    for (const [name, tell] of Object.entries(stories)) story(name, tell);
  });
}

const stories: Readonly<Record<string, (scene: Scene) => Promise<void>>> = {
  "[LS1] what was appended is read back in order, also after a restart": async (scene) => {
    const { append, expect, restart, texts } = scene;
    const places = [];
    for (const sequence of [1, 2, 3]) places.push(await append({ sequence, text: `${sequence}` }));
    expect(await texts()).toEqual(["1", "2", "3"]);
    expect(places.map(({ isDuplicate }) => isDuplicate)).toEqual([false, false, false]);
    const before = await scene.head();
    const store = await restart();
    expect(await texts(store)).toEqual(["1", "2", "3"]);
    expect(factsOf(await scene.head(store))).toEqual(factsOf(before));
    const [, second] = places as [Place, Place, Place];
    expect(await texts(store, second.offset)).toEqual(["2", "3"]);
    expect(await texts(store, second.offset + 1)).toEqual(["3"]);
  },

  "[LS1] many at once keep the order in which they were made": async (scene) => {
    const sequences = Array.from({ length: 200 }, (_, index) => index + 1);
    const places = await Promise.all(
      sequences.map((sequence) => scene.append({ sequence, text: `${sequence}` })),
    );
    const offsets = places.map(({ offset }) => offset);
    scene.expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
    scene.expect(await scene.texts()).toEqual(sequences.map(String));
  },

  "[LS2] an empty log has a head, and its id stays": async (scene) => {
    const { head, expect, append, restart } = scene;
    const empty = await head();
    expect([empty.id.length, empty.first, empty.next]).toEqual([16, 0, 0]);
    expect(factsOf(await head())).toEqual(factsOf(empty));
    expect(await scene.texts()).toEqual([]);
    const place = await append({});
    expect(hex(place.log)).toBe(hex(empty.id));
    const after = await head(await restart());
    expect([hex(after.id), after.first, after.next]).toEqual([
      hex(empty.id),
      place.offset,
      place.offset + 1,
    ]);
  },

  "[LS2] logs of other channels, lanes and organisations are others": async (scene) => {
    const { store, name, expect, append } = scene;
    await append({ text: "here" });
    const others: readonly LogName[] = [
      { ...name, channel: sampleChannel(2) },
      { ...name, lane: 3 },
      { ...name, organisation: `${name.organisation}b` },
    ];
    const heads = await Promise.all(others.map(async (one) => valueOf(await store.head(one))));
    for (const other of others) expect(await readAll(store, other, 0)).toEqual([]);
    const ids = [await scene.head(), ...heads].map(({ id }) => hex(id));
    expect(new Set(ids).size).toBe(4);
  },

  "[LS3] the same envelope again is a duplicate at its old place": async (scene) => {
    const { append, expect, restart, texts } = scene;
    const places = [];
    for (const sequence of [1, 2, 3]) places.push(await append({ sequence, text: `${sequence}` }));
    for (const isAgain of [false, true]) {
      const store = isAgain ? await restart() : scene.store;
      for (const [index, place] of places.entries()) {
        const sequence = index + 1;
        const again = await append({ sequence, text: `${sequence}` }, store);
        expect([hex(again.log), again.offset, again.isDuplicate]).toEqual([
          hex(place.log),
          place.offset,
          true,
        ]);
      }
      expect(await texts(store)).toEqual(["1", "2", "3"]);
    }
  },

  "[LS3] two of the same at once are one": async (scene) => {
    const [one, two] = await Promise.all([scene.append({}), scene.append({})]);
    scene.expect(one.offset).toBe(two.offset);
    scene.expect((await scene.texts()).length).toBe(1);
  },

  "[LS4] another envelope at a taken place of the chain is a fork": async (scene) => {
    const { store, append, expect, restart, organisation, texts } = scene;
    await append({ sequence: 1, text: "1" });
    await append({ sequence: 2, text: "2" });
    for (const isAgain of [false, true]) {
      const open = isAgain ? await restart() : store;
      for (const sequence of [1, 2]) {
        const answer = await open.append(
          organisation,
          sampleEnvelope({ ...first, sequence, text: "other" }),
        );
        expect(answer).toEqual({ ok: false, error: { type: "Fork", newest: 2 } });
      }
      expect(await texts(open)).toEqual(["1", "2"]);
    }
  },

  "[LS4] a gap is kept; what would fill it later is a fork": async (scene) => {
    const { store, append, expect, organisation } = scene;
    await append({ sequence: 1 });
    await append({ sequence: 5 });
    const late = await store.append(organisation, sampleEnvelope({ ...first, sequence: 3 }));
    expect(late).toEqual({ ok: false, error: { type: "Fork", newest: 5 } });
  },

  "[LS4] each publisher, run, lane and channel has a chain of its own": async (scene) => {
    const { append, expect, texts } = scene;
    await append({ text: "a" });
    await append({ text: "b", publisher: "dev_other" });
    await append({ text: "c", run: 2 });
    await append({ text: "d", lane: 2 });
    await append({ text: "e", channel: sampleChannel(2) });
    expect(await texts()).toEqual(["a", "b", "c"]);
  },

  "[LS5] a read stays within its bytes, but gives one": async (scene) => {
    const { store, name, append, expect } = scene;
    const text = "x".repeat(1_000);
    for (const sequence of [1, 2, 3, 4]) await append({ sequence, text });
    const sizes = async (sizeMaxBytes: number) =>
      valueOf(await store.read(name, { from: 0, sizeMaxBytes })).length;
    const one = sampleEnvelope({ ...first, text }).bytes.length;
    expect(await sizes(1)).toBe(1);
    expect(await sizes(2 * one + 10)).toBe(2);
    expect(await sizes(1_000_000)).toBe(4);
  },

  "[LS5] an envelope of the largest size goes through": async (scene) => {
    const text = "y".repeat(4_193_000);
    await scene.append({ text });
    scene
      .expect((await scene.texts(await scene.restart())).map(({ length }) => length))
      .toEqual([text.length]);
  },

  "[LS6] the hash at an offset is that of the envelope there": async (scene) => {
    const { store, name, append, expect } = scene;
    const { offset } = await append({ text: "a" });
    const envelope = sampleEnvelope({ ...first, text: "a" });
    expect(hex(valueOf(await store.hashAt(name, offset)) ?? new Uint8Array())).toBe(
      hex(envelope.hash),
    );
    expect(valueOf(await store.hashAt(name, offset + 1))).toBe(undefined);
  },

  "[LS7] whoever watches is told of what is new": async (scene) => {
    const { store, name, append } = scene;
    const told = counter();
    const unwatch = await store.watch(name, told.add);
    await append({ sequence: 1 });
    await told.reached(1);
    await append({ sequence: 2 });
    await told.reached(2);
    unwatch();
  },

  "[LS7] also by another process, and of revocations": async (scene) => {
    const { name, append, texts, expect, organisation } = scene;
    if (scene.second === undefined) return;
    const other = await scene.second();
    const told = counter();
    await other.watch(name, told.add);
    const revoked = counter();
    await other.watchRevocations((revocation) => {
      if (revocation.organisation === organisation) revoked.add();
    });
    await append({ text: "a" });
    await told.reached(1);
    expect(await texts(other)).toEqual(["a"]);
    await scene.store.revoke({ organisation, device: "dev_x", statement: Uint8Array.of(1) });
    await revoked.reached(1);
    const duplicate = await append({ text: "a" }, other);
    expect(duplicate.isDuplicate).toBe(true);
  },

  "[LS8] the channels of an organisation are listed, in order, once": async (scene) => {
    const { append, expect, organisation, restart, store } = scene;
    for (const [channel, lane] of [
      [3, 1],
      [1, 1],
      [3, 0],
      [2, 3],
    ] as const) {
      await append({ channel: sampleChannel(channel), lane });
    }
    for (const isAgain of [false, true]) {
      const open = isAgain ? await restart() : store;
      const channels = valueOf(await open.channels(organisation));
      expect(channels.map(hex)).toEqual([1, 2, 3].map((number) => hex(sampleChannel(number))));
      expect(valueOf(await open.channels(`${organisation}b`))).toEqual([]);
    }
  },

  "[LS9] a release lets go of what is below, and chains and offsets go on": async (scene) => {
    const { append, expect, name, store, restart } = scene;
    const places: Place[] = [];
    for (const sequence of [1, 2, 3, 4]) {
      places.push(await append({ sequence, text: `${sequence}` }));
    }
    const [, , third, fourth] = places as [Place, Place, Place, Place];
    valueOf(await store.release(name, third.log, third.offset));
    for (const isAgain of [false, true]) {
      const open = isAgain ? await restart() : store;
      const texts = await scene.texts(open);
      expect(texts.slice(-2)).toEqual(["3", "4"]);
      expect(texts.length).toBeLessThanOrEqual(3);
      const { first: oldest, next } = await scene.head(open);
      expect(oldest).toBeGreaterThan(0);
      expect(oldest).toBeLessThanOrEqual(third.offset);
      expect(next).toBe(fourth.offset + 1);
      expect(valueOf(await open.hashAt(name, third.offset - 1)) === undefined).toBe(false);
      expect((await append({ sequence: 4, text: "4" }, open)).isDuplicate).toBe(true);
    }
  },

  "[LS9] all of a log can be released; the next envelope follows": async (scene) => {
    const { append, expect, name, restart, store, texts } = scene;
    const place = await append({ sequence: 1, text: "1" });
    valueOf(await store.release(name, place.log, place.offset + 1_000));
    const open = await restart();
    const { next } = await scene.head(open);
    expect(next).toBe(place.offset + 1);
    expect((await append({ sequence: 1, text: "1" }, open)).isDuplicate).toBe(true);
    const after = await append({ sequence: 2, text: "2" }, open);
    expect(after.offset).toBeGreaterThan(place.offset);
    expect((await texts(open)).slice(-1)).toEqual(["2"]);
  },

  "[LS9] a release of another log does nothing": async (scene) => {
    await scene.append({ text: "a" });
    valueOf(await scene.store.release(scene.name, new Uint8Array(16), 1_000));
    scene.expect(await scene.texts()).toEqual(["a"]);
  },

  "[LS10] a revocation is kept and told once": async (scene) => {
    const { expect, organisation, restart, store } = scene;
    const told = counter();
    await store.watchRevocations((revocation) => {
      if (revocation.organisation === organisation) told.add();
    });
    expect(valueOf(await store.revocationOf(organisation, "dev_x"))).toBe(undefined);
    for (const byte of [1, 2]) {
      const statement = Uint8Array.of(byte, byte);
      valueOf(await store.revoke({ organisation, device: "dev_x", statement }));
    }
    await told.reached(1);
    for (const isAgain of [false, true]) {
      const open = isAgain ? await restart() : store;
      const kept = valueOf(await open.revocationOf(organisation, "dev_x"));
      expect(hex(kept ?? new Uint8Array())).toBe("0101");
      expect(valueOf(await open.revocationOf(organisation, "dev_y"))).toBe(undefined);
      expect(valueOf(await open.revocationOf(`${organisation}b`, "dev_x"))).toBe(undefined);
    }
    expect(told.count()).toBe(1);
  },

  "[LS11] usage counts what is held, by publisher": async (scene) => {
    const { append, expect, organisation, store, restart } = scene;
    await append({ sequence: 1, text: "a" });
    await append({ sequence: 2, text: "a" });
    await append({ publisher: "dev_other", text: "a".repeat(500) });
    for (const isAgain of [false, true]) {
      const open = isAgain ? await restart() : store;
      const usage = valueOf(await open.usage(organisation));
      const mine = usage.sizeBytesByDevice.get("dev_sample") ?? 0;
      const other = usage.sizeBytesByDevice.get("dev_other") ?? 0;
      expect([usage.envelopes, usage.logs]).toEqual([3, 1]);
      expect(other).toBeGreaterThan(500);
      expect(mine).toBeGreaterThan(2 * 100);
      expect(usage.sizeBytes).toBe(mine + other);
    }
  },

  "[LS12] a closed store answers nothing and says so": async (scene) => {
    const { store, expect, organisation, name } = scene;
    expect((await store.health()).state).toBe("ok");
    await store.close();
    const answers = await Promise.all([
      store.append(organisation, sampleEnvelope(first)),
      store.head(name),
      store.read(name, { from: 0, sizeMaxBytes: 1 }),
      store.revocationOf(organisation, "dev_x"),
    ]);
    expect(answers.map((answer) => (answer.ok ? "ok" : answer.error.type))).toEqual(
      Array.from({ length: 4 }, () => "Unavailable"),
    );
  },
};
