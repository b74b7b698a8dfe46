/**
 * Ids of one export, in the lengths of the schema. SPEC.md §12 (RNR).
 *
 * @module
 */

import { hex, utf8 } from "@tillmesh/kernel";
import type { FiscalCrypto } from "../../../ports.ts";

export interface Words {
  /** Of articles and staff: 35 characters. */
  readonly id: (id: string) => string;
  /** Of tax codes: 20 characters. */
  readonly vatId: (taxCode: string) => string;
}

export function wordsOf(crypto: FiscalCrypto): Words {
  return { id: shortened(35, crypto), vatId: shortened(20, crypto) };
}

/** An id that is too long keeps its beginning and twelve digits of its SHA-256: one id, one text. */
function shortened(max: number, crypto: FiscalCrypto): (id: string) => string {
  return (id) => {
    if (id.length <= max) return id;
    const digest = hex(crypto.sha256(utf8(id))).slice(0, 12);
    return `${id.slice(0, max - 13)}~${digest}`;
  };
}
