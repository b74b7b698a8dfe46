/**
 * The encodings inside an Automerge change: LEB128, run lengths, deltas. SPEC.md §3 (CH).
 *
 * Source: the Automerge binary document format (automerge.org/automerge-binary-format-spec),
 * "uLEB", "LEB", "run length encoding", "delta column", "boolean column". A run is as long as possible;
 * a column of nothing but nulls is empty.
 *
 * @module
 */

export function putUnsigned(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}

export function putSigned(bytes: number[], value: number): void {
  let rest = value;
  for (;;) {
    const low = ((rest % 128) + 128) % 128;
    rest = Math.floor(rest / 128);
    const isLast = (rest === 0 && low < 64) || (rest === -1 && low >= 64);
    bytes.push(isLast ? low : low | 128);
    if (isLast) return;
  }
}

/** Writes one value of a column. */
type Put<Value> = (bytes: number[], value: Value) => void;

/** Runs of equal values, literal stretches of different ones, counted nulls. */
export function runLengths<Value>(
  values: readonly (Value | null)[],
  put: Put<Value>,
): readonly number[] {
  if (values.every((value) => value === null)) return [];
  const bytes: number[] = [];
  for (let at = 0; at < values.length;) {
    const value = values[at] as Value | null;
    const length = runAt(values, at);
    if (value === null) {
      bytes.push(0);
      putUnsigned(bytes, length);
      at += length;
    } else if (length > 1) {
      putSigned(bytes, length);
      put(bytes, value);
      at += length;
    } else {
      at = putLiterals(bytes, { values, at, put });
    }
  }
  return bytes;
}

/** Differences between successive values, in runs. */
export function deltas(values: readonly (number | null)[]): readonly number[] {
  let before = 0;
  const differences = values.map((value) => {
    if (value === null) return null;
    const difference = value - before;
    before = value;
    return difference;
  });
  return runLengths(differences, putSigned);
}

/** Counts of alternating false and true, false first. */
export function booleans(values: readonly boolean[]): readonly number[] {
  const bytes: number[] = [];
  let isTrue = false;
  let count = 0;
  for (const value of values) {
    if (value !== isTrue) {
      putUnsigned(bytes, count);
      isTrue = value;
      count = 0;
    }
    count += 1;
  }
  if (count > 0) putUnsigned(bytes, count);
  return bytes;
}

function runAt(values: readonly unknown[], start: number): number {
  let end = start + 1;
  while (end < values.length && values[end] === values[start]) end += 1;
  return end - start;
}

interface Literals<Value> {
  readonly values: readonly (Value | null)[];
  readonly at: number;
  readonly put: Put<Value>;
}

/** Puts values up to the next null or run; answers with the index after them. */
function putLiterals<Value>(bytes: number[], { values, at, put }: Literals<Value>): number {
  let end = at + 1;
  while (end < values.length && values[end] !== null && runAt(values, end) === 1) end += 1;
  putSigned(bytes, at - end);
  for (const value of values.slice(at, end)) put(bytes, value as Value);
  return end;
}
