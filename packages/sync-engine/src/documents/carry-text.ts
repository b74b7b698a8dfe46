/**
 * What a device wrote down of its ledger up to an entry, as lines of text. SPEC.md §5 (CW), PROTOCOL.md §1.
 *
 * A head, then one line per total, then the signed texts of the entries that the app goes on
 * needing. Lines, so that tens of thousands of totals are read a little at a time.
 *
 * @module
 */

import {
  canonicalJson,
  err,
  isCanonicalJson,
  isHlc,
  ok,
  parseJson,
  type Crypto,
  type DeviceId,
  type Entry,
  type Hlc,
  type Json,
  type LocationId,
  type Result,
  type Sku,
} from "@tillmesh/kernel";
import { readEntry } from "./entry-format.ts";
import { isSignedBy, openSignedText, type Signed } from "./signed-text.ts";

export type CarryHead = {
  readonly v: 2;
  readonly device: DeviceId;
  readonly incarnation: number;
  /** Where the device stands. */
  readonly location: LocationId;
  /** The last entry that is in the totals, its hash and its moment. */
  readonly throughSequence: number;
  readonly hash: string;
  readonly at: Hlc;
  /** The part that ends with that entry, and the hash of its sealed text. */
  readonly part: number;
  readonly sealed: string;
  /** The rule by which entries were kept: whoever needs others cannot start here. */
  readonly keeps: string;
};

/** The sum of all movements of one SKU at one location, in thousandths; never zero. */
export type CarryTotal = {
  readonly location: LocationId;
  readonly sku: Sku;
  readonly totalMilli: number;
};

/** One line of a carry behind its head. */
export type CarryLine =
  | { readonly type: "total"; readonly total: CarryTotal }
  | { readonly type: "kept"; readonly kept: Signed<Entry> };

/** No carry is longer, in bytes. */
export const carryMaxSizeBytes = 67_108_864;

export function headLine(head: CarryHead): string {
  return canonicalJson(head);
}

export function totalLine({ location, sku, totalMilli }: CarryTotal): string {
  return canonicalJson([location, sku, totalMilli]);
}

/** Names a total; totals stand in a carry in the order of these, by UTF-16 code units. No location has a slash in it. */
export function totalKey({ location, sku }: Pick<CarryTotal, "location" | "sku">): string {
  return `${location}/${sku}`;
}

export function totalOf(key: string, totalMilli: number): CarryTotal {
  const at = key.indexOf("/");
  const location = key.slice(0, at) as LocationId;
  return { location, sku: key.slice(at + 1) as Sku, totalMilli };
}

/** The lines of a text, decoded one by one. */
export function* linesOf(bytes: Uint8Array): Generator<string, void, undefined> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  for (let from = 0; from <= bytes.length;) {
    const end = bytes.indexOf(lineFeed, from);
    const to = end === -1 ? bytes.length : end;
    yield decoder.decode(bytes.subarray(from, to));
    from = to + 1;
  }
}

const lineFeed = 10;

/** What is known of a carry before its text is read. */
export interface ExpectedCarry {
  readonly device: string;
  readonly incarnation: number;
  readonly throughSequence: number;
}

export interface CarryKeys {
  readonly crypto: Pick<Crypto, "sha256" | "verify">;
  /** The owner's. `undefined` skips signatures: only for what this replica checked before. */
  readonly publicKey: Uint8Array | undefined;
}

/** Takes the lines of a carry one after the other and says what each is, or why the carry is none. */
export interface CarryReader {
  readonly head: () => CarryHead | undefined;
  /** Undefined for the head itself. */
  readonly take: (line: string) => Result<CarryLine | undefined, CarryTextError>;
}

export function createCarryReader(expected: ExpectedCarry, keys: CarryKeys): CarryReader {
  let head: CarryHead | undefined;
  let total: CarryTotal | undefined;
  let keptThrough = 0;
  const takeTotal = (line: string): Result<CarryLine, CarryTextError> => {
    const read = readTotal(line);
    const isNext = read && keptThrough === 0 && (!total || totalKey(total) < totalKey(read));
    if (!isNext) return refuse("total");
    total = read;
    return ok({ type: "total", total: read });
  };
  const takeKept = (line: string): Result<CarryLine, CarryTextError> => {
    const kept = readKept(line, keys);
    if (!kept || !belongsTo(kept.fact, expected)) return refuse("kept");
    if (kept.fact.sequence <= keptThrough) return refuse("kept order");
    keptThrough = kept.fact.sequence;
    return ok({ type: "kept", kept });
  };
  return {
    head: () => head,
    take: (line) => {
      if (head) return line.startsWith("[") ? takeTotal(line) : takeKept(line);
      head = readHead(line, expected);
      return head ? ok(undefined) : refuse("head");
    },
  };
}

/** The text breaks the format in this place. The owner signed its hash: no peer is to blame. */
export interface CarryTextError {
  readonly type: "CarryText";
  readonly place: "head" | "total" | "kept" | "kept order";
}

function refuse(place: CarryTextError["place"]): Result<never, CarryTextError> {
  return err({ type: "CarryText", place });
}

function readHead(line: string, expected: ExpectedCarry): CarryHead | undefined {
  const json = readLine(line);
  if (typeof json !== "object" || json === null || Array.isArray(json)) return undefined;
  const members = json as { readonly [member: string]: Json };
  if (!Object.entries(headChecks).every(([member, check]) => check(members[member]))) {
    return undefined;
  }
  const head = json as unknown as CarryHead;
  const isExpected =
    head.device === expected.device &&
    head.incarnation === expected.incarnation &&
    head.throughSequence === expected.throughSequence;
  return isExpected ? head : undefined;
}

type Check = (value: Json | undefined) => boolean;

const isText: Check = (value) => typeof value === "string" && value !== "" && value.length <= 64;
const isHash: Check = (value) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 1;

const headChecks: Readonly<Record<keyof CarryHead, Check>> = {
  v: (value) => value === 2,
  device: isText,
  incarnation: isCount,
  location: isText,
  throughSequence: isCount,
  hash: isHash,
  at: (value) => typeof value === "string" && isHlc(value),
  part: isCount,
  sealed: isHash,
  keeps: (value) => typeof value === "string" && value.length <= 64,
};

function readTotal(line: string): CarryTotal | undefined {
  const json = readLine(line);
  if (!Array.isArray(json) || json.length !== 3) return undefined;
  const [location, sku, totalMilli] = json as readonly Json[];
  if (typeof location !== "string" || typeof sku !== "string") return undefined;
  if (!Number.isSafeInteger(totalMilli) || totalMilli === 0) return undefined;
  if (location === "" || location.includes("/")) return undefined;
  return {
    location: location as LocationId,
    sku: sku as Sku,
    totalMilli: totalMilli as number,
  };
}

function readKept(line: string, { crypto, publicKey }: CarryKeys): Signed<Entry> | undefined {
  const opened = openSignedText("entry", line, crypto);
  if (!opened.ok) return undefined;
  const entry = readEntry(opened.value.fact);
  if (!entry.ok) return undefined;
  if (publicKey && !isSignedBy(opened.value, publicKey, crypto)) return undefined;
  return { fact: entry.value, text: line, hash: opened.value.hash };
}

function belongsTo(entry: Entry, { device, incarnation, throughSequence }: ExpectedCarry): boolean {
  const isOfLedger = entry.device === device && entry.incarnation === incarnation;
  return isOfLedger && entry.sequence <= throughSequence;
}

function readLine(line: string): Json | undefined {
  const parsed = parseJson(line);
  return parsed.ok && isCanonicalJson(line, parsed.value) ? parsed.value : undefined;
}
