import { describe, expect, test } from "vitest";
import { readArguments } from "./arguments.ts";
import { UsageError } from "./output.ts";
import { addressesOf, linkOptions, readLinks } from "./serve-links.ts";

const read = (...args: readonly string[]) => readLinks(readArguments(args, linkOptions, []));

const addressOf = (address: string, internal: boolean) =>
  ({ address, internal, family: "IPv4", netmask: "", mac: "", cidr: null }) as const;

describe("links of serve", () => {
  test("nothing said: nobody is met", () => {
    expect(read()).toEqual({});
    expect(read("--no-lan")).toEqual({});
  });

  test("a port alone is this machine; an address is that address", () => {
    expect(read("--lan", "7101").lan).toEqual({
      listen: { host: "127.0.0.1", port: 7101 },
      peers: [],
    });
    expect(read("--lan", "0.0.0.0:7101").lan?.listen).toEqual({ host: "0.0.0.0", port: 7101 });
    expect(read("--lan", "[::1]:7101").lan?.listen?.host).toBe("::1");
    expect(read("--peer", "till-2.local:7102").lan).toEqual({
      peers: [{ host: "till-2.local", port: 7102 }],
    });
  });

  test("a relay goes with a LAN and without", () => {
    const relay = { url: "ws://127.0.0.1:7300" };
    expect(read("--relay", relay.url, "--no-lan")).toEqual({ relay });
    expect(read("--relay", relay.url, "--lan", "1")).toMatchObject({ relay, lan: { peers: [] } });
  });

  test.each([
    [["--no-lan", "--lan", "1"], "--no-lan"],
    [["--no-lan", "--peer", "a:1"], "--no-lan"],
    [["--relay", "ws://relay.example"], "this machine only"],
    [["--lan", "no"], "not a port"],
  ])("%j is refused", (args, reason) => {
    expect(() => read(...args)).toThrow(UsageError);
    expect(() => read(...args)).toThrow(reason);
  });

  test("invitations name addresses that others can dial", () => {
    const interfaces = {
      lo: [addressOf("127.0.0.1", true)],
      eth0: [addressOf("192.168.1.4", false)],
    };
    expect(addressesOf(read("--lan", "0.0.0.0:7"), interfaces)).toEqual([
      { host: "192.168.1.4", port: 7 },
    ]);
    expect(addressesOf(read("--lan", "7"), interfaces)).toEqual([{ host: "127.0.0.1", port: 7 }]);
    expect(addressesOf(read(), interfaces)).toEqual([]);
  });
});
