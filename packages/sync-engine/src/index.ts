/**
 * The Tillmesh replica without a runtime: its documents, its rules of admission, its names.
 *
 * What runs on Node is in `@tillmesh/sync-engine/node`.
 *
 * @module
 */

export {
  documentKey,
  formatDocumentName,
  parseDocumentName,
  type DocumentKey,
  type DocumentName,
  type LedgerPartName,
  type PublicationSetName,
} from "./documents/document-name.ts";
export { entryMaxLength, entryMovementsMax } from "./documents/entry-format.ts";
export type { CarryRef, OpenedBody, OpenedReason } from "./documents/opened.ts";
export { publicationItemsMax, publicationMaxLength } from "./documents/publication-format.ts";
export type { DeviceRecord, LocationRecord, OrganisationRecord, Role } from "./identity/records.ts";
export type { CommitError } from "./replica/commit.ts";
export type { ReplicaException } from "./replica/events.ts";
export type { LedgerState } from "./replica/ledger.ts";
export type { PublishError } from "./replica/publish.ts";
