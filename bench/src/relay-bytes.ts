/**
 * Bytes of a sale on the wire, alone and in a sealed part, from the entries that a till signs.
 *
 * @module
 */

import {
  base64url,
  canonicalJson,
  formatInstant,
  hex,
  newId,
  utf8,
  type BusinessDate,
  type DeviceId,
  type Json,
  type JsonObject,
} from "@tillmesh/kernel";
import { nodeCrypto } from "@tillmesh/kernel/node";
import { testRandom, testSigner } from "@tillmesh/kernel/testing";
import { nodeCompression } from "@tillmesh/sync-engine/node";
import { encodeBundle } from "@tillmesh/sync-engine/relay-protocol";
import { print, printBar } from "./measure.ts";
import { envelopeOverheadBytes } from "./relay-device.ts";
import { createSaleMaker } from "./sample-sale.ts";

/** A fragment's fields and WebSocket's own header, to the relay and from it. */
const frameBytes = 24;
const fragmentBytes = 4_096;

export async function benchBytes(): Promise<void> {
  const ports = { crypto: nodeCrypto(), compression: nodeCompression() };
  const device = newId("dev", testRandom(1));
  const incarnation = 1;
  const document = `ledger/${device}/${incarnation}/1`;
  const texts = signedSales(device);
  const live: number[] = [];
  for (const text of texts.slice(0, 300)) {
    const items = [{ type: "entries" as const, document, texts: [text] }];
    live.push((await encodeBundle({ seen: [], items }, ports, "live")).length);
  }
  const part = {
    type: "part" as const,
    device,
    incarnation,
    part: 1,
    sha256: "0".repeat(64),
    firstSequence: 1,
    lastSequence: texts.length,
    text: texts.join("\n"),
  };
  const bulk = await encodeBundle({ seen: [], items: [part] }, ports, "catch-up");
  const onWire = bulk.length + envelopeOverheadBytes;
  const fragments = Math.ceil(onWire / fragmentBytes);
  const perSale = (onWire + fragments * frameBytes) / texts.length;
  const alone = live.reduce((sum, size) => sum + size, 0) / live.length;
  print(
    `bytes: ${texts.length} sales of three lines, ${(part.text.length / texts.length).toFixed(0)} characters each`,
  );
  printBar({ name: "a sale in a sealed part", value: perSale, unit: "B", bar: 150 });
  printBar({
    name: "a sale alone, with its envelope",
    value: alone + envelopeOverheadBytes + frameBytes,
    unit: "B",
    bar: 800,
  });
}

/** A part's worth of sales, chained and signed as the till's own: a request's key is a UUID. */
function signedSales(device: DeviceId): readonly string[] {
  const random = testRandom(2);
  const crypto = nodeCrypto();
  const signer = testSigner(3);
  const location = { id: newId("loc", random), name: "", currency: "GBP", timeZone: "" };
  const place = { location, device: { id: device, code: "A1B2" }, incarnation: 1 };
  const maker = createSaleMaker({ random, skuCount: 500 });
  const texts: string[] = [];
  let previous = "";
  let atMs = Date.UTC(2026, 10, 22, 9);
  for (let sequence = 1; sequence <= 1_000; sequence += 1) {
    atMs += 20_000 + (random(2)[0] ?? 0) * 300;
    const draft = maker.next({ ...place, businessDate: "2026-11-22" as BusinessDate } as never);
    const { quoteId: _, ...body } = draft.body as JsonObject;
    const entry = {
      ...draft,
      body,
      key: uuid(random(16)),
      v: 1,
      device,
      incarnation: 1,
      part: 1,
      sequence,
      previous,
      actor: "a1a1a1a1a1a1a1a1",
      at: `${formatInstant(atMs)}/0000`,
      location: location.id,
    };
    const inner = canonicalJson(entry as unknown as Json);
    const digest = crypto.sha256(utf8(inner));
    previous = hex(digest);
    texts.push(`{"entry":${inner},"signature":"${base64url(signer.sign(digest))}"}`);
  }
  return texts;
}

function uuid(bytes: Uint8Array): string {
  const text = hex(bytes);
  return [
    text.slice(0, 8),
    text.slice(8, 12),
    text.slice(12, 16),
    text.slice(16, 20),
    text.slice(20),
  ].join("-");
}
