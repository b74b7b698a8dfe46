import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createSoftwareSigner } from "./node/index.ts";
import { streamIdOf, type SealedDocument, type StreamConfig, type StreamKey } from "./document.ts";
import { keyWarnings } from "./key-warnings.ts";
import type { Rekeyed } from "./records.ts";
import type { Regime, SealContext } from "./regime.ts";
import { configAfter, keysInUse, rekey } from "./rekey.ts";
import { sealAll, type SealedRun } from "./testing/seal-all.ts";
import { nextEpoch, streamAfterRecord } from "./stream-state.ts";
import { createTinyRegime, tinyConfig } from "./testing/tiny-regime.ts";
import { rekeyShops, type RekeyShop } from "./testing/rekey-shops.ts";

const atMs = 1_795_341_600_000;

describe("changes of keys and settings", () => {
  const config = tinyConfig();
  const keyIds = ["K1", "K2", "K3", "K4"];
  const changes = fc.uniqueArray(
    fc.record({
      number: fc.integer({ min: 1, max: 5 }),
      keys: fc.subarray(keyIds, { minLength: 1 }).map((ids) => ids.map((keyId) => ({ keyId }))),
      settings: fc.record({ name: fc.constantFrom("a", "b") }),
    }),
    { selector: (one) => JSON.stringify(one), maxLength: 6 },
  );

  test("[FDO9] read twice or in any order they give one config, that of the highest number", () => {
    const both = changes.chain((all) => {
      const minLength = all.length;
      const order = fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 });
      return fc.record({ all: fc.shuffledSubarray(all, { minLength }), order });
    });
    fc.assert(
      fc.property(both, ({ all, order }) => {
        const once = all.map(recordOf).reduce(configAfter, config);
        expect(order.map(recordOf).reduce(configAfter, config)).toEqual(once);
        expect(once.change ?? 0).toBe(Math.max(0, ...all.map(({ number }) => number)));
        const named = new Set(["K1", ...all.flatMap(({ keys }) => keys.map((key) => key.keyId))]);
        expect(new Set(once.keys.map(({ keyId }) => keyId))).toEqual(named);
        expect(once.keys).toHaveLength(named.size);
      }),
    );
  });

  test("[FDO9] what is read again leaves the very same config", () => {
    const record = recordOf({ number: 1, keys: [{ keyId: "K2" }], settings: {} });
    const changed = configAfter(config, record);
    expect(configAfter(changed, record)).toBe(changed);
    expect(changed.keys).toEqual([{ keyId: "K1", isRetired: true }, { keyId: "K2" }]);
    expect(streamIdOf(changed)).toBe(streamIdOf(config));
  });

  test("[FDO8] the fold of a stream takes the record, and head and chain stay", () => {
    const stream = streamIdOf(config);
    const opened = { type: "opened", config, state: { total: 0 }, atMs } as const;
    const { state } = streamAfterRecord(undefined, opened, () => undefined);
    const record = { ...recordOf({ number: 1, keys: [{ keyId: "K2" }], settings: {} }), stream };
    const after = streamAfterRecord(state, record, () => undefined);
    expect(after.findings).toEqual([]);
    expect(keysInUse(after.state?.config ?? config)).toEqual([{ keyId: "K2" }]);
    expect(after.state?.head).toEqual(state?.head);
    if (after.state === undefined) throw new Error("open");
    const next = nextEpoch({ ...after.state, closed: "moved" });
    expect(next.ok && [next.value.keys, next.value.change]).toEqual([[{ keyId: "K2" }], undefined]);
  });
});

describe("refusals", () => {
  const regime = createTinyRegime();
  const config = tinyConfig({ keys: [{ keyId: "K1", publicKey: "AAAA" }], settings: { a: 1 } });
  const change = (keys: readonly StreamKey[], settings: StreamConfig["settings"] = { a: 1 }) =>
    rekey({ config }, { keys, settings, atMs }, regime);

  test("[FDO10] what changes nothing is not recorded", () => {
    expect(change(config.keys)).toEqual({ ok: true, value: undefined });
    expect(change(config.keys, { a: 2 })).toMatchObject({ value: { number: 1 } });
  });

  test("[FDO10] one key id never names two keys", () => {
    for (const keys of [
      [{ keyId: "K1", publicKey: "BBBB" }],
      [{ keyId: "K1" }],
      [{ keyId: "K2" }, { keyId: "K2" }],
    ]) {
      expect(change(keys)).toMatchObject({ error: { faults: [{ code: "key-id" }] } });
    }
    const changed = change([{ keyId: "K2" }]);
    if (!changed.ok || changed.value === undefined) throw new Error("changed");
    const later = configAfter(config, changed.value);
    const again = (publicKey: string) =>
      rekey({ config: later }, { keys: [{ keyId: "K1", publicKey }], settings: {}, atMs }, regime);
    expect(again("BBBB")).toMatchObject({ error: { faults: [{ code: "key-id" }] } });
    expect(again("AAAA")).toMatchObject({ value: { number: 2, keys: [{ keyId: "K1" }] } });
  });

  test("[FDO10] while the device is still to be asked about a document", () => {
    const at = { epochMs: atMs, offsetMinutes: 0 };
    const stream = streamIdOf(config);
    const intent = { stream, sequence: 1, number: "1", at, request: { kind: "sale" } } as const;
    const refused = rekey({ config, intent }, { keys: [], settings: {}, atMs }, regime);
    expect(refused).toMatchObject({ error: { faults: [{ code: "intent" }] } });
  });

  test.each(rekeyShops)(
    "[FDO10] $regime.id: what holds for life stays, said again or not",
    (shop) => {
      const { first, lifelong, regime: own } = shop;
      for (const [name, value] of Object.entries(lifelong)) {
        const said = { ...first.settings, [name]: value };
        const refused = rekey({ config: first }, { keys: first.keys, settings: said, atMs }, own);
        expect(refused).toMatchObject({ error: { faults: [{ pointer: `/settings/${name}` }] } });
        const { [name]: _, ...without } = first.settings;
        const kept = rekey({ config: first }, { keys: first.keys, settings: without, atMs }, own);
        expect(kept).toEqual({ ok: true, value: undefined });
      }
    },
  );
});

describe("key changes in each regime", () => {
  test.each(rekeyShops)(
    "[FDO8] $regime.id: changed anywhere it is one chain, signed by the key in force, and verified and exported with the last config",
    async (shop) => {
      const lives = fc.array(
        fc.record({ key: fc.nat(shop.keys.length - 1), count: fc.integer({ min: 1, max: 3 }) }),
        { minLength: 2, maxLength: 4 },
      );
      await fc.assert(
        fc.asyncProperty(lives, async (all) => {
          const { documents, config, configs, expected } = await live(shop, all);
          expect(documents.map(({ keyId }) => keyId)).toEqual(expected);
          const { crypto, secrets } = shop;
          const context: SealContext = { config, crypto, secrets };
          expect(findingsOf(shop.regime, documents, context)).toEqual([]);
          expect(findingsAsOf(shop, documents, configs)).toEqual([]);
          await shop.checkExport?.(documents, context);
        }),
        { numRuns: 8 },
      );
    },
  );

  test.each(rekeyShops.filter(({ privateKeys }) => Object.keys(privateKeys).length > 0))(
    "[FDO8] $regime.id: a key that was not yet the stream's is found",
    async (shop) => {
      const { documents } = await live(shop, [
        { key: 1, count: 1 },
        { key: 1, count: 1 },
      ]);
      const early = documents.map(() => shop.first);
      expect(findingsAsOf(shop, documents, early)).not.toEqual([]);
    },
  );

  test("[FOU5] warnings are of the keys that sign, not of those that are retired", () => {
    const dayMs = 86_400_000;
    const config = tinyConfig({ keys: [{ keyId: "K1", notAfterMs: atMs + 5 * dayMs }] });
    const warned = (of: StreamConfig) =>
      keyWarnings(of, atMs).map(({ keyId, level }) => [keyId, level]);
    expect(warned(config)).toEqual([["K1", "7-days"]]);
    const next = (notAfterMs: number) =>
      configAfter(
        config,
        recordOf({ number: 1, keys: [{ keyId: "K2", notAfterMs }], settings: {} }),
      );
    expect(warned(next(atMs + 300 * dayMs))).toEqual([]);
    expect(warned(next(atMs + 3 * dayMs))).toEqual([["K2", "7-days"]]);
    expect(warned(next(atMs - 1))).toEqual([["K2", "ended"]]);
  });
});

type Change = Pick<Rekeyed, "number" | "keys" | "settings">;

function recordOf(change: Change): Rekeyed {
  return { type: "rekeyed", stream: streamIdOf(tinyConfig()), atMs, ...change };
}

interface Life {
  /** Which of the shop's keys signs. */
  readonly key: number;
  readonly count: number;
}

/** Each life ends with a change to another key, and begins with what its records give. */
async function live(shop: RekeyShop, lives: readonly Life[]) {
  const { regime, receipt, secrets, privateKeys } = shop;
  const signer = createSoftwareSigner(privateKeys);
  let config = shop.first;
  let run: SealedRun | undefined;
  const documents: SealedDocument[] = [];
  const expected: string[] = [];
  const configs: StreamConfig[] = [];
  for (const [at, { key, count }] of lives.entries()) {
    const keys = shop.keys.slice(key, key + 1);
    if (at > 0) config = rekeyed(regime, config, { keys, settings: { ...config.settings } });
    const head = run === undefined ? {} : { head: run.head };
    const receipts = Array.from({ length: count }, () => receipt);
    const fromMs = shop.fromMs + at * 600_000;
    run = await sealAll(regime, receipts, { config, signer, secrets, fromMs, ...head });
    documents.push(...run.documents);
    configs.push(...run.documents.map(() => config));
    const signs = at === 0 ? shop.first.keys.at(0) : keys.at(0);
    expected.push(
      ...run.documents.map(() =>
        regime.capabilities.signer === "none" ? "" : (signs?.keyId ?? ""),
      ),
    );
  }
  return { documents, config, configs, expected };
}

function rekeyed(
  regime: Regime,
  config: StreamConfig,
  { keys, settings }: Pick<Rekeyed, "keys" | "settings">,
): StreamConfig {
  const record = rekey({ config }, { keys, settings, atMs }, regime);
  if (!record.ok) throw new Error(JSON.stringify(record.error));
  return record.value === undefined ? config : configAfter(config, record.value);
}

function findingsOf(regime: Regime, documents: readonly SealedDocument[], context: SealContext) {
  const verifier = regime.verifier(context);
  return [...documents.flatMap((document) => verifier.step(document)), ...verifier.end()];
}

/** With the keys that were the stream's when each was sealed. */
function findingsAsOf(
  { regime, crypto, secrets }: RekeyShop,
  documents: readonly SealedDocument[],
  configs: readonly StreamConfig[],
) {
  let at = 0;
  const context: SealContext = {
    get config() {
      return configs[at] ?? tinyConfig();
    },
    crypto,
    secrets,
  };
  const verifier = regime.verifier(context);
  return documents.flatMap((document, index) => {
    at = index;
    return verifier.step(document);
  });
}
