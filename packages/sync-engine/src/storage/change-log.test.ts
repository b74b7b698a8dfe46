import fs from "node:fs";
import { testClock, testRandom } from "@tillmesh/kernel/testing";
import { afterEach, describe, expect, test } from "vitest";
import { faultFiles, type FaultFiles } from "../testing/fault-files.ts";
import { openChangeLog, type ChangeLog, type ChangeLogOptions } from "./change-log.ts";
import { encodeRecords, segmentHeaderSizeBytes, type LogDraft } from "./log-record.ts";
import { scanSegment, type SegmentScan } from "./segment-scan.ts";

const made: FaultFiles[] = [];
const segmentSizeBytes = 1024;

function keep(files: FaultFiles): FaultFiles {
  made.push(files);
  return files;
}

function optionsOf(files: FaultFiles, more: Partial<ChangeLogOptions> = {}): ChangeLogOptions {
  const ports = {
    files,
    clock: testClock(1_700_000_000_000),
    random: testRandom(files.operations()),
  };
  return { ...ports, directory: `${files.root}/log`, isNew: true, segmentSizeBytes, ...more };
}

function open(files: FaultFiles, more: Partial<ChangeLogOptions> = {}): ChangeLog {
  const opened = openChangeLog(optionsOf(files, more));
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  return opened.value.log;
}

function refusal(files: FaultFiles): unknown {
  const opened = openChangeLog(optionsOf(files, { isNew: false }));
  return opened.ok ? "opened" : opened.error;
}

function change(text: string, document = "ledger/dev_a/1/1"): LogDraft {
  return { type: "change", document, change: new TextEncoder().encode(text) };
}

/** The changes in the log as text. */
function contents(log: ChangeLog): readonly string[] {
  return Array.from(log.records(), (record) =>
    record.type === "change" ? new TextDecoder().decode(record.change) : record.type,
  );
}

/** A log with these changes, one append each, and no clean mark. */
function logWith(texts: readonly string[]): FaultFiles {
  const files = keep(faultFiles());
  const log = open(files);
  for (const text of texts) expect(log.append([change(text)]).ok).toBe(true);
  files.kill();
  return files;
}

function segmentPath(files: FaultFiles, ordinal = 1): string {
  return `${files.root}/log/segment-${String(ordinal).padStart(12, "0")}.log`;
}

function scan(files: FaultFiles, ordinal = 1): SegmentScan {
  const scanned = scanSegment(fs.readFileSync(segmentPath(files, ordinal)));
  if (typeof scanned === "string") throw new Error(scanned);
  return scanned;
}

afterEach(() => {
  for (const files of made.splice(0)) files.dispose();
});

describe("change log (CL)", () => {
  test("[CL1] what was appended is found after a power cut, in order", () => {
    const files = logWith(["one", "two", "three"]);
    for (let seed = 0; seed < 20; seed += 1) {
      expect(contents(open(keep(files.crash(seed))))).toEqual(["one", "two", "three"]);
    }
  });

  test("[CL2] sequences go on after a restart, and names of documents come back", () => {
    const files = keep(faultFiles());
    const log = open(files);
    expect(
      log.append([change("one", "ledger/a/1/1"), change("two", "publications/prices/1")]),
    ).toEqual({ ok: true, value: { throughSequence: 2 } });
    expect(log.close().ok).toBe(true);
    const next = open(files, { isNew: false });
    expect(next.append([change("three")])).toEqual({ ok: true, value: { throughSequence: 3 } });
    expect(
      Array.from(next.records(), (record) => [
        record.sequence,
        record.appendSequence,
        "document" in record && record.document,
      ]),
    ).toEqual([
      [1, 1, "ledger/a/1/1"],
      [2, 1, "publications/prices/1"],
      [3, 3, "ledger/dev_a/1/1"],
    ]);
  });

  test("[CL3] an append is one write and one sync, whatever it holds", () => {
    const files = keep(faultFiles());
    const log = open(files);
    const before = files.operations();
    log.append([change("one")]);
    expect(files.operations() - before).toBe(2);
    log.append(Array.from({ length: 8 }, (_, index) => change(`change ${index}`)));
    expect(files.operations() - before).toBe(4);
  });

  test("[CL3] with `prepare` after each commit no append switches segments", () => {
    const files = keep(faultFiles());
    const log = open(files);
    for (let index = 0; index < 60; index += 1) {
      const before = files.operations();
      log.append([change(`change ${index}`)]);
      expect(files.operations() - before).toBe(2);
      log.prepare();
    }
    expect(log.status().segments).toBeGreaterThan(3);
    expect(contents(log)).toHaveLength(60);
  });

  test("[CL3] space for the next segment is filled in bounded steps", () => {
    const files = keep(faultFiles());
    const log = open(files, { segmentSizeBytes: 600_000 });
    const isReady = Array.from({ length: 4 }, () => log.prepare()).map(
      (done) => done.ok && done.value.isReady,
    );
    expect(isReady).toEqual([false, false, false, true]);
    expect(log.status().reservedBytes).toBe(1_200_000 - segmentHeaderSizeBytes);
  });

  test.for([1, 2])("[CL4] after failing operation %i of an append nothing more is written", (n) => {
    const files = logWith([]);
    const log = open(files);
    expect(log.append([change("one")]).ok).toBe(true);
    files.failAt(n, "EIO", n);
    const failed = log.append([change("two")]);
    expect(failed).toMatchObject({
      ok: false,
      error: { type: "LogFailed", operation: "append", code: "EIO" },
    });
    const before = files.operations();
    expect([log.append([change("three")]), log.prepare(), log.trim(1)]).toEqual([
      failed,
      failed,
      failed,
    ]);
    expect(files.operations()).toBe(before);
    log.close();
    expect(log.status().failure).toMatchObject({ code: "EIO" });
    const found = contents(open(files));
    expect([["one"], ["one", "two"]]).toContainEqual(found);
  });

  test("[CL4] a closed log refuses", () => {
    const log = open(logWith([]));
    log.close();
    expect(log.append([change("one")])).toMatchObject({ ok: false, error: { code: "CLOSED" } });
  });

  test("[CL5] no space for the next segment is answered before anything is written, and passes", () => {
    const files = keep(faultFiles());
    const log = open(files);
    while (log.status().reservedBytes > 100) log.append([change("filling")]);
    const before = contents(log);
    files.failAt(3, "ENOSPC");
    expect(log.append([change("x".repeat(200))])).toMatchObject({
      ok: false,
      error: { type: "LogFull" },
    });
    expect(contents(log)).toEqual(before);
    expect(fs.readdirSync(`${files.root}/log`)).toHaveLength(1);
    expect(log.append([change("y".repeat(200))]).ok).toBe(true);
    expect(contents(log)).toEqual([...before, "y".repeat(200)]);
  });

  test("[CL5] `prepare` tells it long before", () => {
    const files = keep(faultFiles());
    const log = open(files);
    files.failAt(2, "ENOSPC");
    expect(log.prepare()).toMatchObject({ ok: false, error: { type: "LogFull" } });
    expect(log.append([change("one")]).ok).toBe(true);
  });

  test("[CL16] low space is told by a figure and an alarm", () => {
    const files = keep(faultFiles());
    const { freeBytes, isSpaceLow } = open(files, { lowSpaceBytes: 1 }).status();
    expect([freeBytes > 1, isSpaceLow]).toEqual([true, false]);
    expect(open(files, { lowSpaceBytes: 2 ** 60 }).status().isSpaceLow).toBe(true);
  });

  test("[CL15] an append beyond the bound is refused, and nothing is written", () => {
    const files = keep(faultFiles());
    const log = open(files);
    const before = files.operations();
    expect(log.append(Array.from({ length: 65_536 }, () => change("")))).toMatchObject({
      error: { type: "LogTooLarge", records: 65_536, recordsMax: 65_535 },
    });
    const large = { ...change(""), change: new Uint8Array(33_554_432) };
    expect(log.append([large])).toMatchObject({ error: { type: "LogTooLarge" } });
    expect(files.operations()).toBe(before);
    expect(log.append([change("one")])).toMatchObject({ value: { throughSequence: 1 } });
  });

  test("[CL15] an append larger than a segment gets a segment of its own size", () => {
    const files = keep(faultFiles());
    const log = open(files);
    const text = "x".repeat(5000);
    expect(log.append([change(text)]).ok).toBe(true);
    files.kill();
    expect(contents(open(files))).toEqual([text]);
  });

  test("[CL9] only whole segments that are covered are removed, never the current one", () => {
    const files = keep(faultFiles());
    const log = open(files);
    for (let index = 1; index <= 80; index += 1) log.append([change(`change ${index}`)]);
    const { segments } = log.status();
    expect(segments).toBeGreaterThan(2);
    expect(log.trim(0)).toEqual({ ok: true, value: { removedSegments: 0 } });
    expect(contents(log)).toHaveLength(80);
    log.trim(30);
    const [first] = log.records();
    expect(first?.sequence).toBeGreaterThan(1);
    expect(first?.sequence).toBeLessThanOrEqual(31);
    log.trim(80);
    expect(log.status().segments).toBe(1);
    files.kill();
    expect(contents(open(files, { isNew: false })).at(-1)).toBe("change 80");
  });

  test("[CL9] after a failed removal no other segment is removed until the next start", () => {
    const files = keep(faultFiles());
    const log = open(files);
    for (let index = 1; index <= 40; index += 1) log.append([change(`change ${index}`)]);
    files.failAt(2, "EIO", 1);
    expect(log.trim(40)).toMatchObject({
      ok: false,
      error: { type: "LogFailed", operation: "trim" },
    });
    const before = files.operations();
    expect(log.trim(40).ok).toBe(false);
    expect(files.operations()).toBe(before);
    expect(log.append([change("change 41")]).ok).toBe(true);
  });

  test("[CL13] starting again and again without a commit piles up no segments", () => {
    const files = logWith(["one", "two"]);
    const segments: number[] = [];
    for (let start = 0; start < 12; start += 1) {
      const log = open(files);
      expect(contents(log)).toEqual(["one", "two"]);
      segments.push(fs.readdirSync(`${files.root}/log`).length);
      if (start % 2 === 0) log.close();
      files.kill();
    }
    expect(Math.max(...segments)).toBe(3);
  });

  test("[CL8] what recovery showed stays, though its sync had failed before", () => {
    const files = logWith(["one"]);
    const log = open(files);
    files.failAt(2, "EIO");
    expect(log.append([change("two")]).ok).toBe(false);
    files.kill();
    expect(contents(open(files))).toEqual(["one", "two"]);
    files.kill();
    for (let seed = 0; seed < 30; seed += 1) {
      expect(contents(open(keep(files.crash(seed))))).toEqual(["one", "two"]);
    }
  });

  test("[CL10] a log that should be there and is not is a fault", () => {
    const files = keep(faultFiles());
    expect(refusal(files)).toEqual({ type: "LogMissing", directory: `${files.root}/log` });
    expect(open(files).close().ok).toBe(true);
    expect(refusal(files)).toBe("opened");
  });

  test.for([
    ["empty", 0],
    ["short", 40],
    ["short", segmentHeaderSizeBytes],
    ["short", segmentSizeBytes - 1],
  ] as const)("[CL10] a segment file that is %s (%i bytes) refuses the start", ([fault, size]) => {
    const files = logWith(["one"]);
    fs.truncateSync(segmentPath(files), size);
    expect(refusal(files)).toMatchObject({
      type: "LogDamaged",
      segment: segmentPath(files),
      fault,
    });
  });

  test("[CL10] a file of another kind under a segment's name refuses the start", () => {
    const files = logWith(["one"]);
    fs.writeFileSync(segmentPath(files), "x".repeat(segmentSizeBytes));
    expect(refusal(files)).toMatchObject({ type: "LogDamaged", fault: "alien" });
    fs.rmSync(segmentPath(files));
    fs.writeFileSync(segmentPath(files, 9), "");
    expect(refusal(files)).toMatchObject({ type: "LogDamaged", fault: "empty" });
  });

  test("[CL10] a segment that is missing between others refuses the start", () => {
    const files = logWith(Array.from({ length: 60 }, (_, index) => `change ${index}`));
    const expectedSequence = scan(files, 2).header.firstSequence;
    fs.rmSync(segmentPath(files, 2));
    expect(refusal(files)).toMatchObject({
      expectedSequence,
      foundLaterSequence: scan(files, 3).header.firstSequence,
    });
  });

  test("[CL10] other files are named and left alone", () => {
    const files = logWith(["one"]);
    fs.writeFileSync(`${files.root}/log/notes.txt`, "mine");
    const opened = openChangeLog(optionsOf(files));
    expect(opened.ok && opened.value.strays).toEqual(["notes.txt"]);
    expect(fs.readFileSync(`${files.root}/log/notes.txt`, "utf8")).toBe("mine");
  });

  test("[CL11] a type that this version does not know is kept and flagged", () => {
    const files = logWith(["one"]);
    const { header, endOffset } = scan(files);
    const payload = new TextEncoder().encode("from the future");
    const record = { sequence: 2, appendSequence: 2, typeByte: 77, payload };
    const descriptor = fs.openSync(segmentPath(files), "r+");
    fs.writeSync(descriptor, encodeRecords(header.id, [record]), 0, null, endOffset);
    fs.closeSync(descriptor);
    for (let start = 0; start < 3; start += 1) {
      const log = open(files);
      const found = Array.from(log.records()).at(-1);
      expect(found).toMatchObject({ type: "unknown", sequence: 2, typeByte: 77 });
      expect(found?.type === "unknown" && new TextDecoder().decode(found.payload)).toBe(
        "from the future",
      );
      log.close();
    }
  });
});
