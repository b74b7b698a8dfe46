/**
 * What the core of a replica needs from outside. SPEC.md §5.
 *
 * @module
 */

import type {
  Crypto,
  DeviceId,
  HlcClock,
  LocationId,
  OrganisationId,
  Result,
  Signer,
} from "@tillmesh/kernel";
import type { SealedPart } from "../documents/sealed-part.ts";
import type { Revocation, Revocations } from "./revocation.ts";
import type { CarryRule } from "./carry.ts";

/** Who this replica is, and its way to what is durable. */
export interface CorePorts {
  readonly organisation: OrganisationId;
  readonly device: DeviceId;
  readonly location: LocationId;
  /** PEM, this device's certificate first. */
  readonly certificates: readonly string[];
  readonly crypto: Crypto;
  readonly signer: Signer;
  readonly hlc: HlcClock;
  readonly trust: Trust;
  readonly log: CoreLog;
  readonly sealed: SealedTexts;
  /** Absent: this replica serves no carries. */
  readonly carries?: CarryTexts;
  /** Absent: this replica starts from no carry. */
  readonly carryRule?: CarryRule;
}

/** Devices whose certificates lead to the organisation's CA. */
export interface Trust {
  /** Undefined for a device whose certificates this replica has not seen. */
  deviceOf(device: string): TrustedDevice | undefined;
  devices(): readonly TrustedDevice[];
  /**
   * Verifies a chain and remembers its device. Refuses a second key for one device. Of several chains of one key the one
   * that HQ published last decides on roles and location, and otherwise the newest that the CA itself issued.
   */
  learn(
    certificates: readonly string[],
    options?: { readonly isPublished: boolean },
  ): Result<TrustedDevice, TrustError>;
  /** Verifies a chain and remembers nothing. */
  read(certificates: readonly string[]): Result<TrustedDevice, TrustError>;
  /** Whether the organisation's CA signed this. */
  isSignedByCa(data: Uint8Array, signature: Uint8Array): boolean;
  /** Why connections with this device are refused; undefined for a device in good standing. */
  revocationOf(device: string): Revocation | undefined;
  /** The replica says so after each change. */
  setRevocations(revocations: Revocations): void;
}

export interface TrustedDevice {
  readonly id: DeviceId;
  readonly roles: readonly ("till" | "hq")[];
  readonly location: LocationId;
  /** Raw Ed25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** PEM, the device's own certificate first. */
  readonly certificates: readonly string[];
}

/** The chain does not lead to the CA, or the device is known under another key. */
export interface TrustError {
  readonly type: "Untrusted";
  readonly reason: string;
  readonly device?: string;
}

/** The change log: `ok` means durable. */
export interface CoreLog {
  /** Makes sure that so many bytes of changes can be appended. */
  reserve(sizeBytes: number): Result<void, CoreLogError>;
  append(records: readonly CoreRecord[]): Result<void, CoreLogError>;
}

/** One change of the document of this name. */
export interface CoreRecord {
  readonly type: "change";
  readonly document: string;
  readonly change: Uint8Array;
}

/** `Full`: nothing was written. `LogFailed`: nobody knows until a restart has looked. */
export type CoreLogError =
  | { readonly type: "Full"; readonly freeBytes: number }
  | { readonly type: "LogFailed"; readonly operation: string; readonly code: string };

/** Carries, by hash: this device's own and those it took from others. */
export interface CarryTexts {
  /** Undefined for one that is not here, not whole, or of another ledger. Does not reject. */
  read(carry: CarryPlace): Promise<Uint8Array | undefined>;
}

export interface CarryPlace {
  readonly device: string;
  readonly incarnation: number;
  readonly sha256: string;
}

/** Sealed parts, by hash. */
export interface SealedTexts {
  /** The text, whole and unchanged; undefined if neither copy is. */
  read(part: SealedPart): string | undefined;
}
