import type { LocationId } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import { channelId, mayAccess, type ChannelName } from "./channel.ts";
import { sampleCrypto as crypto } from "./testing/sample-frames.ts";

const here = "loc_here" as LocationId;
const names: readonly ChannelName[] = [
  "org",
  "control",
  "hq",
  `location/${here}`,
  "location/loc_there" as ChannelName,
];
const till = { organisation: "org_1", location: here, roles: ["till"] } as const;
const hq = { ...till, roles: ["hq"] } as const;

function open(access: "read" | "write", device: typeof till | typeof hq): readonly string[] {
  return names.filter((name) =>
    mayAccess(access, channelId("org_1", name, crypto), { device, crypto }),
  );
}

describe("channels (WC)", () => {
  test("[WC1] an id tells organisation and name apart, and neither", () => {
    const ids = ["org_1", "org_2"].flatMap((organisation) =>
      names.map((name) => Buffer.from(channelId(organisation, name, crypto)).toString("hex")),
    );
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => id.length === 32)).toBe(true);
  });

  test("[WC2] a till reads what is for it, and writes to its location and to HQ", () => {
    expect(open("read", till)).toEqual(["org", "control", `location/${here}`]);
    expect(open("write", till)).toEqual(["hq", `location/${here}`]);
    expect(mayAccess("read", channelId("org_2", "org", crypto), { device: till, crypto })).toBe(
      false,
    );
    expect(mayAccess("read", new Uint8Array(0), { device: till, crypto })).toBe(false);
  });

  test("[WC3] HQ reads and writes every channel", () => {
    expect(open("read", hq)).toEqual(names);
    expect(open("write", hq)).toEqual(names);
  });
});
