/**
 * Names of streams and subjects.
 *
 * The id of a stream is part of its subjects, so that nothing meant for a stream that was removed can ever reach the
 * one that came after it:
 *
 * `<prefix>.s.<id>.e.<channel>.<publisher>.<run>` envelopes of a chain ·
 * `….p.<channel>.<publisher>.<run>.<sequence>` pieces of a large one ·
 * `….t.<channel>.<publisher>.<run>` the newest released one of a chain ·
 * `<prefix>.n.<id>.<channel>.<publisher>.<run>` notice of a stored one, sent by JetStream and kept nowhere.
 *
 * @module
 */

import { base64url, fromBase64url, fromHex, hex, utf8, type Crypto } from "@tillmesh/kernel";
import type { EnvelopeHeader, Lane } from "@tillmesh/sync-engine/relay-protocol";

/** A stream as it stands on the server. */
export interface LogStream {
  readonly name: string;
  /** 32 hexadecimal digits. */
  readonly id: string;
  /** `<prefix>.s.<id>` */
  readonly root: string;
  /** `<prefix>.n.<id>` */
  readonly notices: string;
  /** Envelopes go by age as well, not by release alone. */
  readonly isAging: boolean;
}

export function streamName(
  prefix: string,
  { organisation, lane }: { readonly organisation: string; readonly lane: Lane },
  crypto: Pick<Crypto, "sha256">,
): string {
  return `${prefix}-${organisationToken(organisation, crypto)}-${lane}`;
}

/** An organisation's id may hold what a name must not. */
export function organisationToken(organisation: string, crypto: Pick<Crypto, "sha256">): string {
  return hex(crypto.sha256(utf8(organisation)).subarray(0, 16));
}

export function streamRoot(prefix: string, id: string): string {
  return `${prefix}.s.${id}`;
}

export function noticesRoot(prefix: string, id: string): string {
  return `${prefix}.n.${id}`;
}

/** The id in the one subject of a stream of ours. */
export function streamIdIn(prefix: string, subjects: readonly string[]): string | undefined {
  const [subject] = subjects;
  const id = subject?.split(".")[2] ?? "";
  return /^[0-9a-f]{32}$/.test(id) && subject === `${streamRoot(prefix, id)}.>` ? id : undefined;
}

/** `<channel>.<publisher>.<run>`: names a chain within a stream. */
export function chainToken({
  channel,
  publisher,
  run,
}: Pick<EnvelopeHeader, "channel" | "publisher" | "run">): string {
  return `${hex(channel)}.${base64url(utf8(publisher))}.${hex(run)}`;
}

export function envelopeSubject({ root }: LogStream, chain: string): string {
  return `${root}.e.${chain}`;
}

export function releasedSubject({ root }: LogStream, chain: string): string {
  return `${root}.t.${chain}`;
}

export function piecesSubject({ root }: LogStream, chain: string, sequence: number): string {
  return `${root}.p.${chain}.${sequence}`;
}

/** All envelopes of a channel. */
export function channelFilter({ root }: LogStream, channel: Uint8Array): string {
  return `${root}.e.${hex(channel)}.>`;
}

/** What an envelope's subject says, or that of a released one. */
export function readChainSubject({ root }: LogStream, subject: string): ChainSubject | undefined {
  const tokens = subject.startsWith(`${root}.`) ? subject.slice(root.length + 1).split(".") : [];
  const [, channel = "", publisher = "", run = ""] = tokens;
  const id = fromHex(channel);
  const name = fromBase64url(publisher);
  if (tokens.length !== 4 || !id.ok || id.value.length !== 16 || !name.ok) return undefined;
  return {
    chain: `${channel}.${publisher}.${run}`,
    channel: id.value,
    publisher: decoder.decode(name.value),
  };
}

export interface ChainSubject {
  readonly chain: string;
  readonly channel: Uint8Array;
  readonly publisher: string;
}

/** Of the log of a channel: from the stream's id, so that it needs no place of its own. */
export function logIdOf(
  { id }: LogStream,
  channel: Uint8Array,
  crypto: Pick<Crypto, "sha256">,
): Uint8Array {
  return crypto.sha256(utf8(`tillmesh/relay-log/1\n${id}\n${hex(channel)}`)).slice(0, 16);
}

const decoder = new TextDecoder();
