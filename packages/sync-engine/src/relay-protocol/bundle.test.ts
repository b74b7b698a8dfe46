import { utf8, type JsonObject } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import { factCrypto, writePart } from "../testing/signed-facts.ts";
import { bundleMaxSizeBytes, decodeBundle, encodeBundle, type Bundle } from "./bundle.ts";
import type { BundleItem } from "./bundle-item.ts";
import { nodeCompression } from "./node/node-compression.ts";

const ports = { compression: nodeCompression(), crypto: factCrypto };
const hash = "ab".repeat(32);
const place = { device: "dev_owner", incarnation: 1 };

/** One of each type. */
function allItems(): readonly BundleItem[] {
  const writer = writePart();
  const texts = [writer.append(), writer.append(), writer.append()].map(
    ({ signed }) => signed.text,
  );
  const part = { ...place, part: 1, sha256: hash, firstSequence: 1, lastSequence: 3 };
  return [
    { type: "devices", chains: [["pem", "pem"]] },
    { type: "entries", document: "ledger/dev_owner/1/1", texts },
    { type: "publications", document: "publications/prices/1", texts: texts.slice(1) },
    { type: "part", ...part, text: texts.join("\n") },
    { type: "carry", ...place, sha256: hash, text: '{"totals":{}}' },
    {
      type: "held",
      summary: { device: "dev_hq", ledgers: [{ ...place, sequence: 3, hash }] },
      signature: "s",
    },
    {
      type: "want",
      what: [
        { what: "part", ...place, part: 1, sha256: hash },
        { what: "ledger", ...place, after: 7 },
        { what: "publications", document: "publications/prices/1" },
      ],
    },
    {
      type: "keys",
      epoch: 2,
      grants: [{ device: "dev_owner", covers: "00ff00ff00ff00ff", box: "Ym94" }],
    },
    { type: "certificate", chain: ["pem"] },
    { type: "revocation", text: "{}" },
    { type: "revoked-statement", bytes: "Ynl0ZXM" },
    { type: "join", chain: ["pem", "pem"], name: "Till 3" },
    { type: "renew", chain: ["pem"] },
  ];
}

function bundleOf(...items: readonly BundleItem[]): Bundle {
  return { seen: [{ publisher: "dev_2", run: "AAAAAAAAAAA", lane: 1, sequence: 4 }], items };
}

/** A plain bundle with this head and these texts, right or not. */
function plainBundle(head: JsonObject, texts: readonly string[] = []): Uint8Array {
  return Uint8Array.from([1, 0, 0, ...utf8([JSON.stringify(head), ...texts].join("\n"))]);
}

describe("bundles (BN)", () => {
  test("[BN1] every item comes back as it was, in order, texts to the character", async () => {
    const bundle = bundleOf(...allItems());
    for (const effort of ["live", "catch-up"] as const) {
      const bytes = await encodeBundle(bundle, ports, effort);
      expect(await decodeBundle(bytes, ports)).toEqual({ ok: true, value: bundle });
    }
  });

  test("[BN2] an item of a type that is not known is kept and flagged", async () => {
    const item = { type: "weather", sunny: true };
    const bytes = await encodeBundle(bundleOf({ type: "unknown", item }), ports, "live");
    const read = await decodeBundle(bytes, ports);
    expect(read).toEqual({ ok: true, value: bundleOf({ type: "unknown", item }) });
  });

  test("[BN3] of a malformed item the member is named", async () => {
    const head = { v: 1, seen: [], items: [{ type: "keys", epoch: -1, grants: [] }] };
    const read = await decodeBundle(plainBundle(head), ports);
    expect(read).toEqual({ ok: false, error: { type: "BundleItem", reason: "keys.epoch" } });
  });

  test("[BN4] a bomb is not unpacked", async () => {
    const bomb = await ports.compression.brotli(new Uint8Array(bundleMaxSizeBytes + 1));
    const read = await decodeBundle(Uint8Array.from([1, 1, 0, ...bomb]), ports);
    expect(read).toMatchObject({ ok: false, error: { type: "Malformed" } });
  });
});
