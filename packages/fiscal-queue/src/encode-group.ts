/**
 * The bytes of a group, or which of its documents cannot be encoded. SPEC.md §6 (FDE).
 *
 * @module
 */

import type { DeliveryGroup, RegimeDelivery } from "./delivery.ts";
import type { SealedDocument, StreamConfig } from "./document.ts";
import type { WireRequest } from "./ports.ts";

export type Encoded =
  | { readonly type: "encoded"; readonly request: WireRequest }
  | { readonly type: "unencodable"; readonly faults: readonly EncodingFault[] };

export interface EncodingFault {
  readonly sequence: number;
  readonly detail: string;
}

/** A group that fails as a whole although each of its documents can be encoded is a fault of its first. */
export function encodeGroup(
  group: DeliveryGroup,
  delivery: RegimeDelivery,
  config: StreamConfig,
): Encoded {
  const whole = tryEncode(group, delivery, config);
  if (typeof whole !== "string") return { type: "encoded", request: whole };
  const faults = group.documents.flatMap((document) =>
    faultOf(document, tryEncode({ ...group, documents: [document] }, delivery, config)),
  );
  const [first] = group.documents;
  const atLeastOne = first === undefined ? [] : faultOf(first, whole);
  return { type: "unencodable", faults: faults.length > 0 ? faults : atLeastOne };
}

function faultOf(
  { sequence }: SealedDocument,
  encoded: WireRequest | string,
): readonly EncodingFault[] {
  return typeof encoded === "string" ? [{ sequence, detail: encoded }] : [];
}

/** The request, or why there is none. */
function tryEncode(
  group: DeliveryGroup,
  delivery: RegimeDelivery,
  config: StreamConfig,
): WireRequest | string {
  try {
    return delivery.encode(group, config);
  } catch (cause) {
    return cause instanceof Error ? cause.message : "cannot be encoded";
  }
}
