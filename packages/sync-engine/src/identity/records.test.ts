import { describe, expect, test } from "vitest";
import { newDeviceCode, recordFaults, type DeviceRecord } from "./records.ts";
import { sampleContext, sampleRecords } from "./testing/sample-identity.ts";

const context = sampleContext(10);
const { organisation, device } = sampleRecords(context);

function pointersOf(change: Partial<DeviceRecord>): readonly string[] {
  return recordFaults(organisation, { ...device, ...change }).map(({ pointer }) => pointer);
}

describe("records (IV)", () => {
  test("[IV3] names may be any script; a control character, blank or long one is a fault", () => {
    for (const name of ["Till 1", "Касса №1", "レジ", "🍵 bar"])
      expect(pointersOf({ name })).toEqual([]);
    for (const name of ["", "  ", "a\nb", "\u0000", "\ud800", "x".repeat(201)]) {
      expect(pointersOf({ name }), JSON.stringify(name)).toEqual(["/device/name"]);
    }
  });

  test("[IV3] roles: one or both, each once", () => {
    expect(pointersOf({ roles: ["hq", "till"] })).toEqual([]);
    expect(pointersOf({ roles: [] })).toEqual(["/device/roles"]);
    expect(pointersOf({ roles: ["till", "till"] })).toEqual(["/device/roles"]);
  });

  test("[IV9] a new device code is one that no device has", () => {
    const taken = new Set<string>();
    for (let index = 0; index < 500; index += 1) {
      const code = newDeviceCode(context.crypto.randomBytes, taken);
      expect(taken.has(code)).toBe(false);
      expect(pointersOf({ code })).toEqual([]);
      taken.add(code);
    }
    let calls = 0;
    const stuck = (sizeBytes: number): Uint8Array => {
      calls += 1;
      return new Uint8Array(sizeBytes).fill(calls < 3 ? 0 : 1);
    };
    expect(newDeviceCode(stuck, new Set(["0000"]))).toBe("1111");
  });
});
