/**
 * What a device signs to have on its disk, so that a till knows how far its entries have got. SPEC.md §8a (HE).
 *
 * @module
 */

import { base64url, fromBase64url, type Crypto } from "@tillmesh/kernel";
import type { CoreState } from "../replica/core-state.ts";
import { summaryBytes } from "../replica/horizon.ts";
import type { LedgerSummary } from "../replica/summary.ts";
import type { HeldItem, HeldSummary } from "../relay-protocol/bundle-item.ts";

export function signHeld({ ports }: CoreState, ledgers: readonly LedgerSummary[]): HeldItem {
  const summary: HeldSummary = { device: ports.device, ledgers };
  return { type: "held", summary, signature: base64url(ports.signer.sign(summaryBytes(summary))) };
}

export function isHeldSignedBy(
  { summary, signature }: HeldItem,
  publicKey: Uint8Array,
  crypto: Pick<Crypto, "verify">,
): boolean {
  const bytes = fromBase64url(signature);
  return bytes.ok && crypto.verify(publicKey, summaryBytes(summary), bytes.value);
}
