/**
 * HQ cuts a device off, or lets in what it did since. SPEC.md §5 (RV).
 *
 * @module
 */

import { err, type Publication, type Result } from "@tillmesh/kernel";
import type { CoreState } from "./core-state.ts";
import { publishItems, type PublishError } from "./publish.ts";
import { headsOfLedger, headsOfPublisher } from "./revocation.ts";
import {
  revocationsTopic,
  withCaSignature,
  type AdmissionItem,
  type EntryHead,
  type RevocationItem,
} from "./revocation-format.ts";

export interface RevokeOptions {
  /** The CA's signature, at the device that holds its key. */
  readonly signByCa?: (data: Uint8Array) => Uint8Array;
  /** The key epoch that begins with it. */
  readonly epoch?: number;
  readonly reason?: string;
}

/** Publishes that the device is cut off, after what is held of it here. Final: it comes back by a new invitation only. */
export function revokeDevice(
  state: CoreState,
  device: string,
  { signByCa, epoch, reason }: RevokeOptions = {},
): Result<Publication, RevokeError> {
  const { organisation, trust } = state.ports;
  if (device === state.ports.device) return err({ type: "OwnDevice", device });
  const target = trust.deviceOf(device);
  if (!target) return err({ type: "UnknownDevice", device });
  if (state.revocations.has(device)) return err({ type: "AlreadyRevoked", device });
  if (target.roles.includes("hq") && !signByCa) return err({ type: "NeedsCa", device });
  const item: RevocationItem = {
    v: 1,
    organisation,
    device,
    through: headsOf(state, device),
    published: headsOfPublisher(state, device),
    certificates: target.certificates,
    ...(epoch !== undefined && { epoch }),
    ...(reason !== undefined && { reason }),
  };
  const value = signByCa ? withCaSignature(item, signByCa) : item;
  return publishItems(state, revocationsTopic, [{ key: device, value }]);
}

/** Lets in what a revoked device recorded, as far as it is here. */
export function admitRevoked(
  state: CoreState,
  device: string,
): Result<Publication, PublishError | NotRevokedError> {
  if (!state.revocations.has(device)) return err({ type: "NotRevoked", device });
  const item: AdmissionItem = { v: 1, device, admittedThrough: headsOf(state, device) };
  return publishItems(state, revocationsTopic, [{ key: device, value: item }]);
}

/** `NeedsCa`: only the device that holds the CA's key cuts off one with role `hq`. */
export type RevokeError =
  | PublishError
  | {
      readonly type: "OwnDevice" | "UnknownDevice" | "AlreadyRevoked" | "NeedsCa";
      readonly device: string;
    };

export interface NotRevokedError {
  readonly type: "NotRevoked";
  readonly device: string;
}

function headsOf(state: CoreState, device: string): readonly EntryHead[] {
  return [...state.ledgers.values()]
    .filter((ledger) => ledger.device === device)
    .flatMap((ledger) => headsOfLedger(ledger, state.readSealed));
}
