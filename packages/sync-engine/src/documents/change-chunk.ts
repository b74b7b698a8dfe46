/**
 * The bytes of a change that carries one fact, exactly as Automerge encodes them. SPEC.md §3 (CH).
 *
 * Automerge's own `encodeChange` takes the operations as JSON through its wasm core, which was a
 * third of a commit. The operations here are few and of three kinds. A law compares every
 * byte with `encodeChange`.
 *
 * Source: the Automerge binary document format (automerge.org/automerge-binary-format-spec),
 * "change chunk".
 *
 * @module
 */

import { assert, fromHex, utf8, type Crypto } from "@tillmesh/kernel";
import { booleans, deltas, putSigned, putUnsigned, runLengths } from "./chunk-columns.ts";

/** An operation that a fact may need: a text under a key or in a list, a counter made or moved. */
export interface ChunkOp {
  readonly action: "set" | "inc";
  /** `<counter>@<actor>` of the object. */
  readonly obj: string;
  readonly key?: string;
  /** Inserted after this element of a list, `_head` for the first. */
  readonly elemId?: string;
  readonly value: string | number;
  readonly datatype?: "counter";
  readonly pred: readonly string[];
}

/** What identifies a change besides its operations. */
export interface ChangeFrame {
  readonly actor: string;
  /** The actor's change number within the document, from 1. */
  readonly seq: number;
  readonly startOp: number;
  /** Hash of the only change it depends on. */
  readonly parent: string;
}

/** The chunk, and the SHA-256 that names the change. */
export function encodeChunk(
  frame: ChangeFrame,
  ops: readonly ChunkOp[],
  { sha256 }: Pick<Crypto, "sha256">,
): { readonly bytes: Uint8Array; readonly digest: Uint8Array } {
  const actors = actorsOf(frame.actor, ops);
  const texts = ops.map(({ value }) => (typeof value === "string" ? utf8(value) : undefined));
  const columns = columnsOf(ops, { actors, texts });
  const head = headOf(frame, actors);
  putUnsigned(head, columns.length);
  for (const { id, sizeBytes } of columns) {
    putUnsigned(head, id);
    putUnsigned(head, sizeBytes);
  }
  const body = [head, ...columns.flatMap(({ pieces }) => pieces)];
  const bytes = chunkOf(body);
  const digest = sha256(bytes.subarray(checksumEnd));
  bytes.set(digest.subarray(0, 4), magic.length);
  return { bytes, digest };
}

/** `<counter>@<actor>` */
interface OpId {
  readonly counter: number;
  readonly actor: string;
}

interface Context {
  /** The change's own actor, then all others it names, sorted. */
  readonly actors: readonly string[];
  /** The UTF-8 of the values that are text. */
  readonly texts: readonly (Uint8Array | undefined)[];
}

type Piece = Uint8Array | readonly number[];

interface Column {
  readonly id: number;
  readonly pieces: readonly Piece[];
  readonly sizeBytes: number;
}

const magic = [0x85, 0x6f, 0x4a, 0x83];
const checksumEnd = 8;
const changeChunkType = 1;

/** Magic, room for the checksum, type and length, then the body. */
function chunkOf(body: readonly Piece[]): Uint8Array {
  const sizeBytes = body.reduce((sum, piece) => sum + piece.length, 0);
  const start = [...magic, 0, 0, 0, 0, changeChunkType];
  putUnsigned(start, sizeBytes);
  const bytes = new Uint8Array(start.length + sizeBytes);
  bytes.set(start);
  let at = start.length;
  for (const piece of body) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** Everything before the columns: no time, no message. */
function headOf({ actor, seq, startOp, parent }: ChangeFrame, actors: readonly string[]): number[] {
  const head: number[] = [];
  putUnsigned(head, 1);
  head.push(...bytesOf(parent));
  putActor(head, actor);
  putUnsigned(head, seq);
  putUnsigned(head, startOp);
  putSigned(head, 0);
  putUnsigned(head, 0);
  putUnsigned(head, actors.length - 1);
  for (const other of actors.slice(1)) putActor(head, other);
  return head;
}

function putActor(bytes: number[], actor: string): void {
  const raw = bytesOf(actor);
  putUnsigned(bytes, raw.length);
  bytes.push(...raw);
}

function bytesOf(text: string): Uint8Array {
  const bytes = fromHex(text);
  assert(bytes.ok, "a hash or an actor is hex");
  return bytes.value;
}

function actorsOf(own: string, ops: readonly ChunkOp[]): readonly string[] {
  const named = ops.flatMap(({ obj, elemId, pred }) => [
    obj,
    ...(elemId === undefined || elemId === head ? [] : [elemId]),
    ...pred,
  ]);
  const others = new Set(named.map((id) => opId(id).actor));
  others.delete(own);
  return [own, ...[...others].toSorted()];
}

/** Column ids are those of the format; empty columns are left out. */
function columnsOf(ops: readonly ChunkOp[], { actors, texts }: Context): readonly Column[] {
  const objects = ops.map(({ obj }) => opId(obj));
  const elements = ops.map(({ elemId }) => elementId(elemId));
  const preds = ops.flatMap(({ pred }) => pred.map(opId));
  const actorIndexes = (ids: readonly (OpId | null)[]): readonly (number | null)[] =>
    ids.map((id) => (id && id.actor !== "" ? actors.indexOf(id.actor) : null));
  const keys = ops.map(({ key }) => key ?? null);
  return [
    column(0x01, runLengths(actorIndexes(objects), putUnsigned)),
    column(0x02, runLengths(objects.map(counterOf), putUnsigned)),
    column(0x11, runLengths(actorIndexes(elements), putUnsigned)),
    column(0x13, deltas(elements.map((id) => id && id.counter))),
    column(0x15, runLengths(keys, putText)),
    column(0x34, booleans(ops.map(({ elemId }) => elemId !== undefined))),
    column(0x42, runLengths(ops.map(actionOf), putUnsigned)),
    column(
      0x56,
      runLengths(
        ops.map((op, index) => metaOf(op, texts[index])),
        putUnsigned,
      ),
    ),
    column(0x57, ...ops.map((op, index) => texts[index] ?? signedBytes(op.value as number))),
    column(
      0x70,
      runLengths(
        ops.map(({ pred }) => pred.length),
        putUnsigned,
      ),
    ),
    column(0x71, runLengths(actorIndexes(preds), putUnsigned)),
    column(0x73, deltas(preds.map(counterOf))),
  ].filter(({ sizeBytes }) => sizeBytes > 0);
}

function column(id: number, ...pieces: readonly Piece[]): Column {
  return { id, pieces, sizeBytes: pieces.reduce((sum, piece) => sum + piece.length, 0) };
}

const head = "_head";

function opId(text: string): OpId {
  const at = text.indexOf("@");
  return { counter: Number(text.slice(0, at)), actor: text.slice(at + 1) };
}

function counterOf({ counter }: OpId): number {
  return counter;
}

function elementId(elemId: string | undefined): OpId | null {
  if (elemId === undefined) return null;
  return elemId === head ? { counter: 0, actor: "" } : opId(elemId);
}

function actionOf({ action }: ChunkOp): number {
  return action === "set" ? 1 : 5;
}

/** Length and type of a value. */
function metaOf({ value, datatype }: ChunkOp, text: Uint8Array | undefined): number {
  if (text) return text.length * 16 + 6;
  return signedBytes(value as number).length * 16 + (datatype === "counter" ? 8 : 4);
}

function signedBytes(value: number): readonly number[] {
  const bytes: number[] = [];
  putSigned(bytes, value);
  return bytes;
}

function putText(bytes: number[], text: string): void {
  const raw = utf8(text);
  putUnsigned(bytes, raw.length);
  bytes.push(...raw);
}
