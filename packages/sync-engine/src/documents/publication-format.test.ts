import type { Json } from "@tillmesh/kernel";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { frameMaxSizeBytes } from "../lan/exchange-message.ts";
import { writeSet } from "../testing/signed-facts.ts";
import {
  publicationItemsMax,
  publicationMaxLength,
  readPublication,
} from "./publication-format.ts";

const { fact } = writeSet().next();

function read(members: object) {
  return readPublication({ ...fact, ...members } as unknown as Json);
}

describe("envelopes of publications (PF)", () => {
  test("[PF1] values and members that this version does not know are kept as they are", () => {
    const later = { ...fact, later: [1], items: [{ key: "k", value: { any: "thing" }, more: 1 }] };
    expect(readPublication(later as unknown as Json)).toEqual({ ok: true, value: later });
  });

  test.each([
    ["v", 2],
    ["topic", "Prices"],
    ["topic", "prices/1"],
    ["id", ""],
    ["id", "pub-1"],
    ["epoch", 0],
    ["publisher", "dev 1"],
    ["sequence", 0],
    ["previous", "x"],
    ["actor", ""],
    ["at", "now"],
    ["seen", []],
    ["seen", { dev_hq: 0 }],
    ["seen", { dev_hq: "1" }],
    ["items", []],
    ["items", {}],
    ["items", [{ key: "k" }]],
    ["items", [{ key: 1, value: 1 }]],
    ["items", [{ key: "k".repeat(257), value: 1 }]],
    ["items", Array.from({ length: publicationItemsMax + 1 }, () => ({ key: "k", value: 1 }))],
  ])("[PF2] the member that is wrong is named: %s", (member, value) => {
    const error = { type: "PublicationFormat", member };
    expect(read({ [member]: value })).toEqual({ ok: false, error });
  });

  test.each([
    [{}, 1],
    [{ dev_hq: 1 }, 2],
    [{ dev_hq: 1, dev_hq2: 7 }, 8],
  ])("[PF3] the number is one more than the highest seen: %j, %i", (seen, sequence) => {
    expect(read({ seen, sequence }).ok).toBe(true);
    for (const wrong of [sequence - 1, sequence + 1]) {
      expect(read({ seen, sequence: wrong })).toMatchObject({ error: { member: "sequence" } });
    }
  });

  test("[PF4] the largest fits into one frame as base64", () => {
    const bytesPerUnit = 3;
    const base64 = Math.ceil((publicationMaxLength * bytesPerUnit) / 3) * 4;
    expect(base64).toBeLessThan(frameMaxSizeBytes - 4_096);
  });

  test("[PF5] no JSON makes reading throw", () => {
    const json = fc.jsonValue() as fc.Arbitrary<Json>;
    fc.assert(
      fc.property(json, fc.constantFrom("seen", "items", "sequence", "at"), (value, member) => {
        readPublication(value);
        read({ [member]: value });
      }),
    );
  });
});
