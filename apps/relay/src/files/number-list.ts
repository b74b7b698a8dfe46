/**
 * A list of numbers that grows at its end and is let go of from its front, eight or four bytes each.
 *
 * @module
 */

export interface NumberList {
  /** `start` entries at the front are gone; `end` is behind the last. */
  values: Float64Array | Uint32Array;
  start: number;
  end: number;
}

export function createNumberList(): NumberList {
  return { values: new Float64Array(2), start: 0, end: 0 };
}

/** Of numbers below 2^32. */
export function createSmallNumberList(): NumberList {
  return { values: new Uint32Array(2), start: 0, end: 0 };
}

export function lengthOf({ start, end }: NumberList): number {
  return end - start;
}

/** The value at `index`, counted from what is still there. */
export function numberAt({ values, start, end }: NumberList, index: number): number | undefined {
  return start + index < end ? values[start + index] : undefined;
}

export function setNumber({ values, start }: NumberList, index: number, value: number): void {
  values[start + index] = value;
}

export function addNumber(list: NumberList, value: number): void {
  if (list.end === list.values.length) makeRoom(list);
  list.values[list.end] = value;
  list.end += 1;
}

/** Lets go of the first `count`. */
export function dropNumbers(list: NumberList, count: number): void {
  list.start = Math.min(list.end, list.start + count);
  if (list.start > 64 && list.start > list.values.length * 0.75) makeRoom(list);
}

/** Where `value` stands or would stand, in a list that goes up. */
export function searchNumber(list: NumberList, value: number): number {
  let low = list.start;
  let high = list.end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list.values[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low - list.start;
}

/** Half as much again as is in use. */
function makeRoom(list: NumberList): void {
  const used = list.values.subarray(list.start, list.end);
  const length = Math.max(2, Math.ceil(used.length * 1.5));
  const isSmall = list.values instanceof Uint32Array;
  const values = isSmall ? new Uint32Array(length) : new Float64Array(length);
  values.set(used);
  list.end -= list.start;
  list.start = 0;
  list.values = values;
}
