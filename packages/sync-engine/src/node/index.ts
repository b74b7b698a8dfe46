/**
 * The sync engine on Node: a replica on a directory, and how its directory is made.
 *
 * @module
 */

export {
  createOrganisation,
  inviteDevice,
  joinOrganisation,
  readDeviceIdentity,
  type CreatedDevice,
  type DevicePlace,
  type DeviceRequest,
  type InviteError,
  type OrganisationNames,
} from "./create-device.ts";
export type { LanOptions } from "../lan/lan.ts";
export { nodeCompression } from "../relay-protocol/node/node-compression.ts";
export { restoreDevice, type RestoreDeviceError } from "./backup-device.ts";
export { invitationQr } from "../identity/invitation-qr.ts";
export type { CertifyError } from "./certify.ts";
export type { DeviceListing } from "./device-list.ts";
export type { RenewError, TakeRenewalError } from "./membership.ts";
export type { NotRevokedError, RevokeError } from "../replica/revoke.ts";
export {
  makeKit,
  organisationCa,
  recoverOrganisation,
  type MakeKitError,
  type RecoveredDevice,
  type RecoverError,
} from "./recover-organisation.ts";
export type { Links } from "./links.ts";
export type { SealForError, SecretFor } from "./secrets-for-devices.ts";
export type { LaneBudget, LaneBudgets } from "../relay/budget.ts";
export {
  checkRelayUrl,
  type LinkPace,
  type RelayChannelStatus,
  type RelayFault,
  type RelayOptions,
  type RelayState,
  type RelayStatus,
  type RelayUrlError,
} from "../relay/node/relay-options.ts";
export type { EntryHorizon, HorizonCounts } from "../replica/horizon.ts";
export type { Difference, VerifyReport } from "./verify-replica.ts";
export {
  openReplica,
  type LogEvent,
  type OpenReplicaError,
  type OpenReplicaOptions,
} from "./open-replica.ts";
export type {
  EntriesQuery,
  LedgerQuery,
  PeerStatus,
  Replica,
  ReplicaEvent,
  ReplicaStatus,
} from "./replica.ts";
export type { CarryTotal } from "../documents/carry-text.ts";
export type { CarryRule } from "../replica/carry.ts";
export type { CarryEvent, HistoryEvent } from "../replica/events.ts";
export type { CarrySlice, LedgerCarry } from "./read-carry.ts";
export { defaultLimits, type ReplicaLimits } from "../replica/limits.ts";
