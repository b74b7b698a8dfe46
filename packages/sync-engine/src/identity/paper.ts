/**
 * Bytes on paper: numbered lines that a person can type in again.
 *
 *     001  6JR3E 81M64 ... (40 characters in groups of five)  7K2M
 *     SUM  9X0Q4 ...
 *
 * Crockford base32, without the letters that look like digits; what looks alike
 * is read alike, and case and spaces do not matter. Each line ends with check
 * characters over its number and bytes, and SUM checks the whole, so a typing
 * error is found on its line before any passphrase is tried. Rules: SPEC.md [RK4].
 *
 * @module
 */

import { crockfordBase32, err, ok, type Crypto, type Result } from "@tillmesh/kernel";

/** Lines without a head; lines that begin with "#" may be put around them. */
export function writePaper(bytes: Uint8Array, crypto: Crypto): string {
  const count = Math.ceil(bytes.length / lineSizeBytes);
  const lines = Array.from({ length: count }, (_, index) => {
    const part = bytes.slice(index * lineSizeBytes, (index + 1) * lineSizeBytes);
    const number = String(index + 1).padStart(3, "0");
    return `${number}  ${grouped(toBase32(part))}  ${checkOf(index + 1, part, crypto)}\n`;
  });
  return `${lines.join("")}SUM  ${grouped(sumOf(bytes, crypto))}\n`;
}

export function readPaper(text: string, crypto: Crypto): Result<Uint8Array, PaperError> {
  if (text.length > textMaxLength) return fault("SUM", `at most ${textMaxLength} characters`);
  const { parts, sums, faults } = readLines(text, crypto);
  const lastNumber = Math.max(0, ...parts.keys());
  const mistyped = new Set(faults.map(({ line }) => line));
  for (let number = 1; number < lastNumber; number += 1) {
    const line = String(number);
    if (!parts.has(number) && !mistyped.has(line)) addFault(faults, line, "missing");
  }
  const [sum] = sums;
  if (sums.length !== 1) addFault(faults, "SUM", sums.length === 0 ? "missing" : "there twice");
  if (faults.length > 0) return err({ type: "KitLines", faults });
  const numbers = Array.from({ length: lastNumber }, (_, index) => index + 1);
  const bytes = Uint8Array.from(numbers.flatMap((number) => [...(parts.get(number) ?? [])]));
  return sum === sumOf(bytes, crypto)
    ? ok(bytes)
    : fault("SUM", "mistyped, or a line before it is missing");
}

/** Every line to look at again. */
export interface PaperError {
  readonly type: "KitLines";
  readonly faults: readonly PaperFault[];
}

export interface PaperFault {
  /** The number of the line as written, "SUM", or the beginning of a line without a number. */
  readonly line: string;
  readonly problem: string;
}

export const paperMaxBytes = 24_000;

const lineSizeBytes = 25;
const checkLength = 4;
const sumLength = 16;
const textMaxLength = 128 * 1024;
const faultsMax = 50;

interface Lines {
  readonly parts: Map<number, Uint8Array>;
  readonly sums: string[];
  readonly faults: PaperFault[];
}

function readLines(text: string, crypto: Crypto): Lines {
  const lines: Lines = { parts: new Map(), sums: [], faults: [] };
  for (const raw of text.split(/\r\n|\r|\n/)) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const [, head = "", rest = ""] = /^(\S{1,8})\s+(.*)$/.exec(line) ?? [];
    const characters = canonical(rest);
    if (head.toUpperCase() === "SUM") lines.sums.push(characters);
    else if (/^\d{1,3}$/.test(head)) readPart(lines, Number(head), characters, crypto);
    else addFault(lines.faults, line.slice(0, 16), "no numbered line");
  }
  return lines;
}

// oxlint-disable-next-line max-params -- one line of the loop above
function readPart(lines: Lines, number: number, characters: string, crypto: Crypto): void {
  const part = fromBase32(characters.slice(0, -checkLength));
  const check = characters.slice(-checkLength);
  const isRight = part !== undefined && number > 0 && checkOf(number, part, crypto) === check;
  if (!isRight) addFault(lines.faults, String(number), "mistyped");
  else if (lines.parts.has(number)) addFault(lines.faults, String(number), "there twice");
  else lines.parts.set(number, part);
}

function addFault(faults: PaperFault[], line: string, problem: string): void {
  if (faults.length < faultsMax) faults.push({ line, problem });
}

function fault(line: string, problem: string): Result<never, PaperError> {
  return err({ type: "KitLines", faults: [{ line, problem }] });
}

function checkOf(number: number, part: Uint8Array, crypto: Crypto): string {
  const digest = crypto.sha256(Uint8Array.from([number >> 8, number & 255, ...part]));
  return toBase32(digest).slice(0, checkLength);
}

function sumOf(bytes: Uint8Array, crypto: Crypto): string {
  return toBase32(crypto.sha256(bytes)).slice(0, sumLength);
}

function toBase32(bytes: Uint8Array): string {
  return crockfordBase32(bytes).toUpperCase();
}

/** Undefined for a text that `toBase32` does not write. */
function fromBase32(text: string): Uint8Array | undefined {
  const bytes: number[] = [];
  let pending = 0;
  let pendingBits = 0;
  for (const character of text) {
    const value = alphabet.indexOf(character);
    if (value < 0) return undefined;
    pending = ((pending << 5) | value) & 0xfff;
    pendingBits += 5;
    if (pendingBits < 8) continue;
    pendingBits -= 8;
    bytes.push((pending >> pendingBits) & 255);
  }
  const part = Uint8Array.from(bytes);
  return part.length > 0 && toBase32(part) === text ? part : undefined;
}

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

function canonical(text: string): string {
  const plain = text.replaceAll(/[\s-]/g, "").toUpperCase();
  return plain.replaceAll("O", "0").replaceAll(/[IL]/g, "1");
}

function grouped(text: string): string {
  return text.replaceAll(/.{5}(?=.)/g, "$& ");
}
