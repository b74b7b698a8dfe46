/**
 * A small organisation with certificates under a seed, for tests.
 *
 * @module
 */

import { newId, type Result } from "@tillmesh/kernel";
import { testCrypto } from "@tillmesh/kernel/testing";
import type { IssueContext } from "../certificate-authority.ts";
import { createFirstIdentity, type Identity } from "../identity.ts";
import type { DeviceRecord, OrganisationRecord } from "../records.ts";

export const sampleNowMs: number = Date.UTC(2026, 10, 22, 10);

export function sampleContext(seed: number): IssueContext {
  return { crypto: testCrypto(seed), nowMs: sampleNowMs };
}

export interface SampleRecords {
  readonly organisation: OrganisationRecord;
  readonly device: DeviceRecord;
}

/** The records of an organisation's first device. */
export function sampleRecords({ crypto }: IssueContext): SampleRecords {
  const organisation = {
    id: newId("org", crypto.randomBytes),
    name: "Corner Café",
    currency: "GBP",
  };
  const location = {
    id: newId("loc", crypto.randomBytes),
    name: "High Street",
    currency: "GBP",
    timeZone: "Europe/London",
  };
  return { organisation, device: { ...sampleDevice(crypto.randomBytes, "A1B2"), location } };
}

/** Another till at the same location. */
export function secondDevice(context: IssueContext, first: DeviceRecord): DeviceRecord {
  const device = sampleDevice(context.crypto.randomBytes, "C3D4");
  return { ...device, roles: ["till"], name: "Till 2", location: first.location };
}

export async function sampleIdentity(context: IssueContext): Promise<Identity> {
  return createFirstIdentity(sampleRecords(context), context);
}

/** The value of a result that a test expects to be right. */
export function valueOf<T>(result: Result<T, unknown>): T {
  if (result.ok) return result.value;
  throw new Error(`expected a value, got ${JSON.stringify(result.error)}`);
}

function sampleDevice(
  random: (sizeBytes: number) => Uint8Array,
  code: string,
): Omit<DeviceRecord, "location"> {
  const id = newId("dev", random);
  return { id, name: "Till 1", code, roles: ["till", "hq"] };
}
