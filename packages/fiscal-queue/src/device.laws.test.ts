import * as fc from "fast-check";
import { assert, hex } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import { closedBreaker } from "./breaker.ts";
import { streamIdOf, type Head, type SealedDocument } from "./document.ts";
import { emptyHead } from "./head.ts";
import { resumeIntent, type Intent } from "./intent.ts";
import { createFiscalCrypto } from "./node/index.ts";
import type { FiscalRecord } from "./records.ts";
import { seal, type SealPorts } from "./seal.ts";
import { sealableHead, streamAfterRecord, type StreamState } from "./stream-state.ts";
import { plainReceipt } from "./testing/receipts.ts";
import { createScriptedDevice, type DeviceBehaviour } from "./testing/scripted-device.ts";
import { hastyTimer, requestOf } from "./testing/seal-all.ts";
import { createTinyRegime, tinyConfig } from "./testing/tiny-regime.ts";
import { fiscalTimeAt } from "./time.ts";

const config = tinyConfig();
const crypto = createFiscalCrypto();
const regime = createTinyRegime({ isDegradable: true, capabilities: { signer: "device" } });
const sale = requestOf(plainReceipt(100));

/** A till that writes records one after another and may lose power before any of them. */
function createTill() {
  const device = createScriptedDevice();
  const records: FiscalRecord[] = [{ type: "opened", config, state: { total: 0 }, atMs: 0 }];
  let nowMs = Date.parse("2026-11-22T11:00:00Z");
  let writesLeft = Number.MAX_SAFE_INTEGER;
  const write = (record: FiscalRecord): void => {
    if (writesLeft <= 0) throw new Error("power cut");
    writesLeft -= 1;
    records.push(record);
  };
  const state = (): StreamState => {
    const found = replay(records);
    assert(found !== undefined, "the stream is open");
    return found;
  };
  const ports = (head: Head): SealPorts => ({
    regime,
    head,
    context: { config, secrets: {}, crypto },
    // Each sale asks the device: what a breaker spares is shown elsewhere.
    breaker: closedBreaker,
    signer: device,
    timer: hastyTimer,
  });
  const restart = async (): Promise<void> => {
    const { head, intent } = state();
    if (intent === undefined) return;
    const resumed = await resumeIntent(intent, ports(head));
    assert(resumed.ok, "a degradable regime resumes");
    const { stream } = head;
    if (resumed.value.type === "sealed")
      write({ type: "sealed", document: resumed.value.document });
    else write({ type: "withdrawn", stream, sequence: intent.sequence });
  };
  const sell = async (): Promise<void> => {
    nowMs += 1000;
    const { head, intent } = state();
    const open = intent === undefined ? {} : { openIntent: intent };
    const at = fiscalTimeAt(nowMs, config.timeZone);
    const noteIntent = async (noted: Intent) => write({ type: "intended", intent: noted });
    const sealed = await seal(sale, at, { ...ports(head), ...open, noteIntent });
    assert(sealed.ok, JSON.stringify(sealed));
    write({ type: "sealed", document: sealed.value.document });
  };
  return {
    device,
    records,
    state,
    sell,
    restart,
    cutAfter: (writes: number) => {
      writesLeft = writes;
    },
  };
}

function replay(records: readonly FiscalRecord[]): StreamState | undefined {
  const hashes = new Map<number, string>();
  return records.reduce<StreamState | undefined>((state, record) => {
    const next = streamAfterRecord(state, record, (sequence) => hashes.get(sequence)).state;
    if (record.type === "sealed") hashes.set(record.document.sequence, record.document.hash);
    return next;
  }, undefined);
}

function documentsOf(records: readonly FiscalRecord[]): readonly SealedDocument[] {
  return records.flatMap((record) => (record.type === "sealed" ? [record.document] : []));
}

/** What the device has signed must be a document, with that signature or as one that was sealed without. */
function isAccountedFor(data: string, documents: readonly SealedDocument[]): boolean {
  return documents.some((one) => {
    const { content } = JSON.parse(one.text) as { content: unknown };
    return hex(crypto.sha256(new TextEncoder().encode(JSON.stringify(content)))) === data;
  });
}

describe("a device that acts on its own", () => {
  test("[FOU6] is asked once the intent is on disk, and not if that fails", async () => {
    const till = createTill();
    till.cutAfter(0);
    await expect(till.sell()).rejects.toThrow("power cut");
    expect(till.device.signed()).toEqual([]);
  });

  test("[FOU7] that signed before the crash gives its signature, and the number is not used twice", async () => {
    const till = createTill();
    till.cutAfter(1);
    await expect(till.sell()).rejects.toThrow("power cut");
    till.cutAfter(9);
    await till.restart();
    await till.sell();
    const documents = documentsOf(till.records);
    expect(documents.map(({ number }) => number)).toEqual(["B1-1-000001", "B1-1-000002"]);
    expect(documents.map(({ degraded }) => degraded)).toEqual([undefined, undefined]);
    expect(till.device.signed()).toHaveLength(2);
  });

  test("[FOU7] that cannot be reached has used the number up by a degraded document", async () => {
    const till = createTill();
    till.device.script("sign-then-silent");
    till.cutAfter(1);
    await expect(till.sell()).rejects.toThrow("power cut");
    till.cutAfter(9);
    till.device.setReachable(false);
    await till.restart();
    const [document] = documentsOf(till.records);
    expect(document?.degraded?.reason).toBe("no connection to the device");
  });

  test("[FOU7] without a degraded seal its answer is waited for, and the number with it", async () => {
    const strict = createTinyRegime({ capabilities: { signer: "device" } });
    const device = createScriptedDevice();
    device.script("sign-then-silent");
    const head = emptyHead(config, { total: 0 });
    const context = { config, secrets: {}, crypto };
    const ports = { regime: strict, head, context, signer: device, timer: hastyTimer };
    const at = fiscalTimeAt(Date.parse("2026-11-22T11:00:00Z"), config.timeZone);
    const notes: Intent[] = [];
    const noteIntent = async (noted: Intent) => void notes.push(noted);
    const refused = await seal(sale, at, { ...ports, breaker: closedBreaker, noteIntent });
    assert(!refused.ok && refused.error.type === "SignerNeeded", "refused");
    const { intent } = refused.error;
    assert(intent !== undefined, "the device may have acted");
    expect(notes).toEqual([intent]);
    device.setReachable(false);
    expect((await resumeIntent(intent, ports)).ok).toBe(false);
    device.setReachable(true);
    const resumed = await resumeIntent(intent, ports);
    expect(resumed).toMatchObject({
      value: { type: "sealed", document: { number: "B1-1-000001" } },
    });
    assert(resumed.ok && resumed.value.type === "sealed", "sealed");
    expect(await resumeIntent(intent, { ...ports, head: resumed.value.head })).toEqual({
      ok: true,
      value: { type: "settled" },
    });
  });

  test("[FOU8] seals nothing while an intent is open", async () => {
    const till = createTill();
    till.cutAfter(1);
    await expect(till.sell()).rejects.toThrow("power cut");
    till.cutAfter(9);
    await expect(till.sell()).rejects.toThrow("IntentOpen");
  });

  const behaviours = fc.constantFrom<DeviceBehaviour>(
    "sign",
    "sign-then-silent",
    "silent",
    "refuse",
  );
  const acts = fc.array(
    fc.record({
      behaviour: behaviours,
      writes: fc.integer({ min: 0, max: 3 }),
      isReachable: fc.boolean(),
    }),
    { minLength: 1, maxLength: 8 },
  );

  test("[FOU7] [FSE2] no gap, no double and nothing signed unaccounted for, wherever the power goes", async () => {
    await fc.assert(
      fc.asyncProperty(acts, async (steps) => {
        const till = createTill();
        for (const { behaviour, isReachable, writes } of steps) {
          till.device.script(behaviour);
          till.device.setReachable(isReachable);
          till.cutAfter(writes);
          await till.sell().catch(() => undefined);
          till.cutAfter(9);
          await till.restart();
        }
        const documents = documentsOf(till.records);
        expect(documents.map(({ sequence }) => sequence)).toEqual(documents.map((_, at) => at + 1));
        expect(new Set(documents.map(({ number }) => number)).size).toBe(documents.length);
        expect(sealableHead(till.state()).ok).toBe(true);
        expect(till.state().head.stream).toBe(streamIdOf(config));
        expect(till.device.signed().every((data) => isAccountedFor(data, documents))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
