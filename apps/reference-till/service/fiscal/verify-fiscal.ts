/**
 * All fiscal chains that are held here, as `tillmesh fiscal verify` asks.
 *
 * @module
 */

import type { DeviceId } from "@tillmesh/kernel";
import type { Till } from "../till/till.ts";
import { secretsOf } from "./secrets-of.ts";
import { chainVerifier, type ChainFinding } from "./verify-chains.ts";

export interface FiscalVerified {
  readonly ok: boolean;
  readonly streams: number;
  readonly documents: number;
  readonly findings: readonly ChainFinding[];
}

/** In slices: a till that serves goes on selling. */
export async function verifyFiscal(till: Till): Promise<FiscalVerified> {
  const devices = [...new Set(till.replica.ledgers().map(({ device }) => device))];
  let [streams, documents] = [0, 0];
  const findings: ChainFinding[] = [];
  for (const device of devices) {
    const found = await verifyDevice(till, device);
    streams += found.streams;
    documents += found.documents;
    findings.push(...found.findings);
  }
  return { ok: findings.length === 0, streams, documents, findings };
}

async function verifyDevice({ fiscal, replica }: Till, device: DeviceId) {
  const isOwn = device === replica.device.id;
  const verifier = chainVerifier({
    crypto: fiscal.crypto,
    secretsOf: (config) => (isOwn ? secretsOf(fiscal.keyRing(config), config) : {}),
  });
  const ledgers = replica.ledgers().filter((ledger) => ledger.device === device);
  for (const { incarnation, heldFrom } of ledgers.toSorted(
    (a, b) => a.incarnation - b.incarnation,
  )) {
    for (let after = heldFrom - 1; ;) {
      const page = replica.entries({ device, incarnation, after, limit: pageMax });
      for (const held of page) verifier.step(held);
      await new Promise((resolve) => setImmediate(resolve));
      const last = page.at(-1);
      if (last === undefined) break;
      after = last.entry.sequence;
    }
  }
  return verifier.end();
}

const pageMax = 100;
