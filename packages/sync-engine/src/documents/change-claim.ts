/**
 * What a change from elsewhere claims to be. SPEC.md §3 (CH).
 *
 * Only as much is read as must be known to make the change again: its parent and
 * the signed text. Automerge does not see a byte of it before it is admitted,
 * because a few bytes of a change can stand for a billion operations.
 *
 * Source: Automerge binary format, "change chunks" and "column encodings".
 *
 * @module
 */

import { err, hex, ok, type Crypto, type Result } from "@tillmesh/kernel";

/** Nothing of it is believed before the change is made again and compared. */
export interface ChangeClaim {
  /** Hex SHA-256 over the chunk behind magic and checksum. */
  readonly hash: string;
  readonly parent: string;
  /** The value of its first operation: a signed text, if the claim is true. */
  readonly text: string;
}

/** Reads the claim; `textMaxLength` bounds the work. */
export function readClaim(
  bytes: Uint8Array,
  textMaxLength: number,
  crypto: Pick<Crypto, "sha256">,
): Result<ChangeClaim, ClaimError> {
  if (bytes.length > textMaxLength * 4) return refuse(`${bytes.length} bytes`);
  if (!magic.every((byte, index) => bytes[index] === byte)) return refuse("not a chunk");
  const reader: Reader = { bytes, at: chunkHeaderSizeBytes };
  // A compressed change unfolds to a thousand times its size; peers send changes as they are.
  if (readNumber(reader) !== changeChunkType) return refuse("not a plain change");
  if (readNumber(reader) !== bytes.length - reader.at) return refuse("not of its stated length");
  if (readNumber(reader) !== 1) return refuse("not one parent");
  const parent = hex(readBytes(reader, hashSizeBytes));
  const text = readFirstText(reader);
  if (text === undefined) return refuse("no text");
  if (text.length > textMaxLength) return refuse(`${text.length} characters`);
  return ok({ hash: hex(crypto.sha256(bytes.subarray(chunkHeaderSizeBytes))), parent, text });
}

export interface ClaimError {
  readonly type: "NotAClaim";
  readonly reason: string;
}

function refuse(reason: string): Result<never, ClaimError> {
  return err({ type: "NotAClaim", reason });
}

/** Reads to the end without fail: behind the end all bytes are zero. */
interface Reader {
  readonly bytes: Uint8Array;
  at: number;
}

const magic: readonly number[] = [0x85, 0x6f, 0x4a, 0x83];
/** Magic and checksum, four bytes each. */
const chunkHeaderSizeBytes = 8;
const changeChunkType = 1;
const hashSizeBytes = 32;

/** Behind the parent: actor, number, first operation, time, message, other actors, columns. */
function readFirstText(reader: Reader): string | undefined {
  readBytes(reader, readNumber(reader));
  for (const _ of ["seq", "startOp", "time"]) readNumber(reader);
  readBytes(reader, readNumber(reader));
  const otherActors = readNumber(reader);
  if (otherActors > listMax) return undefined;
  for (let n = 0; n < otherActors; n += 1) readBytes(reader, readNumber(reader));
  const columns = readColumns(reader);
  const lengths = columns?.get(valueLengthsColumn);
  const values = columns?.get(valuesColumn);
  return lengths && values && firstText({ bytes: lengths, at: 0 }, values);
}

function readColumns(reader: Reader): ReadonlyMap<number, Uint8Array> | undefined {
  const count = readNumber(reader);
  if (count > listMax) return undefined;
  const sizes = Array.from(
    { length: count },
    () => [readNumber(reader), readNumber(reader)] as const,
  );
  return new Map(sizes.map(([column, size]) => [column, readBytes(reader, size)]));
}

/** Run lengths come first: of a run its length, of literals their number below zero. */
function firstText(lengths: Reader, values: Uint8Array): string | undefined {
  if (readNumber(lengths) === 0) return undefined;
  const meta = readNumber(lengths);
  const size = Math.floor(meta / 16);
  if (meta % 16 !== textType || size > values.length) return undefined;
  try {
    return decoder.decode(values.subarray(0, size));
  } catch {
    return undefined;
  }
}

const listMax = 64;
const valueLengthsColumn = 0x56;
const valuesColumn = 0x57;
const textType = 6;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function readBytes(reader: Reader, size: number): Uint8Array {
  const from = reader.at;
  reader.at += size;
  return reader.bytes.subarray(from, reader.at);
}

/** LEB128; longer than a safe integer is no number that this reader believes. */
function readNumber(reader: Reader): number {
  let value = 0;
  for (let factor = 1; factor < 2 ** 50; factor *= 128) {
    const byte = reader.bytes[reader.at] ?? 0;
    reader.at += 1;
    value += (byte % 128) * factor;
    if (byte < 128) return value;
  }
  return Number.POSITIVE_INFINITY;
}
