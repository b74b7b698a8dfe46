/**
 * Tokens for programs: 32 random bytes, of which only the hash is kept.
 *
 * `tokens.json` in the device's directory is read again when it changes, so that a token made or
 * removed by another process counts while the service runs.
 *
 * @module
 */

import fs from "node:fs";
import path from "node:path";
import {
  base64url,
  err,
  hex,
  ok,
  utf8,
  type Clock,
  type Crypto,
  type Result,
} from "@tillmesh/kernel";
import { allRights, isRight, type Actor, type Right } from "./actor.ts";
import { readIfThere, writePrivateFile } from "./private-file.ts";

export interface MachineTokens {
  /** Who holds this token; undefined when nobody does. */
  find(token: string): Actor | undefined;
}

interface TokenRecord {
  readonly name: string;
  /** Hex SHA-256 of the token. */
  readonly hash: string;
  /** All when absent. */
  readonly rights?: readonly Right[];
  readonly createdAt: string;
}

/** Follows `tokens.json`; looks at it for an unknown token, and at most once a second otherwise. */
export function createMachineTokens(options: MachineTokensOptions): MachineTokens {
  const file = tokensFile(options.directory);
  let version = "";
  let checkedAtMs = -Infinity;
  let actorsByHash: ReadonlyMap<string, Actor> = new Map();
  const refresh = () => {
    checkedAtMs = options.clock.nowMs();
    const found = fileVersion(file);
    if (found === version) return;
    const records = readTokens(options.directory);
    if (!records.ok) return;
    version = found;
    actorsByHash = new Map(records.value.map((record) => [record.hash, actorOf(record)]));
  };
  return {
    find: (token) => {
      const hash = tokenHash(options.crypto, token);
      const isDue = Math.abs(options.clock.nowMs() - checkedAtMs) >= 1000;
      if (isDue || !actorsByHash.has(hash)) refresh();
      return actorsByHash.get(hash);
    },
  };
}

export interface MachineTokensOptions {
  readonly directory: string;
  readonly clock: Clock;
  readonly crypto: Crypto;
}

/** Makes a token and keeps its hash; a token of the same name is replaced. */
export function addMachineToken(
  options: MachineTokensOptions,
  { name, rights }: { readonly name: string; readonly rights?: readonly Right[] },
): Result<string, TokensError> {
  const existing = readTokens(options.directory);
  if (!existing.ok) return existing;
  const others = existing.value.filter((record) => record.name !== name);
  if (others.length >= tokensMax) return err({ type: "TooManyTokens", max: tokensMax });
  const token = `tmt_${base64url(options.crypto.randomBytes(32))}`;
  const record: TokenRecord = {
    name,
    hash: tokenHash(options.crypto, token),
    ...(rights === undefined ? {} : { rights }),
    createdAt: new Date(options.clock.nowMs()).toISOString(),
  };
  const content = `${JSON.stringify({ v: 1, tokens: [...others, record] }, null, 2)}\n`;
  writePrivateFile(tokensFile(options.directory), content);
  return ok(token);
}

export type TokensError =
  | { readonly type: "TooManyTokens"; readonly max: number }
  | { readonly type: "TokensDamaged"; readonly file: string };

const tokensMax = 100;

function tokensFile(directory: string): string {
  return path.join(directory, "tokens.json");
}

function tokenHash(crypto: Crypto, token: string): string {
  return hex(crypto.sha256(utf8(token)));
}

function actorOf({ name, rights }: TokenRecord): Actor {
  return { by: { token: name }, name, rights: rights ? new Set(rights) : allRights };
}

function fileVersion(file: string): string {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? "" : `${stat.ino}/${stat.size}/${stat.mtimeMs}`;
}

function readTokens(directory: string): Result<readonly TokenRecord[], TokensError> {
  const file = tokensFile(directory);
  const content = readIfThere(file);
  if (content === undefined) return ok([]);
  const damaged = err({ type: "TokensDamaged", file });
  try {
    const parsed = JSON.parse(content) as { readonly v?: unknown; readonly tokens?: unknown };
    const isWhole =
      parsed.v === 1 && Array.isArray(parsed.tokens) && parsed.tokens.every(isTokenRecord);
    return isWhole ? ok(parsed.tokens as readonly TokenRecord[]) : damaged;
  } catch {
    return damaged;
  }
}

function isTokenRecord(value: unknown): value is TokenRecord {
  if (typeof value !== "object" || value === null) return false;
  const { name, hash, rights } = value as Record<string, unknown>;
  const areRights =
    rights === undefined ||
    (Array.isArray(rights) && rights.every((right) => typeof right === "string" && isRight(right)));
  return typeof name === "string" && typeof hash === "string" && areRights;
}
