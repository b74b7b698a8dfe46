import { nodeCrypto } from "@tillmesh/kernel/node";
import { describe, expect, test } from "vitest";
import type { TrustedDevice } from "../replica/ports.ts";
import type { Summary } from "../replica/summary.ts";
import { digestOf, type Offer } from "./digest.ts";

const crypto = nodeCrypto();
const summary: Summary = {
  device: "dev_a",
  ledgers: [
    { device: "dev_a", incarnation: 1, sequence: 3, hash: "1".repeat(64) },
    { device: "dev_b", incarnation: 1, sequence: 4, hash: "2".repeat(64) },
  ],
  documents: [
    { name: "ledger/dev_a/1/1", heads: ["3".repeat(64), "4".repeat(64)] },
    { name: "publications/prices/1", heads: ["5".repeat(64)] },
    { name: "publications/staff/1", heads: ["6".repeat(64)] },
  ],
};
const devices = ["dev_a", "dev_b"].map(
  (id) => ({ id, certificates: ["PEM"] }) as unknown as TrustedDevice,
);
const offer: Offer = { devices, summary };

describe("digests (DG)", () => {
  test("[DG1] two that have the same have the same hashes, in whatever order they hold it", () => {
    const turned: Offer = {
      devices: devices.toReversed(),
      summary: {
        device: "dev_b",
        ledgers: summary.ledgers.toReversed(),
        documents: summary.documents
          .map(({ name, heads }) => ({ name, heads: heads.toReversed() }))
          .toReversed(),
      },
    };
    expect(digestOf(turned, crypto)).toEqual({ ...digestOf(offer, crypto), device: "dev_b" });
  });

  const changes: Readonly<Record<string, readonly [string, Offer]>> = {
    "a device more": [
      "devices",
      { summary, devices: [...devices, { ...devices[0]!, certificates: ["NEW"] }] },
    ],
    "an entry more": [
      "ledgers",
      {
        devices,
        summary: {
          ...summary,
          ledgers: [{ ...summary.ledgers[0]!, sequence: 4 }, summary.ledgers[1]!],
        },
      },
    ],
    "an open part less": [
      "ledgers",
      { devices, summary: { ...summary, documents: summary.documents.slice(1) } },
    ],
    "another price": [
      "publications",
      {
        devices,
        summary: {
          ...summary,
          documents: summary.documents.map((one) =>
            one.name === "publications/prices/1" ? { ...one, heads: ["7".repeat(64)] } : one,
          ),
        },
      },
    ],
  };

  test.each(Object.keys(changes))("[DG1] %s changes the hash of its group and no other", (name) => {
    const [group, changed] = changes[name]!;
    const [before, after] = [digestOf(offer, crypto), digestOf(changed, crypto)];
    const differing = Object.keys(before).filter(
      (key) => before[key as keyof typeof before] !== after[key as keyof typeof after],
    );
    expect(differing).toEqual([group]);
  });
});
