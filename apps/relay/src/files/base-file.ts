/**
 * What the files backend still has to know of records whose segments are gone: one JSON file, replaced as a whole.
 *
 * It is written before segments are removed, and when a torn end is set aside. `SHA-256 of the rest` stands in its
 * first line, so that a damaged one is refused and not believed.
 *
 * @module
 */

import {
  base64url,
  err,
  fromBase64url,
  hex,
  ok,
  utf8,
  type Crypto,
  type Result,
} from "@tillmesh/kernel";
import { writeFileAtomic, type Files } from "@tillmesh/sync-engine/storage";
import {
  chainKey,
  createChain,
  createLogIndex,
  logKey,
  keyToName,
  type LogIndex,
} from "./log-index.ts";
import { lengthOf } from "./number-list.ts";
import type { Revocation } from "../log-store.ts";

export interface Base {
  /** 16 bytes, random: log ids are made from it. */
  readonly storeId: Uint8Array;
  /** Below it all segments are gone or not to be read. */
  readonly firstOrdinal: number;
  /** By ordinal: how far a segment with a torn end is good. */
  readonly tornSizeBytes: ReadonlyMap<number, number>;
  readonly logs: readonly BaseLog[];
  readonly revocations: readonly Revocation[];
}

/** A log of which something is gone. */
export interface BaseLog {
  readonly key: string;
  readonly first: number;
  readonly borderHash: Uint8Array | undefined;
  readonly chains: readonly BaseChain[];
}

interface BaseChain {
  readonly publisher: string;
  readonly run: Uint8Array;
  readonly newest: number;
  readonly newestOffset: number;
  readonly newestHash: Uint8Array;
}

export function readBase(
  files: Files,
  path: string,
  crypto: Pick<Crypto, "sha256">,
): Result<Base | undefined, BaseDamaged> {
  const bytes = files.readFile(path);
  if (bytes === null) return ok(undefined);
  const [sum = "", text = ""] = splitLine(new TextDecoder().decode(bytes));
  if (sum !== hex(crypto.sha256(utf8(text)))) return err({ type: "BaseDamaged", path });
  return ok(fromJson(JSON.parse(text) as BaseJson));
}

export interface BaseDamaged {
  readonly type: "BaseDamaged";
  readonly path: string;
}

export function writeBase(
  files: Files,
  path: string,
  { base, crypto }: { readonly base: Base; readonly crypto: Pick<Crypto, "sha256"> },
): void {
  const text = JSON.stringify(toJson(base));
  writeFileAtomic(files, path, utf8(`${hex(crypto.sha256(utf8(text)))}\n${text}`));
}

/** What of a log is in no segment any more. */
export function toBaseLog(log: LogIndex): BaseLog {
  const chains = [...log.chains.values()].filter(({ offsets }) => lengthOf(offsets) === 0);
  return { key: logKey(log.name), first: log.first, borderHash: log.borderHash, chains };
}

export function fromBaseLog({ key, first, borderHash, chains }: BaseLog, id: Uint8Array): LogIndex {
  const log = createLogIndex(keyToName(key), id);
  Object.assign(log, { first, next: first, durableNext: first, borderHash });
  for (const { publisher, run, ...newest } of chains) {
    log.chains.set(chainKey(publisher, run), { ...createChain(publisher, run), ...newest });
  }
  return log;
}

interface BaseJson {
  readonly version: 1;
  readonly storeId: string;
  readonly firstOrdinal: number;
  readonly torn: readonly (readonly [number, number])[];
  readonly logs: readonly {
    readonly key: string;
    readonly first: number;
    readonly border: string | null;
    readonly chains: readonly (readonly [string, string, number, number, string])[];
  }[];
  readonly revocations: readonly (readonly [string, string, string])[];
}

function toJson({ storeId, firstOrdinal, tornSizeBytes, logs, revocations }: Base): BaseJson {
  return {
    version: 1,
    storeId: base64url(storeId),
    firstOrdinal,
    torn: [...tornSizeBytes],
    logs: logs.map(({ key, first, borderHash, chains }) => ({
      key,
      first,
      border: borderHash ? base64url(borderHash) : null,
      chains: chains.map(
        ({ publisher, run, newest, newestOffset, newestHash }) =>
          [publisher, base64url(run), newest, newestOffset, base64url(newestHash)] as const,
      ),
    })),
    revocations: revocations.map(
      ({ organisation, device, statement }) =>
        [organisation, device, base64url(statement)] as const,
    ),
  };
}

function fromJson({ storeId, firstOrdinal, torn, logs, revocations }: BaseJson): Base {
  return {
    storeId: bytesOf(storeId),
    firstOrdinal,
    tornSizeBytes: new Map(torn),
    logs: logs.map(({ key, first, border, chains }) => ({
      key,
      first,
      borderHash: border === null ? undefined : bytesOf(border),
      chains: chains.map(([publisher, run, newest, newestOffset, newestHash]) => ({
        publisher,
        run: bytesOf(run),
        newest,
        newestOffset,
        newestHash: bytesOf(newestHash),
      })),
    })),
    revocations: revocations.map(([organisation, device, statement]) => ({
      organisation,
      device,
      statement: bytesOf(statement),
    })),
  };
}

/** The checksum was right, so this file is as it was written. */
function bytesOf(text: string): Uint8Array {
  const bytes = fromBase64url(text);
  return bytes.ok ? bytes.value : new Uint8Array();
}

function splitLine(text: string): readonly string[] {
  const end = text.indexOf("\n");
  return end < 0 ? [text] : [text.slice(0, end), text.slice(end + 1)];
}
