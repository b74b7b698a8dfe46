/**
 * Which channels a device may read and write, remembered: the answer costs hashes, and is asked for every envelope.
 *
 * @module
 */

import { hex, type Crypto } from "@tillmesh/kernel";
import { mayAccess, type Access, type Entitled } from "@tillmesh/sync-engine/relay-protocol";

/** Shared by all devices of a location that have the same roles. */
export type MayAccess = (access: Access, channel: Uint8Array) => boolean;

export function createEntitlements(
  crypto: Pick<Crypto, "sha256">,
): (device: Entitled) => MayAccess {
  const known = new Map<string, MayAccess>();
  return (device) => {
    const { organisation, location, roles } = device;
    const key = `${organisation} ${location} ${roles.toSorted().join(" ")}`;
    const found = known.get(key) ?? remembering(device, crypto);
    known.set(key, found);
    forgetOldest(known, locationsMax);
    return found;
  };
}

function remembering(
  { organisation, location, roles }: Entitled,
  crypto: Pick<Crypto, "sha256">,
): MayAccess {
  const device = { organisation, location, roles };
  if (roles.includes("hq")) return () => true;
  const answers = new Map<string, boolean>();
  return (access, channel) => {
    const key = `${access} ${hex(channel)}`;
    const answer = answers.get(key) ?? mayAccess(access, channel, { device, crypto });
    answers.set(key, answer);
    forgetOldest(answers, answersMax);
    return answer;
  };
}

const locationsMax = 4_096;
const answersMax = 64;

function forgetOldest(map: Map<string, unknown>, most: number): void {
  if (map.size <= most) return;
  const [oldest = ""] = map.keys();
  map.delete(oldest);
}
