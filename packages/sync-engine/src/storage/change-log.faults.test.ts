import fs from "node:fs";
import { testClock, testRandom } from "@tillmesh/kernel/testing";
import { describe, expect, test } from "vitest";
import { faultFiles, type FaultFiles } from "../testing/fault-files.ts";
import { openChangeLog, type ChangeLog, type OpenedChangeLog } from "./change-log.ts";
import {
  encodeRecords,
  encodeSegmentHeader,
  segmentHeaderSizeBytes,
  type RawRecord,
} from "./log-record.ts";
import { scanSegment, type SegmentScan } from "./segment-scan.ts";

/** What a story has been told, against what must be found. */
interface Ledger {
  /** Changes in the order in which they were tried. */
  readonly tried: string[];
  /** How many of `tried` the log said it had. */
  acknowledged: number;
  /** Changes up to this one may be gone: they were trimmed. */
  trimmed: number;
}

interface Outcome {
  readonly found: readonly string[];
  readonly tail: OpenedChangeLog["tail"];
}

const segmentSizeBytes = 700;

function open(files: FaultFiles, isNew = true): ReturnType<typeof openChangeLog> {
  const ports = {
    files,
    clock: testClock(1_700_000_000_000),
    random: testRandom(files.operations()),
  };
  return openChangeLog({ ...ports, directory: `${files.root}/log`, isNew, segmentSizeBytes });
}

function texts(log: ChangeLog): readonly string[] {
  return Array.from(log.records(), (record) =>
    record.type === "change" ? new TextDecoder().decode(record.change) : record.type,
  );
}

/** Opens, appends batches of one to three, prepares, trims, closes and opens again, until something fails. */
function tell(files: FaultFiles, ledger: Ledger): void {
  for (const day of [1, 2]) {
    const opened = open(files);
    if (!opened.ok) return;
    const { log } = opened.value;
    for (let batch = 1; batch <= 12; batch += 1) {
      const size = 1 + (batch % 3);
      const changes = Array.from(
        { length: size },
        (_, index) => `${day}.${batch}.${index} ${"x".repeat(batch)}`,
      );
      if (!appendAll(log, changes, ledger)) return;
      if (batch % 2 === 0) log.prepare();
      if (batch === 8) trim(log, ledger);
      if (log.status().failure !== null) return;
    }
    if (day === 1 && !log.close().ok) return;
  }
}

function appendAll(log: ChangeLog, changes: readonly string[], ledger: Ledger): boolean {
  const drafts = changes.map((text) => {
    return { type: "change", document: "d", change: new TextEncoder().encode(text) } as const;
  });
  ledger.tried.push(...changes);
  const appended = log.append(drafts);
  if (appended.ok) ledger.acknowledged = ledger.tried.length;
  else if (appended.error.type === "LogFull") {
    // Nothing was written: the same changes may be tried again.
    ledger.tried.length -= changes.length;
    return appendAll(log, changes, ledger);
  }
  return appended.ok;
}

function trim(log: ChangeLog, ledger: Ledger): void {
  const keep = 5;
  ledger.trimmed = Math.max(0, ledger.acknowledged - keep);
  log.trim(log.status().throughSequence - keep);
}

/** Opens after a fault that leaves nothing damaged: this must always work. */
function recover(files: FaultFiles): Outcome {
  const opened = open(files);
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  return { found: texts(opened.value.log), tail: opened.value.tail };
}

/** [CL1] all that was acknowledged; [CL2] nothing but what was tried, in order. */
function expectHonest({ found }: Outcome, { tried, acknowledged, trimmed }: Ledger): void {
  const skipped = tried.length === 0 ? 0 : Math.max(0, tried.indexOf(found[0] ?? ""));
  expect(skipped).toBeLessThanOrEqual(trimmed);
  expect(found).toEqual(tried.slice(skipped, skipped + found.length));
  expect(skipped + found.length).toBeGreaterThanOrEqual(acknowledged);
}

/** Runs the story with a fault at operation 1, 2, ... until it comes to its end without. */
function forEachFault(
  arm: (files: FaultFiles, n: number) => void,
  check: (files: FaultFiles, ledger: Ledger, n: number) => void,
): number {
  for (let n = 1; ; n += 1) {
    const files = faultFiles();
    try {
      const ledger: Ledger = { tried: [], acknowledged: 0, trimmed: 0 };
      arm(files, n);
      tell(files, ledger);
      if (!files.wasHit()) {
        expect(ledger.acknowledged).toBe(48);
        return n - 1;
      }
      check(files, ledger, n);
    } finally {
      files.dispose();
    }
  }
}

function withCrash<T>(files: FaultFiles, seed: number, check: (after: FaultFiles) => T): T {
  const after = files.crash(seed);
  try {
    return check(after);
  } finally {
    after.dispose();
  }
}

describe("change log under faults (CL)", () => {
  test("[CL1] [CL2] power cut at every operation: all acknowledged is found, nothing is invented", () => {
    let tails = 0;
    const operations = forEachFault(
      (files, n) => files.cutAt(n),
      (files, ledger, n) => {
        for (const seed of [n, n + 1000, n + 2000, n + 3000]) {
          withCrash(files, seed, (after) => {
            const first = recover(after);
            expectHonest(first, ledger);
            tails += first.tail === null ? 0 : 1;
            after.kill();
            // What was shown once stays, and nothing is set aside twice.
            withCrash(after, seed, (again) =>
              expect(recover(again)).toEqual({ ...first, tail: null }),
            );
          });
        }
      },
    );
    expect(operations).toBeGreaterThan(120);
    expect(tails).toBeGreaterThan(10);
  });

  test("[CL8] power cut at every operation of a recovery, and of the one after it", () => {
    forEachFault(
      (files, n) => files.cutAt(n),
      (files, ledger, n) => {
        if (n % 5 !== 0) return;
        const isCut = (m: number): boolean =>
          withCrash(files, n, (after) => {
            after.cutAt(m);
            open(after);
            withCrash(after, n + m, (again) => expectHonest(recover(again), ledger));
            return after.wasHit();
          });
        for (let m = 1; isCut(m); m += 1);
      },
    );
  });

  test.for(["EIO", "ENOSPC"] as const)(
    "[CL4] [CL5] %s at every operation: the log says so, and a restart finds all acknowledged",
    (code) => {
      forEachFault(
        (files, n) => files.failAt(n, code, n),
        (files, ledger, n) => {
          files.kill();
          const shown = recover(files);
          expectHonest(shown, ledger);
          files.kill();
          withCrash(files, n, (after) => expect(recover(after).found).toEqual(shown.found));
        },
      );
    },
  );

  test("[CL4] EIO at every operation of a recovery: it is refused, and the next start finds all", () => {
    const ledger: Ledger = { tried: [], acknowledged: 0, trimmed: 0 };
    const files = faultFiles();
    files.cutAt(110);
    tell(files, ledger);
    const isFailed = (m: number): boolean =>
      withCrash(files, 4, (after) => {
        after.failAt(m, "EIO", m);
        const opened = open(after);
        const isHit = after.wasHit();
        expect(opened.ok).toBe(!isHit);
        after.kill();
        expectHonest(recover(after), ledger);
        return isHit;
      });
    for (let m = 1; isFailed(m); m += 1);
    files.dispose();
  });
});

/** One segment of `count` appends; the file's path and bytes. */
function writtenSegment(
  count: number,
  isClosed = false,
): { readonly bytes: Uint8Array; readonly all: string[] } {
  const files = faultFiles();
  const ledger: Ledger = { tried: [], acknowledged: 0, trimmed: 0 };
  const opened = open(files);
  if (!opened.ok) throw new Error("not opened");
  for (let n = 1; n <= count; n += 1) appendAll(opened.value.log, [`change ${n}`], ledger);
  if (isClosed) opened.value.log.close();
  const bytes = new Uint8Array(fs.readFileSync(`${files.root}/log/segment-000000000001.log`));
  files.dispose();
  return { bytes, all: ledger.tried };
}

/** What opening a log with this one segment gives. */
function openBytes(bytes: Uint8Array): {
  refused: unknown;
  found: readonly string[];
  tail: OpenedChangeLog["tail"];
  aside: Uint8Array;
} {
  const files = faultFiles();
  try {
    fs.mkdirSync(`${files.root}/log`);
    fs.writeFileSync(`${files.root}/log/segment-000000000001.log`, bytes);
    const opened = open(files, false);
    const none = { found: [], tail: null, aside: new Uint8Array() };
    if (!opened.ok) return { refused: opened.error, ...none };
    const { log, tail } = opened.value;
    const aside = tail === null ? none.aside : new Uint8Array(fs.readFileSync(tail.path));
    return { refused: null, found: texts(log), tail, aside };
  } finally {
    files.dispose();
  }
}

function rawRecord(sequence: number): RawRecord {
  const payload = new Uint8Array(30).fill(sequence);
  return { sequence, appendSequence: sequence, typeByte: 9, payload };
}

function scanned(bytes: Uint8Array): SegmentScan {
  const scan = scanSegment(bytes);
  if (typeof scan === "string") throw new Error(scan);
  return scan;
}

describe("a damaged change log (CL)", () => {
  test("[CL7] torn at every byte of its last record: the tail is set aside as it is", () => {
    const { bytes, all } = writtenSegment(3);
    const { endOffset } = scanned(bytes);
    const start = endOffset - (endOffset - segmentHeaderSizeBytes) / 3;
    for (let cut = start; cut < endOffset; cut += 1) {
      for (const filler of [0, 0xaa]) {
        const torn = bytes.slice().fill(filler, cut, endOffset);
        const { refused, found, tail, aside } = openBytes(torn);
        expect(refused).toBeNull();
        expect(found).toEqual(all.slice(0, 2));
        const last = torn.findLastIndex((value) => value !== 0) + 1;
        expect(aside).toEqual(torn.slice(start, Math.max(start, last)));
        expect(tail?.sizeBytes ?? 0).toBe(aside.length);
        if (tail !== null && cut >= start + 16) expect(tail.wasRecordLike).toBe(true);
        if (tail !== null)
          expect(tail.path).toContain("2023-11-14T22-13-20.000Z-tail-of-segment-1");
      }
    }
  });

  test("[CL7] an append of several records, torn in the first of them, is a torn tail", () => {
    const files = faultFiles();
    const opened = open(files);
    if (!opened.ok) throw new Error("not opened");
    appendAll(opened.value.log, ["before"], { tried: [], acknowledged: 0, trimmed: 0 });
    const path = `${files.root}/log/segment-000000000001.log`;
    const { endOffset } = scanned(fs.readFileSync(path));
    appendAll(opened.value.log, ["first", "second", "third"], {
      tried: [],
      acknowledged: 0,
      trimmed: 0,
    });
    const bytes = new Uint8Array(fs.readFileSync(path));
    files.dispose();
    bytes.fill(0, endOffset, endOffset + 10);
    const { refused, found, tail } = openBytes(bytes);
    expect(refused).toBeNull();
    expect(found).toEqual(["before"]);
    expect(tail).toMatchObject({ expectedSequence: 2, wasRecordLike: false });
  });

  test.for([false, true])(
    "[CL6] one bit flipped in every byte of a segment (closed in order: %s)",
    (isClosed) => {
      const { bytes, all } = writtenSegment(3, isClosed);
      const { endOffset, records } = scanned(bytes);
      const lastSize = 20 + (records.at(-1)?.payload.length ?? 0);
      for (let at = 0; at < bytes.length; at += 1) {
        const flipped = bytes.slice();
        flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
        const { refused, found, tail } = openBytes(flipped);
        if (at < endOffset - lastSize) {
          expect(refused).toMatchObject({ type: "LogDamaged" });
          continue;
        }
        // Only the last record may be gone, and only with a report.
        expect(refused).toBeNull();
        expect(tail).not.toBeNull();
        expect(found).toEqual(isClosed || at >= endOffset ? all : all.slice(0, 2));
      }
    },
  );

  test("[CL6] the refusal says where, what was expected and what proves it", () => {
    const { bytes } = writtenSegment(4);
    const { records } = scanned(bytes);
    const offset = (records[1]?.payload.byteOffset ?? 0) - bytes.byteOffset - 20;
    bytes[offset + 25] = 0;
    expect(openBytes(bytes).refused).toMatchObject({
      type: "LogDamaged",
      fault: "record",
      offset,
      expectedSequence: 2,
      foundLaterSequence: 3,
    });
  });

  test("[CL6] the header of a later segment proves that the one before was synced", () => {
    const files = faultFiles();
    const ledger: Ledger = { tried: [], acknowledged: 0, trimmed: 0 };
    const opened = open(files);
    if (!opened.ok) throw new Error("not opened");
    while (opened.value.log.status().segments === 1)
      appendAll(opened.value.log, ["change"], ledger);
    const path = `${files.root}/log/segment-000000000001.log`;
    const bytes = fs.readFileSync(path);
    const { endOffset, records } = scanned(bytes);
    bytes[endOffset - 1] = (bytes[endOffset - 1] ?? 0) ^ 1;
    fs.writeFileSync(path, bytes);
    files.kill();
    expect(open(files)).toMatchObject({
      error: { expectedSequence: records.length, foundLaterSequence: records.length + 1 },
    });
    files.dispose();
  });

  test("[CL12] a record of another segment never passes, though its sequence would fit", () => {
    const id = testRandom(7)(16);
    const header = { ordinal: 1, firstSequence: 1, sizeBytes: segmentSizeBytes, id };
    const own = encodeRecords(id, [rawRecord(1)]);
    const foreign = encodeRecords(testRandom(8)(16), [rawRecord(2), rawRecord(3)]);
    const bytes = new Uint8Array(segmentSizeBytes);
    bytes.set(encodeSegmentHeader(header));
    bytes.set(own, segmentHeaderSizeBytes);
    bytes.set(foreign, segmentHeaderSizeBytes + own.length);
    const { records, tail } = scanned(bytes);
    expect(records.map(({ sequence }) => sequence)).toEqual([1]);
    expect(tail).toMatchObject({ foundLaterSequence: null, wasRecordLike: true });
  });

  test("[CL12] a record of the same segment with another sequence than expected does not pass", () => {
    const { bytes } = writtenSegment(3);
    const { records, endOffset } = scanned(bytes);
    for (const sequence of [1, 3, 5, 6]) {
      const stale = bytes.slice();
      stale.set(encodeRecords(bytes.slice(32, 48), [rawRecord(sequence)]), endOffset);
      const scan = scanned(stale);
      expect(scan.records).toHaveLength(records.length);
      expect(scan.tail).toMatchObject({ foundLaterSequence: sequence > 4 ? sequence : null });
    }
  });
});
