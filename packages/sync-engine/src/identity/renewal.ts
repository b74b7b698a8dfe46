/**
 * A new certificate for the key that a device has. SPEC.md §10 (NW).
 *
 * Expiry stops connections, never selling. Who cannot connect any more asks by a file and is answered by a file.
 *
 * @module
 */

import { err, ok, type Crypto, type Json, type Result } from "@tillmesh/kernel";
import {
  readEnvelope,
  writeEnvelope,
  type EnvelopeError,
  type EnvelopeFormat,
} from "./envelope.ts";
import {
  cursorOf,
  expectObject,
  member,
  readInteger,
  readList,
  readText,
  type Cursor,
} from "./faults.ts";
import { isGrant, type Grant } from "./grants.ts";
import { pemRule, type Identity } from "./identity.ts";
import { epochMax } from "./key-ring.ts";
import { verifyChain, type ChainError } from "./verify-chain.ts";

/** So early a device asks for the next certificate. */
export const renewBeforeMs: number = 10 * 86_400_000;

/** An enrolment's chain is for the beginning only. */
export function isRenewalDue(
  chain: readonly string[],
  { notAfterMs, nowMs }: { readonly notAfterMs: number; readonly nowMs: number },
): boolean {
  return chain.length > 1 || notAfterMs - nowMs < renewBeforeMs;
}

/** Whether a device takes this chain in place of its own: its key and place, from the CA itself, for longer. */
export function checkRenewal(
  { chain, caCertificate }: Pick<Identity, "chain" | "caCertificate">,
  offered: readonly string[],
  crypto: Crypto,
): Result<void, RenewalError> {
  const trust = { caCertificate, crypto };
  const own = verifyChain(chain, trust, { ignoreValidity: true });
  const next = verifyChain(offered, trust, { ignoreValidity: true });
  if (!own.ok) return err({ type: "RenewalChain", cause: own.error });
  if (!next.ok) return err({ type: "RenewalChain", cause: next.error });
  const identityOf = ({ deviceId, locationId, roles, publicKey }: typeof own.value): string =>
    [deviceId, locationId, roles.toSorted(), publicKey].join(" ");
  if (identityOf(own.value) !== identityOf(next.value)) {
    return err({ type: "RenewalOfAnother", device: next.value.deviceId });
  }
  const isDirect = offered.length === 1;
  const isLonger = next.value.notAfterMs > own.value.notAfterMs || chain.length > 1;
  return isDirect && isLonger ? ok(undefined) : err({ type: "RenewalOlder" });
}

export type RenewalError =
  | { readonly type: "RenewalChain"; readonly cause: ChainError }
  | { readonly type: "RenewalOfAnother"; readonly device: string }
  | { readonly type: "RenewalOlder" };

/** What a device that cannot connect asks with. No secret. */
export interface RenewalRequest {
  readonly chain: readonly string[];
}

/** HQ's answer: the new chain, and channel keys sealed to the device. */
export interface Renewal {
  readonly chain: readonly string[];
  readonly grant: Grant | null;
  readonly epoch: number;
}

export function writeRenewalRequest(request: RenewalRequest, crypto: Crypto): string {
  return writeEnvelope(requestFormat, request as unknown as Json, crypto);
}

export function parseRenewalRequest(
  text: string,
  crypto: Crypto,
): Result<RenewalRequest, EnvelopeError> {
  const content = readEnvelope(requestFormat, text, crypto);
  if (!content.ok) return content;
  const cursor = cursorOf(content.value);
  expectObject(cursor);
  const chain = readChain(member(cursor, "chain"));
  return cursor.faults.length > 0 ? err({ type: "Faults", faults: cursor.faults }) : ok({ chain });
}

export function writeRenewal(renewal: Renewal, crypto: Crypto): string {
  return writeEnvelope(renewalFormat, renewal as unknown as Json, crypto);
}

export function parseRenewal(text: string, crypto: Crypto): Result<Renewal, EnvelopeError> {
  const content = readEnvelope(renewalFormat, text, crypto);
  if (!content.ok) return content;
  const cursor = cursorOf(content.value);
  expectObject(cursor);
  const chain = readChain(member(cursor, "chain"));
  const { value } = member(cursor, "grant");
  const epoch = readInteger(member(cursor, "epoch"), 1, epochMax);
  if (cursor.faults.length > 0) return err({ type: "Faults", faults: cursor.faults });
  return ok({ chain, grant: isGrant(value) ? value : null, epoch });
}

const requestFormat: EnvelopeFormat = {
  format: "tillmesh-renewal-request",
  version: 1,
  sizeMaxBytes: 64 * 1024,
};
const renewalFormat: EnvelopeFormat = {
  format: "tillmesh-renewal",
  version: 1,
  sizeMaxBytes: 16 * 1024 * 1024,
};

function readChain(cursor: Cursor): readonly string[] {
  return readList(cursor, 2).map((each) => readText(each, pemRule));
}
