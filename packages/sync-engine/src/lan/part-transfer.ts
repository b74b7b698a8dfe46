/**
 * Sealed parts and carries in bounded pieces, one after the other. SPEC.md §7 (PT).
 *
 * Each piece is asked for, so a slow peer is never sent more than it wants.
 *
 * @module
 */

import { base64url, err, fromBase64url, hex, utf8, type Result } from "@tillmesh/kernel";
import { carryMaxSizeBytes } from "../documents/carry-text.ts";
import {
  createPartReader,
  type PartReader,
  type SealedPart,
  type SealedTextError,
} from "../documents/sealed-part.ts";
import { acceptRead, wantedParts, type AcceptPartError } from "../replica/accept-part.ts";
import { takeCarry, wantedCarries, type WantedCarry } from "../replica/carry-base.ts";
import type { CoreState } from "../replica/core-state.ts";
import type { PartMessage, WantCarryMessage, WantPartMessage } from "./exchange-message.ts";

/** A text to fetch by its hash. */
export type WantedText =
  | { readonly type: "part"; readonly sha256: string; readonly part: SealedPart }
  | { readonly type: "carry"; readonly sha256: string; readonly carry: WantedCarry };

export type WantMessage = WantPartMessage | WantCarryMessage;

/** What one link is fetching. */
export interface PartTransfer {
  current: Fetching | undefined;
  /** Texts that this peer does not have. */
  readonly missing: Set<string>;
}

interface Fetching {
  readonly text: WantedText;
  readonly bytes: Uint8Array;
  readonly filled: number;
  readonly reading: LineReading | undefined;
}

/** Lines of a part are read as they come, so that no turn has to read all of them. */
interface LineReading {
  readonly reader: PartReader;
  /** Where the next line begins. */
  from: number;
  fault: SealedTextError | undefined;
}

export function createPartTransfer(): PartTransfer {
  return { current: undefined, missing: new Set() };
}

/** The next piece to ask for; undefined while one is on its way or nothing is wanted. */
export function nextWant(
  state: CoreState,
  transfer: PartTransfer,
  isPassedOver: (text: WantedText) => boolean,
): WantMessage | undefined {
  if (transfer.current) return undefined;
  const text = wantedTexts(state, transfer).find(
    (one) => !transfer.missing.has(one.sha256) && !isPassedOver(one),
  );
  if (!text) return undefined;
  transfer.current = { text, bytes: new Uint8Array(0), filled: 0, reading: readingOf(state, text) };
  return wantOf(text, 0);
}

/** Carries first, of each ledger the newest that this peer may have; history last. */
function wantedTexts(state: CoreState, { missing }: PartTransfer): readonly WantedText[] {
  const carries = new Map<string, WantedCarry>();
  for (const carry of wantedCarries(state)) {
    const ledger = `${carry.device}/${carry.incarnation}`;
    if (!missing.has(carry.ref.sha256) && !carries.has(ledger)) carries.set(ledger, carry);
  }
  return [
    ...[...carries.values()].map((carry): WantedText => ({
      type: "carry",
      sha256: carry.ref.sha256,
      carry,
    })),
    ...wantedParts(state).map((part): WantedText => ({ type: "part", sha256: part.sha256, part })),
  ];
}

/** Takes a piece. Answers with the next one to ask for; `done` when this text is over. */
export function takePiece(
  state: CoreState,
  transfer: PartTransfer,
  message: PartMessage,
): WantMessage | "done" | "refused" {
  const { current } = transfer;
  if (current?.text.sha256 !== message.sha256) return "done";
  if (message.size === -1) {
    transfer.missing.add(message.sha256);
    transfer.current = undefined;
    return "done";
  }
  const piece = fromBase64url(message.data);
  if (!piece.ok || !isNextPiece(current, message, piece.value.length)) return "refused";
  const bytes = current.filled === 0 ? new Uint8Array(message.size) : current.bytes;
  bytes.set(piece.value, message.offset);
  const filled = message.offset + piece.value.length;
  const fetched = { ...current, bytes, filled };
  readLines(fetched);
  transfer.current = filled < message.size ? fetched : undefined;
  return filled < message.size ? wantOf(current.text, filled) : takeText(state, fetched);
}

function readingOf({ ports }: CoreState, text: WantedText): LineReading | undefined {
  if (text.type === "carry") return undefined;
  return { reader: createPartReader(text.part.name, ports.crypto), from: 0, fault: undefined };
}

/** Reads the lines that are whole; the last one ends with the text. */
function readLines({ bytes, filled, reading }: Fetching): void {
  if (!reading) return;
  while (!reading.fault && reading.from < filled) {
    const end = bytes.subarray(0, filled).indexOf(lineFeed, reading.from);
    if (end === -1 && filled < bytes.length) return;
    const to = end === -1 ? filled : end;
    const taken = takeLine(reading.reader, bytes.subarray(reading.from, to));
    reading.fault = taken.ok ? undefined : taken.error;
    reading.from = to + 1;
  }
}

/** What is no UTF-8 would have another hash once it is text. */
function takeLine(reader: PartReader, bytes: Uint8Array): Result<void, SealedTextError> {
  try {
    return reader.take(decoder.decode(bytes));
  } catch {
    return err({ type: "NotSignedText", kind: "entry", length: bytes.length });
  }
}

const lineFeed = 10;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function takeText(state: CoreState, { text, bytes, reading }: Fetching): "done" | "refused" {
  const taken =
    text.type === "carry"
      ? takeCarry(state, text.carry, bytes)
      : takeRead(state, text.part, { bytes, reading });
  return taken.ok || taken.error.type === "NotWanted" ? "done" : "refused";
}

function takeRead(
  state: CoreState,
  part: SealedPart,
  { bytes, reading }: Pick<Fetching, "bytes" | "reading">,
): Result<void, AcceptPartError> {
  const { sha256 } = part;
  if (hex(state.ports.crypto.sha256(bytes)) !== sha256) {
    return err({ type: "WrongHash", sha256, length: bytes.length });
  }
  if (reading?.fault) return err(reading.fault);
  const entries = reading?.reader.entries() ?? [];
  return acceptRead(state, part, { text: decoder.decode(bytes), entries });
}

function isNextPiece(
  { filled, bytes }: Fetching,
  { offset, size }: PartMessage,
  length: number,
): boolean {
  const isSameSize = filled === 0 ? size <= carryMaxSizeBytes : size === bytes.length;
  return isSameSize && length > 0 && offset === filled && offset + length <= size;
}

/** A piece of a part that is sealed here, or word that it is not. */
export function answerWant(state: CoreState, want: WantPartMessage, cache: TextCache): PartMessage {
  return pieceOf(want, partBytes(state, want, cache));
}

/** The same for a carry. Only the next one is read while one link asks. */
export async function answerWantCarry(
  { ports }: CoreState,
  want: WantCarryMessage,
  cache: TextCache,
): Promise<PartMessage | undefined> {
  if (cache.text?.sha256 !== want.sha256) {
    if (cache.isReading) return undefined;
    cache.isReading = true;
    const bytes = await ports.carries?.read(want).finally(() => {
      cache.isReading = false;
    });
    if (bytes) cache.text = { sha256: want.sha256, bytes };
  }
  return pieceOf(want, cache.text?.sha256 === want.sha256 ? cache.text.bytes : undefined);
}

/** The text that one link was given a piece of last. */
export interface TextCache {
  text?: { readonly sha256: string; readonly bytes: Uint8Array };
  isReading?: boolean;
}

function pieceOf({ sha256, offset }: WantMessage, bytes: Uint8Array | undefined): PartMessage {
  if (!bytes) return { type: "part", sha256, offset, size: -1, data: "" };
  const data = base64url(bytes.subarray(offset, offset + pieceSizeBytes));
  return { type: "part", sha256, offset, size: bytes.length, data };
}

const pieceSizeBytes = 131_072;

function wantOf(text: WantedText, offset: number): WantMessage {
  const { sha256 } = text;
  if (text.type === "carry") {
    const { device, incarnation } = text.carry;
    return { type: "want-carry", device, incarnation, sha256, offset };
  }
  const { device, incarnation, part } = text.part.name;
  return { type: "want-part", device, incarnation, part, sha256, offset };
}

function partBytes(
  state: CoreState,
  { device, incarnation, part, sha256 }: WantPartMessage,
  cache: TextCache,
): Uint8Array | undefined {
  if (cache.text?.sha256 === sha256) return cache.text.bytes;
  const sealed = state.ledgers.get(`${device}/${incarnation}`)?.sealed.get(sha256);
  const text = sealed?.name.part === part ? state.ports.sealed.read(sealed) : undefined;
  if (text === undefined) return undefined;
  const bytes = utf8(text);
  cache.text = { sha256, bytes };
  return bytes;
}
