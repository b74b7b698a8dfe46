/**
 * Names of replicated documents, and the ids derived from them. SPEC.md §1 (DN).
 *
 * A name says what a document is and who may write it; its id is a hash of the
 * organisation and the name, so two devices that start the same document while
 * apart have started one document.
 *
 * @module
 */

import { hex, utf8, type Crypto, type DeviceId, type OrganisationId } from "@tillmesh/kernel";

/** One stretch of a device's ledger, written by that device only. */
export interface LedgerPartName {
  readonly kind: "ledger";
  readonly device: DeviceId;
  readonly incarnation: number;
  readonly part: number;
}

/** One stretch of what HQ published about a topic. */
export interface PublicationSetName {
  readonly kind: "publications";
  readonly topic: string;
  readonly epoch: number;
}

export type DocumentName = LedgerPartName | PublicationSetName;

/** Hex of the 16 bytes that identify a document everywhere. */
export type DocumentKey = string & { readonly __brand: "DocumentKey" };

/** `ledger/<device>/<incarnation>/<part>` or `publications/<topic>/<epoch>`. */
export function formatDocumentName(name: DocumentName): string {
  return name.kind === "ledger"
    ? `ledger/${name.device}/${name.incarnation}/${name.part}`
    : `publications/${name.topic}/${name.epoch}`;
}

/** The name in `text`, or undefined if it is none. Numbers start at 1 and are canonical. */
export function parseDocumentName(text: string): DocumentName | undefined {
  const ledger = /^ledger\/([a-z0-9_]{1,64})\/([1-9]\d{0,8})\/([1-9]\d{0,8})$/.exec(text);
  if (ledger) {
    const [, device, incarnation, part] = ledger;
    return {
      kind: "ledger",
      device: device as DeviceId,
      incarnation: Number(incarnation),
      part: Number(part),
    };
  }
  const publications = /^publications\/([a-z][a-z0-9-]{0,31})\/([1-9]\d{0,8})$/.exec(text);
  return publications
    ? { kind: "publications", topic: publications[1]!, epoch: Number(publications[2]) }
    : undefined;
}

/** The first 16 bytes of SHA-256 over a domain line, the organisation and the name. */
export function documentKey(
  organisation: OrganisationId,
  name: DocumentName,
  crypto: Pick<Crypto, "sha256">,
): DocumentKey {
  const text = `tillmesh/document/1\n${organisation}\n${formatDocumentName(name)}`;
  return hex(crypto.sha256(utf8(text)).subarray(0, 16)) as DocumentKey;
}
