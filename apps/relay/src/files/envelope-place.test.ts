import { hex } from "@tillmesh/kernel";
import { expect, test } from "vitest";
import { sampleChannel, sampleEnvelope } from "../testing/index.ts";
import { readEnvelopePlace } from "./envelope-place.ts";

test("[FB1] the front of a header is what the whole header says", () => {
  for (const sequence of [1, 127, 128, 300_000, 2 ** 40]) {
    for (const publisher of ["d", "dev_0123456789abcdef", "ä".repeat(20)]) {
      const { header, bytes } = sampleEnvelope({
        channel: sampleChannel(sequence % 1_000),
        lane: 3,
        publisher,
        run: 9,
        sequence,
      });
      const place = readEnvelopePlace(bytes);
      expect(place && [place.lane, place.publisher, place.sequence]).toEqual([
        3,
        publisher,
        sequence,
      ]);
      expect(place && [hex(place.channel), hex(place.run)]).toEqual([
        hex(header.channel),
        hex(header.run),
      ]);
    }
  }
  expect(readEnvelopePlace(Uint8Array.of(2, 3))).toBe(undefined);
});
