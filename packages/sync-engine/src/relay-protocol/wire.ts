/**
 * Bytes of the relay protocol: fixed, counted and variable-length fields. PROTOCOL.md §4.
 *
 * A shape is written once and both written and read by it. Reading never throws past `decode`, never
 * looks beyond the frame, and takes one spelling of each value only. What cannot be read back is not written: that
 * is a bug of the caller.
 *
 * @module
 */

import { assert, err, ok, utf8, type Result } from "@tillmesh/kernel";

/** How one value of type `T` is written and read. */
export interface Field<T> {
  sizeOf(value: T): number;
  write(to: Writer, value: T): void;
  /** Throws `Malformed`, which `decode` catches. */
  read(from: Reader): T;
}

export interface Writer {
  readonly bytes: Uint8Array;
  at: number;
}

export interface Reader {
  readonly bytes: Uint8Array;
  at: number;
}

/** The bytes of a value, behind `head` if there is one. */
export function encode<T>(field: Field<T>, value: T, head?: number): Uint8Array {
  const headSize = head === undefined ? 0 : 1;
  const writer: Writer = { bytes: new Uint8Array(headSize + field.sizeOf(value)), at: headSize };
  if (head !== undefined) writer.bytes[0] = head;
  field.write(writer, value);
  return writer.bytes;
}

/** The value in exactly these bytes, from `at` on. */
export function decode<T>(field: Field<T>, bytes: Uint8Array, at = 0): Result<T, MalformedError> {
  const reader: Reader = { bytes, at };
  try {
    const value = field.read(reader);
    return reader.at === bytes.length ? ok(value) : malformed(reader.at, "bytes behind the end");
  } catch (error) {
    if (error instanceof Malformed) return malformed(reader.at, error.message);
    throw error;
  }
}

/** What is wrong, and near which byte. */
export interface MalformedError {
  readonly type: "Malformed";
  readonly at: number;
  readonly reason: string;
}

/** Thrown inside `decode` only. */
export class Malformed extends Error {}

export const byte: Field<number> = {
  sizeOf: () => 1,
  write: (to, value) => {
    assert(value >= 0 && value <= 255, `${value} is no byte`);
    to.bytes[to.at] = value;
    to.at += 1;
  },
  read: readByte,
};

/** A byte 0 or 1. */
export const flag: Field<boolean> = {
  sizeOf: () => 1,
  write: (to, value) => byte.write(to, value ? 1 : 0),
  read: (from) => {
    const value = readByte(from);
    if (value > 1) throw new Malformed("neither 0 nor 1");
    return value === 1;
  },
};

/** Unsigned LEB128 up to 2^53 - 1, shortest form only. */
export const count: Field<number> = {
  sizeOf: (value) => {
    assert(Number.isSafeInteger(value) && value >= 0, `${value} is no count`);
    let size = 1;
    for (let left = value; left >= 128; left = Math.floor(left / 128)) size += 1;
    return size;
  },
  write: (to, value) => {
    let left = value;
    for (; left >= 128; left = Math.floor(left / 128)) {
      to.bytes[to.at] = (left % 128) + 128;
      to.at += 1;
    }
    to.bytes[to.at] = left;
    to.at += 1;
  },
  read: (from) => {
    const first = readByte(from);
    return first < 128 ? first : readLongCount(from, first);
  },
};

function readByte(from: Reader): number {
  const value = from.bytes[from.at];
  if (value === undefined) throw new Malformed("cut short");
  from.at += 1;
  return value;
}

function readLongCount(from: Reader, first: number): number {
  let value = first - 128;
  for (let scale = 128, size = 2; size <= 8; scale *= 128, size += 1) {
    const next = readByte(from);
    value += (next % 128) * scale;
    if (value > Number.MAX_SAFE_INTEGER) break;
    if (next >= 128) continue;
    if (next === 0) throw new Malformed("a count with a longer form");
    return value;
  }
  throw new Malformed("a count beyond 2^53");
}

/** Exactly so many bytes. */
export function fixed(sizeBytes: number): Field<Uint8Array> {
  return {
    sizeOf: (value) => {
      assert(value.length === sizeBytes, `${value.length} bytes in place of ${sizeBytes}`);
      return sizeBytes;
    },
    write: writeBytes,
    read: (from) => take(from, sizeBytes),
  };
}

/** A count, then so many bytes; at most `maxBytes`. */
export function counted(maxBytes: number): Field<Uint8Array> {
  return {
    sizeOf: (value) => {
      assert(value.length <= maxBytes, `${value.length} bytes where ${maxBytes} may be`);
      return count.sizeOf(value.length) + value.length;
    },
    write: (to, value) => {
      count.write(to, value.length);
      writeBytes(to, value);
    },
    read: (from) => {
      const size = count.read(from);
      if (size > maxBytes) throw new Malformed(`${size} bytes where ${maxBytes} may be`);
      return take(from, size);
    },
  };
}

/** All that is left of the frame; from 1 to `maxBytes`, unless told otherwise. */
export function remaining(maxBytes: number, minBytes = 1): Field<Uint8Array> {
  const isWithin = (size: number): boolean => size >= minBytes && size <= maxBytes;
  return {
    sizeOf: (value) => {
      assert(isWithin(value.length), `${value.length} bytes where ${maxBytes} may be`);
      return value.length;
    },
    write: writeBytes,
    read: (from) => {
      const size = from.bytes.length - from.at;
      if (!isWithin(size)) throw new Malformed(`${size} bytes where ${maxBytes} may be`);
      return take(from, size);
    },
  };
}

/** UTF-8 behind its count of bytes. */
export function text(maxBytes: number): Field<string> {
  const bytes = counted(maxBytes);
  return {
    sizeOf: (value) => bytes.sizeOf(utf8(value)),
    write: (to, value) => bytes.write(to, utf8(value)),
    read: (from) => {
      const taken = bytes.read(from);
      try {
        return decoder.decode(taken);
      } catch {
        throw new Malformed("text that is no UTF-8");
      }
    },
  };
}

/** A count of items, then each. */
export function listOf<T>(item: Field<T>, max: number): Field<readonly T[]> {
  return {
    sizeOf: (values) => {
      assert(values.length <= max, `${values.length} items where ${max} may be`);
      return values.reduce((size, one) => size + item.sizeOf(one), count.sizeOf(values.length));
    },
    write: (to, values) => {
      count.write(to, values.length);
      for (const value of values) item.write(to, value);
    },
    read: (from) => {
      const length = count.read(from);
      if (length > max) throw new Malformed(`${length} items where ${max} may be`);
      const values: T[] = [];
      while (values.length < length) values.push(item.read(from));
      return values;
    },
  };
}

/** A byte 0 or 1, then the value if 1. */
export function optional<T>(field: Field<T>): Field<T | undefined> {
  return {
    sizeOf: (value) => 1 + (value === undefined ? 0 : field.sizeOf(value)),
    write: (to, value) => {
      flag.write(to, value !== undefined);
      if (value !== undefined) field.write(to, value);
    },
    read: (from) => (flag.read(from) ? field.read(from) : undefined),
  };
}

/** Of a byte or a count: only these values. */
export function within<T>(field: Field<T>, isAllowed: (value: T) => boolean): Field<T> {
  return {
    sizeOf: (value) => {
      assert(isAllowed(value), `${String(value)} is not allowed here`);
      return field.sizeOf(value);
    },
    write: (to, value) => field.write(to, value),
    read: (from) => {
      const value = field.read(from);
      if (!isAllowed(value)) throw new Malformed(`${String(value)} is not allowed here`);
      return value;
    },
  };
}

/** Fields one after the other, in the order in which they stand. */
export function record<T extends object>(fields: {
  readonly [Name in keyof T]: Field<T[Name]>;
}): Field<T> {
  const names = Object.keys(fields) as (keyof T)[];
  return {
    sizeOf: (value) => {
      let size = 0;
      for (const name of names) size += fields[name].sizeOf(value[name]);
      return size;
    },
    write: (to, value) => {
      for (const name of names) fields[name].write(to, value[name]);
    },
    read: (from) => {
      const value: Partial<T> = {};
      for (const name of names) value[name] = fields[name].read(from);
      return value as T;
    },
  };
}

function writeBytes(to: Writer, value: Uint8Array): void {
  to.bytes.set(value, to.at);
  to.at += value.length;
}

function take(from: Reader, sizeBytes: number): Uint8Array {
  const end = from.at + sizeBytes;
  if (end > from.bytes.length) throw new Malformed("cut short");
  const taken = from.bytes.subarray(from.at, end);
  from.at = end;
  return taken;
}

function malformed(at: number, reason: string): Result<never, MalformedError> {
  return err({ type: "Malformed", at, reason });
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
