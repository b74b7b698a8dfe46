/**
 * A device's backup: what brings it back on a new disk, as a new incarnation.
 *
 * The file holds the device's private key (at HQ the CA's too) in clear, so it
 * is as secret as the device itself; its first line says so. It is written and
 * read as a stream; memory is bounded by its largest section. Rules: SPEC.md
 * [BU1]-[BU6].
 *
 * @module
 */

import {
  assert,
  canonicalJson,
  err,
  hex,
  ok,
  parseJson,
  utf8,
  type Crypto,
  type Json,
  type Result,
} from "@tillmesh/kernel";
import {
  bodyMaxBytes,
  firstHash,
  firstLine,
  nameMaxBytes,
  readFrame,
  writeFrame,
  type Frame,
  type FrameError,
} from "./backup-frames.ts";
import { createByteReader, type ByteReader } from "./byte-reader.ts";
import {
  cursorOf,
  expectObject,
  member,
  readInteger,
  readText,
  type Cursor,
  type Fault,
} from "./faults.ts";
import {
  checkIdentity,
  identityToJson,
  readIdentityJson,
  type Identity,
  type IdentityError,
} from "./identity.ts";

export interface BackupHeader {
  readonly identity: Identity;
  /** The newest entry of the device's own ledger when the backup was made; none before the first. */
  readonly position: LedgerPosition | null;
  readonly createdAtMs: number;
}

export interface LedgerPosition {
  readonly incarnation: number;
  readonly sequence: number;
  /** Hex SHA-256 of that entry's canonical JSON. */
  readonly hash: string;
}

export interface BackupSection {
  /** A relative path of letters, digits, `.`, `_`, `-` and `/`, at most 200 characters; no two alike. */
  readonly name: string;
  /** At most 64 MiB. */
  readonly bytes: Uint8Array;
}

/** The file, piece by piece. */
export async function* makeBackup(
  header: BackupHeader,
  sections: AsyncIterable<BackupSection>,
  crypto: Crypto,
): AsyncGenerator<Uint8Array, void, undefined> {
  let hash = firstHash(crypto);
  let count = 0;
  const frame = (next: Frame): readonly Uint8Array[] => {
    const written = writeFrame(next, hash, crypto);
    ({ hash } = written);
    return written.pieces;
  };
  yield firstLine;
  const body = utf8(canonicalJson(headerToJson(header)));
  yield* frame({ kind: "header", name: "", body });
  for await (const { name, bytes } of sections) {
    assert(isSectionName(name), `"${name}" may name a section`);
    assert(bytes.length <= bodyMaxBytes, `section ${name} has at most ${bodyMaxBytes} bytes`);
    count += 1;
    assert(count <= sectionsMax, `a backup has at most ${sectionsMax} sections`);
    yield* frame({ kind: "section", name, body: bytes });
  }
  yield* frame({ kind: "end", name: "", body: utf8(String(count)) });
}

export type BackupItem =
  | ({ readonly type: "header" } & BackupHeader)
  | ({ readonly type: "section" } & BackupSection)
  /** Only now is the backup known to be whole: nothing may be made final before. */
  | { readonly type: "end"; readonly sections: number };

/**
 * The header, the sections in their order, then `end`; or an error, after which
 * nothing follows. Never throws but for its source.
 */
export async function* parseBackup(
  source: AsyncIterable<Uint8Array>,
  crypto: Crypto,
): AsyncGenerator<Result<BackupItem, BackupError>, void, undefined> {
  const reader = createByteReader(source);
  try {
    const line = await reader.read(firstLine.length);
    if (hex(line) !== hex(firstLine)) {
      yield err({ type: "NotABackup" });
      return;
    }
    yield* parseFrames(reader, crypto);
  } finally {
    await reader.close();
  }
}

export type BackupError =
  | { readonly type: "NotABackup" }
  | FrameError
  /** Frames are whole but not in the order or of the shape of a backup. */
  | { readonly type: "BackupOrder"; readonly problem: string }
  | { readonly type: "BackupHeader"; readonly faults: readonly Fault[] }
  | IdentityError;

const sectionsMax = 100_000;

async function* parseFrames(
  reader: ByteReader,
  crypto: Crypto,
): AsyncGenerator<Result<BackupItem, BackupError>, void, undefined> {
  let hash = firstHash(crypto);
  const names = new Set<string>();
  for (let index = 0; ; index += 1) {
    const read = await readFrame(reader, hash, crypto);
    if (!read.ok) {
      yield read;
      return;
    }
    ({ hash } = read.value);
    const item = await frameToItem(read.value.frame, { index, names }, crypto);
    const isEnd = item.ok && item.value.type === "end";
    const hasMore = isEnd && (await reader.read(1)).length > 0;
    yield hasMore ? order("bytes after the end") : item;
    if (!item.ok || isEnd) return;
  }
}

interface Progress {
  readonly index: number;
  readonly names: Set<string>;
}

async function frameToItem(
  { kind, name, body }: Frame,
  { index, names }: Progress,
  crypto: Crypto,
): Promise<Result<BackupItem, BackupError>> {
  if ((kind === "header") !== (index === 0)) return order("the header comes first, and once");
  if (kind === "header") return readHeader(body, crypto);
  if (kind === "end") {
    return new TextDecoder().decode(body) === String(names.size)
      ? ok({ type: "end", sections: names.size })
      : order("the number of sections is another");
  }
  if (!isSectionName(name)) return order("a section has a name that is none");
  if (names.has(name)) return order(`section ${name} comes twice`);
  if (names.size >= sectionsMax) return order(`more than ${sectionsMax} sections`);
  names.add(name);
  return ok({ type: "section", name, bytes: body });
}

function order(problem: string): Result<never, BackupError> {
  return err({ type: "BackupOrder", problem });
}

/** Safe to be joined to a directory. */
function isSectionName(name: string): boolean {
  if (name.length > nameMaxBytes) return false;
  return name.split("/").every((step) => /^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(step));
}

function headerToJson({ identity, position, createdAtMs }: BackupHeader): Json {
  return {
    identity: identityToJson(identity),
    position: position as Json,
    createdAtMs,
  };
}

async function readHeader(
  body: Uint8Array,
  crypto: Crypto,
): Promise<Result<BackupItem, BackupError>> {
  const json = parseJson(new TextDecoder().decode(body), { maxBytes: headerMaxBytes });
  if (!json.ok) {
    return err({ type: "BackupHeader", faults: [{ pointer: "", problem: "not JSON" }] });
  }
  const cursor = cursorOf(json.value);
  expectObject(cursor);
  const identity = readIdentityJson(member(cursor, "identity"));
  const position = readPosition(member(cursor, "position"));
  const createdAtMs = readInteger(member(cursor, "createdAtMs"), 0, Number.MAX_SAFE_INTEGER);
  if (cursor.faults.length > 0) return err({ type: "BackupHeader", faults: cursor.faults });
  const checked = await checkIdentity(identity, crypto);
  return checked.ok ? ok({ type: "header", identity, position, createdAtMs }) : checked;
}

const headerMaxBytes = 64 * 1024;

function readPosition(cursor: Cursor): LedgerPosition | null {
  if (cursor.value === null) return null;
  expectObject(cursor);
  return {
    incarnation: readInteger(member(cursor, "incarnation"), 1, Number.MAX_SAFE_INTEGER),
    sequence: readInteger(member(cursor, "sequence"), 1, Number.MAX_SAFE_INTEGER),
    hash: readText(member(cursor, "hash"), hashRule),
  };
}

function hashRule(text: string): string | undefined {
  return /^[0-9a-f]{64}$/.test(text) ? undefined : "expected a SHA-256 in hex";
}
