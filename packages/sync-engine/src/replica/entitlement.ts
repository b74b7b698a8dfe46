/**
 * Which device may have which document: the catalogue of names. SPEC.md §7 (ET).
 *
 * @module
 */

import type { DocumentName } from "../documents/document-name.ts";
import type { TrustedDevice } from "./ports.ts";

/** What of a device decides. */
export type EntitledDevice = Pick<TrustedDevice, "id" | "location" | "roles">;

export interface Entitlement {
  readonly reader: EntitledDevice;
  /** Undefined for a device whose certificates nobody has shown. */
  readonly ownerOf: (device: string) => EntitledDevice | undefined;
}

/**
 * Publications are for every device of the organisation. A ledger is for its owner, for the devices of the
 * owner's location, and for HQ. Of an owner that is not known, HQ and the owner itself may ask.
 */
export function isEntitled(name: DocumentName, { reader, ownerOf }: Entitlement): boolean {
  if (name.kind === "publications") return true;
  if (reader.id === name.device || reader.roles.includes("hq")) return true;
  return ownerOf(name.device)?.location === reader.location;
}

/** Whether a device need be known to a reader: it may read its ledger, or must judge what it publishes. */
export function mayKnow(device: EntitledDevice, reader: EntitledDevice): boolean {
  const isPublisher = device.roles.includes("hq");
  return isPublisher || isEntitled(ledgerNameOf(device), { reader, ownerOf: () => device });
}

/** All ledgers of a device go the same way. */
function ledgerNameOf({ id }: EntitledDevice): DocumentName {
  return { kind: "ledger", device: id, incarnation: 1, part: 1 };
}
