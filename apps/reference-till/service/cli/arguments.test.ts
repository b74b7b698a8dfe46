import { describe, expect, test } from "vitest";
import { readAddress, readArguments, readPort } from "./arguments.ts";
import { UsageError } from "./output.ts";

const options = {
  data: { type: "string", value: "DIR", isRequired: true },
  peer: { type: "string", multiple: true },
  json: { type: "boolean" },
} as const;

describe("arguments", () => {
  test("options in any order, repeated where they may be", () => {
    const args = readArguments(["--peer", "a", "FILE", "--data=x", "--peer=b", "--json"], options, [
      "FILE",
    ]);
    expect([args.text("data"), args.all("peer"), args.is("json"), args.positionals]).toEqual([
      "x",
      ["a", "b"],
      true,
      ["FILE"],
    ]);
  });

  test.each([
    [["--data", "x", "--nope"], "--nope"],
    [["--json"], "--data DIR is missing"],
    [["--data", "x", "--data", "y"], "--data is given twice"],
    [["--data="], "--data is empty"],
    [["--data", "x", "stray"], "one argument too many"],
    [["--data"], "--data"],
  ])("%j is refused with a reason", (args, reason) => {
    expect(() => readArguments(args, options, [])).toThrow(UsageError);
    expect(() => readArguments(args, options, [])).toThrow(reason);
  });

  test("ports and addresses", () => {
    expect(readPort("8080", "http")).toBe(8080);
    expect(readAddress("[::1]:7001", "peer")).toEqual({ host: "::1", port: 7001 });
    expect(readAddress("till-2.local:7001", "peer")).toEqual({ host: "till-2.local", port: 7001 });
    for (const text of ["", "x", "65536", "-1", "80.5"])
      expect(() => readPort(text, "http")).toThrow(UsageError);
    for (const text of ["", "host", "host:", ":1", "::1:1", "a b:1"]) {
      expect(() => readAddress(text, "peer")).toThrow(UsageError);
    }
  });
});
