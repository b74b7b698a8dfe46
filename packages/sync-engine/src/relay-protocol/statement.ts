/**
 * What HQ tells a relay, signed: a device is revoked; log may be let go. PROTOCOL.md §4 (WS).
 *
 * The relay holds no key of the organisation; it checks the signature and the chain of the device that signed.
 *
 * @module
 */

import { utf8, type Crypto, type Result, type Signer } from "@tillmesh/kernel";
import { laneField, type Lane } from "./frame.ts";
import {
  count,
  counted,
  decode,
  encode,
  fixed,
  listOf,
  record,
  text,
  type Field,
  type MalformedError,
} from "./wire.ts";

/** The device may connect no more. */
export interface RevocationStatement {
  readonly organisation: string;
  readonly device: string;
}

/** Envelopes below `offset` of this log are not needed: HQ holds what they say, and history covers it. */
export interface ReleaseStatement {
  readonly organisation: string;
  readonly channel: Uint8Array;
  readonly lane: Lane;
  readonly log: Uint8Array;
  readonly offset: number;
}

export type StatementBody =
  | ({ readonly type: "revocation" } & RevocationStatement)
  | ({ readonly type: "release" } & ReleaseStatement);

/** A body with the chain and signature of the HQ device that says it. */
export interface SignedStatement {
  readonly body: Uint8Array;
  /** DER, the signer's own certificate first. */
  readonly certificates: readonly Uint8Array[];
  readonly signature: Uint8Array;
}

export function signStatement(
  body: StatementBody,
  {
    signer,
    certificates,
  }: { readonly signer: Signer; readonly certificates: readonly Uint8Array[] },
): Uint8Array {
  const bytes =
    body.type === "revocation" ? encodeAs(1, revocation, body) : encodeAs(2, release, body);
  return encode(statement, {
    body: bytes,
    certificates,
    signature: signer.sign(bytesToSign(bytes)),
  });
}

/** The statement as it stands; whether to believe it is `isStatementSignedBy` and the chain. */
export function readStatement(
  bytes: Uint8Array,
): Result<SignedStatement & { readonly says: StatementBody | "unknown" }, MalformedError> {
  const read = decode(statement, bytes);
  if (!read.ok) return read;
  const says = readBody(read.value.body);
  return says.ok ? { ok: true, value: { ...read.value, says: says.value } } : says;
}

export function isStatementSignedBy(
  { body, signature }: SignedStatement,
  publicKey: Uint8Array,
  crypto: Pick<Crypto, "verify">,
): boolean {
  return crypto.verify(publicKey, bytesToSign(body), signature);
}

const organisation = text(64);
const revocation: Field<RevocationStatement> = record<RevocationStatement>({
  organisation,
  device: text(64),
});
const release: Field<ReleaseStatement> = record<ReleaseStatement>({
  organisation,
  channel: fixed(16),
  lane: laneField,
  log: fixed(16),
  offset: count,
});
const statement: Field<SignedStatement> = record<SignedStatement>({
  body: counted(1_024),
  certificates: listOf(counted(4_096), 2),
  signature: fixed(64),
});

function readBody(bytes: Uint8Array): Result<StatementBody | "unknown", MalformedError> {
  const [kind] = bytes;
  const body = bytes.subarray(1);
  if (kind === 1) return tagged("revocation", decode(revocation, body));
  if (kind === 2) return tagged("release", decode(release, body));
  return { ok: true, value: "unknown" };
}

function tagged<Type extends string, Body extends object>(
  type: Type,
  read: Result<Body, MalformedError>,
): Result<{ readonly type: Type } & Body, MalformedError> {
  return read.ok ? { ok: true, value: { type, ...read.value } } : read;
}

function encodeAs<T>(kind: number, field: Field<T>, value: T): Uint8Array {
  const body = encode(field, value);
  const bytes = new Uint8Array(1 + body.length);
  bytes[0] = kind;
  bytes.set(body, 1);
  return bytes;
}

function bytesToSign(body: Uint8Array): Uint8Array {
  const domain = utf8("tillmesh/relay/statement/1\n");
  const bytes = new Uint8Array(domain.length + body.length);
  bytes.set(domain);
  bytes.set(body, domain.length);
  return bytes;
}
