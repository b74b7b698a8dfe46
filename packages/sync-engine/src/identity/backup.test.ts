import { utf8 } from "@tillmesh/kernel";
import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { bodyMaxBytes, firstHash, firstLine, writeFrame, type Frame } from "./backup-frames.ts";
import {
  makeBackup,
  parseBackup,
  type BackupError,
  type BackupHeader,
  type BackupItem,
  type BackupSection,
} from "./backup.ts";
import { concat } from "./byte-reader.ts";
import { newPrivateKeyPem } from "./keys.ts";
import { sampleContext, sampleIdentity, sampleNowMs } from "./testing/sample-identity.ts";

const context = sampleContext(9);
const { crypto } = context;
let header: BackupHeader;
let headerFrame: Frame;
const sections: readonly BackupSection[] = [
  { name: "sealed/dev_a/1/1", bytes: utf8("a sealed part") },
  { name: "documents/ledger", bytes: new Uint8Array(1_000).fill(7) },
  { name: "empty", bytes: new Uint8Array() },
];

beforeAll(async () => {
  const identity = await sampleIdentity(context);
  const position = { incarnation: 1, sequence: 42, hash: "ab".repeat(32) };
  header = { identity, position, createdAtMs: sampleNowMs };
  headerFrame = { kind: "header", name: "", body: utf8(JSON.stringify(header)) };
});

async function* streamOf<T>(items: Iterable<T>): AsyncGenerator<T, void, undefined> {
  for (const item of items) yield await Promise.resolve(item);
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of source) all.push(item);
  return all;
}

async function fileOf(
  content: Iterable<BackupSection> = sections,
  head: BackupHeader = header,
): Promise<Uint8Array> {
  return concat(await collect(makeBackup(head, streamOf(content), crypto)));
}

/** A file of these frames, whole and in this order. */
function framed(...frames: readonly Frame[]): Uint8Array {
  const pieces = [firstLine];
  let hash = firstHash(crypto);
  for (const frame of frames) {
    const written = writeFrame(frame, hash, crypto);
    pieces.push(...written.pieces);
    ({ hash } = written);
  }
  return concat(pieces);
}

function chunked(bytes: Uint8Array, sizeBytes: number): Uint8Array[] {
  const count = Math.ceil(bytes.length / sizeBytes);
  return Array.from({ length: count }, (_, i) => bytes.slice(i * sizeBytes, (i + 1) * sizeBytes));
}

interface Parsed {
  readonly items: readonly BackupItem[];
  readonly error: BackupError | undefined;
}

async function parse(bytes: Uint8Array, chunkSizeBytes = 4_096): Promise<Parsed> {
  const results = await collect(parseBackup(streamOf(chunked(bytes, chunkSizeBytes)), crypto));
  const items = results.flatMap((result) => (result.ok ? [result.value] : []));
  const errors = results.flatMap((result) => (result.ok ? [] : [result.error]));
  expect(errors.length).toBeLessThanOrEqual(1);
  if (errors.length > 0) expect(results.at(-1)!.ok).toBe(false);
  return { items, error: errors[0] };
}

function isWhole({ items, error }: Parsed): boolean {
  return error === undefined && items.at(-1)?.type === "end";
}

describe("a backup (BU)", () => {
  test("[BU1] brings back identity, position and sections, whatever the chunks", async () => {
    const file = await fileOf();
    for (const chunkSizeBytes of [1, 7, 100_000]) {
      const { items, error } = await parse(file, chunkSizeBytes);
      expect(error).toBeUndefined();
      expect(items).toEqual([
        { type: "header", ...header },
        ...sections.map((section) => ({ type: "section", ...section })),
        { type: "end", sections: 3 },
      ]);
    }
  });

  test("[BU1] of a device that has no entry yet, with no sections", async () => {
    const { items } = await parse(await fileOf([], { ...header, position: null }));
    expect(items).toMatchObject([
      { type: "header", position: null },
      { type: "end", sections: 0 },
    ]);
  });

  test("[BU2] cut off anywhere, it is never taken for whole", async () => {
    const file = await fileOf();
    for (let size = 0; size < file.length; size += 1) {
      const step = size > 100 && size < file.length - 200 ? 13 : 1;
      if (size % step !== 0) continue;
      const parsed = await parse(file.slice(0, size));
      expect(isWhole(parsed), `${size} bytes`).toBe(false);
      expect(parsed.error?.type).toMatch(/^(BackupTruncated|NotABackup)$/);
    }
    expect((await parse(Uint8Array.from([...file, 0]))).error).toMatchObject({
      type: "BackupOrder",
    });
  });

  test("[BU3] a flipped bit in any byte is found, and nothing is given out from its frame on", async () => {
    const file = await fileOf();
    const whole = await parse(file);
    for (let index = 0; index < file.length; index += 1) {
      const inBody = index > 300 && index < file.length - 250;
      if (inBody && index % 41 !== 0) continue;
      const flipped = file.with(index, file[index]! ^ (1 << (index & 7)));
      const parsed = await parse(flipped);
      expect(isWhole(parsed), `byte ${index}`).toBe(false);
      expect(parsed.items).toEqual(whole.items.slice(0, parsed.items.length));
    }
  });

  test("[BU3] frames exchanged, left out or from another backup", async () => {
    const other = await fileOf(sections.slice(1));
    const file = await fileOf();
    const tailSize = 300;
    const mixed = concat([file.slice(0, -tailSize), other.slice(-tailSize)]);
    expect(isWhole(await parse(mixed))).toBe(false);
    const end = { kind: "end", name: "", body: utf8("1") } as const;
    const section = { kind: "section", name: "a", body: utf8("a") } as const;
    const orders: readonly (readonly Frame[])[] = [
      [section, end],
      [headerFrame, headerFrame, end],
      [headerFrame, end],
      [headerFrame, section, section, { ...end, body: utf8("2") }],
      [end],
    ];
    for (const frames of orders) {
      expect(
        (await parse(framed(...frames))).error,
        frames.map((f) => f.kind).join(),
      ).toMatchObject({ type: "BackupOrder" });
    }
    expect(isWhole(await parse(framed(headerFrame, section, end)))).toBe(true);
  });

  test("[BU4] a section's name never leaves the directory it is put in", async () => {
    for (const name of ["../x", "/x", "a/../b", "a//b", "", ".", "a\\b", "C:x", "x".repeat(201)]) {
      const section = { name, bytes: new Uint8Array() };
      await expect(fileOf([section]), name).rejects.toThrow("may name a section");
      const frame = { kind: "section", name, body: new Uint8Array() } as const;
      const { error } = await parse(framed(headerFrame, frame));
      expect(error?.type, name).toMatch(/^(BackupOrder|BackupDamaged)$/);
    }
  });

  test("[BU5] a file says in its first line that it is secret, and is told from other files", async () => {
    const file = await fileOf();
    const [line] = new TextDecoder().decode(file).split("\n");
    expect(line).toContain("SECRET");
    for (const bytes of [new Uint8Array(), utf8("{}"), utf8("TILLMESH BACKUP 2 - SECRET")]) {
      expect((await parse(bytes)).error).toEqual({ type: "NotABackup" });
    }
  });

  test("[BU6] keys and certificates that do not belong together are refused", async () => {
    const privateKeyPem = newPrivateKeyPem(crypto.randomBytes);
    const identity = { ...header.identity, privateKeyPem };
    expect((await parse(await fileOf([], { ...header, identity }))).error).toEqual({
      type: "IdentityKey",
      key: "device",
    });
    const position = { incarnation: 0, sequence: 0, hash: "" };
    expect((await parse(await fileOf([], { ...header, position }))).error).toMatchObject({
      type: "BackupHeader",
      faults: [
        { pointer: "/position/incarnation" },
        { pointer: "/position/sequence" },
        { pointer: "/position/hash" },
      ],
    });
  });

  test("[BU7] memory does not grow with the file: one section is read ahead of its reader, at most", async () => {
    const size = 256 * 1024;
    let produced = 0;
    async function* many(): AsyncGenerator<BackupSection, void, undefined> {
      for (let index = 0; index < 40; index += 1) {
        produced += 1;
        yield await Promise.resolve({ name: `s${index}`, bytes: new Uint8Array(size) });
      }
    }
    let consumed = 0;
    for await (const item of parseBackup(makeBackup(header, many(), crypto), crypto)) {
      if (item.ok && item.value.type === "section") consumed += 1;
      expect(produced - consumed).toBeLessThanOrEqual(1);
    }
    expect(consumed).toBe(40);
    const length = Uint8Array.from([2, 0, 1, 0xff, 0xff, 0xff, 0xff]);
    const claimed = concat([framed(headerFrame), length]);
    expect((await parse(claimed)).error).toEqual({ type: "BackupDamaged" });
    expect(bodyMaxBytes).toBe(64 * 1024 * 1024);
  });

  test("[BU7] whoever stops reading lets the source go", async () => {
    let isClosed = false;
    async function* source(): AsyncGenerator<Uint8Array, void, undefined> {
      try {
        yield* makeBackup(header, streamOf(sections), crypto);
      } finally {
        isClosed = true;
      }
    }
    for await (const item of parseBackup(source(), crypto)) {
      expect(item.ok).toBe(true);
      break;
    }
    expect(isClosed).toBe(true);
  });

  test("[BU3] any bytes are answered, also behind a right first line and header", async () => {
    const start = framed(headerFrame);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        for (const before of [new Uint8Array(), firstLine, start]) {
          expect(isWhole(await parse(concat([before, bytes])))).toBe(false);
        }
      }),
    );
  });
});
