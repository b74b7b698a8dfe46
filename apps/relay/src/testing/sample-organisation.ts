/**
 * An organisation with certificates, for tests and measurements of relays.
 *
 * @module
 */

import { newId, type Clock, type DeviceId, type LocationId, type Signer } from "@tillmesh/kernel";
import { nodeCrypto, nodeSigner, systemClock } from "@tillmesh/kernel/node";
import {
  createCa,
  fromPem,
  issueDeviceCertificate,
  newPrivateKeyPem,
  type CertificateAuthority,
  type Role,
} from "@tillmesh/sync-engine/identity";

export interface SampleOrganisation {
  readonly id: string;
  readonly ca: CertificateAuthority;
  readonly device: (sample?: SampleDevice) => Promise<OrganisationDevice>;
}

export interface SampleDevice {
  readonly id?: string;
  readonly location?: string;
  readonly roles?: readonly Role[];
  /** When its certificate was issued. */
  readonly issuedMs?: number;
  readonly validDays?: number;
}

/** What a device needs to connect. */
export interface OrganisationDevice {
  readonly organisation: string;
  readonly id: string;
  readonly location: string;
  readonly roles: readonly Role[];
  readonly signer: Signer;
  /** DER, its own certificate first. */
  readonly certificates: readonly Uint8Array[];
}

export async function sampleOrganisation(
  clock: Clock = systemClock(),
): Promise<SampleOrganisation> {
  const crypto = nodeCrypto();
  const nowMs = clock.nowMs();
  const id = newId("org", crypto.randomBytes);
  const ca = await createCa(id, { crypto, nowMs });
  const home = newId("loc", crypto.randomBytes);
  return {
    id,
    ca,
    device: async (sample = {}) => {
      const { location = home, issuedMs = nowMs } = sample;
      const roles: readonly Role[] = sample.roles ?? ["till"];
      const deviceId = sample.id ?? newId("dev", crypto.randomBytes);
      const privateKeyPem = newPrivateKeyPem(crypto.randomBytes);
      const signer = nodeSigner(privateKeyPem);
      const device = {
        id: deviceId as DeviceId,
        roles,
        location: { id: location as LocationId },
      };
      const { validDays } = sample;
      const pem = await issueDeviceCertificate(
        ca,
        { device, publicKey: signer.publicKey, ...(validDays === undefined ? {} : { validDays }) },
        { crypto, nowMs: issuedMs },
      );
      const certificates = [fromPem("CERTIFICATE", pem) ?? new Uint8Array()];
      return { organisation: id, id: deviceId, location, roles, signer, certificates };
    },
  };
}
