/**
 * What a replica has, in three hashes: two that have the same need say no more. SPEC.md §7 (DG).
 *
 * @module
 */

import { canonicalJson, hex, utf8, type Crypto, type Json } from "@tillmesh/kernel";
import type { TrustedDevice } from "../replica/ports.ts";
import type { Summary } from "../replica/summary.ts";

/** Of everything that both ends of a link may have. Each is SHA-256 in hex. */
export type Digest = { readonly device: string } & { readonly [Group in DigestGroup]: string };

/** What is told as a whole when the two ends differ in it. */
export type DigestGroup = "devices" | "ledgers" | "publications";

/** The devices and the summary that a digest stands for. */
export interface Offer {
  readonly devices: readonly TrustedDevice[];
  readonly summary: Summary;
}

/** Order counts for nothing, and who sends it stands beside the hashes. */
export function digestOf({ devices, summary }: Offer, crypto: Crypto): Digest {
  const hashOf = (items: readonly Json[]): string =>
    hex(crypto.sha256(utf8(items.map(canonicalJson).toSorted().join("\n"))));
  const { ledgers, publications } = byGroup(summary);
  return {
    device: summary.device,
    devices: hashOf(devices.map(({ id, certificates }) => [id, ...certificates])),
    ledgers: hashOf([...ledgers.ledgers, ...ledgers.documents.map(inOrder)]),
    publications: hashOf(publications.documents.map(inOrder)),
  };
}

/** A summary cut along the groups of a digest. */
export function byGroup(summary: Summary): {
  readonly [Group in "ledgers" | "publications"]: Summary;
} {
  const { device, ledgers, documents } = summary;
  return {
    ledgers: { device, ledgers, documents: documents.filter(isOfLedger) },
    publications: {
      device,
      ledgers: [],
      documents: documents.filter((document) => !isOfLedger(document)),
    },
  };
}

function isOfLedger({ name }: Summary["documents"][number]): boolean {
  return name.startsWith("ledger/");
}

function inOrder({ name, heads }: Summary["documents"][number]): Json {
  return { name, heads: heads.toSorted() };
}
