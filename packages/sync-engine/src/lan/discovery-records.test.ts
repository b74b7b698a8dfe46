import { nodeCrypto } from "@tillmesh/kernel/node";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  announcementsIn,
  organisationHashOf,
  recordsOf,
  serviceType,
  type Announcement,
  type ServiceRecord,
} from "./discovery-records.ts";

const own: Announcement & { readonly host: string } = {
  organisationHash: organisationHashOf("org_1", nodeCrypto()),
  device: "dev_1",
  port: 7_001,
  ttl: 120,
  host: "10.0.0.7",
};
const { host: _host, ...said } = own;

/** As it comes from the network: texts are bytes. */
function heard(records: readonly ServiceRecord[]): readonly unknown[] {
  return records.map((one) =>
    one.type === "TXT" ? { ...one, data: one.data.map((text) => Buffer.from(text)) } : one,
  );
}

describe("what is said about a device (DS)", () => {
  test("[DS1] what one says another hears, taken back too", () => {
    expect(announcementsIn(heard(recordsOf(own)))).toEqual([said]);
    expect(announcementsIn(heard(recordsOf({ ...own, ttl: 0 })))).toEqual([{ ...said, ttl: 0 }]);
  });

  test("[DS1] it holds a version, a hash and a device, and no name of anybody", () => {
    const text = recordsOf(own).find(({ type }) => type === "TXT");
    expect(text).toMatchObject({ data: ["v=1", `o=${own.organisationHash}`, "d=dev_1"] });
    expect(own.organisationHash).toMatch(/^[0-9a-f]{16}$/);
    expect(JSON.stringify(recordsOf(own))).not.toContain("org_1");
  });

  test.each<readonly [string, (records: readonly ServiceRecord[]) => readonly unknown[]]>([
    ["no port", (records) => records.filter(({ type }) => type !== "SRV")],
    ["no text", (records) => records.filter(({ type }) => type !== "TXT")],
    ["another service", (records) => records.map((one) => ({ ...one, name: "_ipp._tcp.local" }))],
    ["another version", (records) => withText(records, ["v=2", "o=0011223344556677", "d=dev_1"])],
    ["no hash", (records) => withText(records, ["v=1", "o=x", "d=dev_1"])],
    ["no device", (records) => withText(records, ["v=1", "o=0011223344556677", "d=Till 1"])],
    ["nothing at all", () => [null, 7, "x", {}, { type: "PTR", name: serviceType }]],
  ])("[DS2] anything else is passed over: %s", (_name, change) => {
    expect(announcementsIn(change(recordsOf(own)))).toEqual([]);
  });

  test("[DS2] of many in one packet only a few are taken", () => {
    const many = Array.from({ length: 50 }, (_, n) => recordsOf({ ...own, device: `dev_${n}` }));
    expect(announcementsIn(many.flat()).length).toBeLessThanOrEqual(8);
  });

  test("[DS2] no records make reading throw", () => {
    const record = fc.record(
      {
        type: fc.constantFrom("PTR", "SRV", "TXT"),
        name: fc.constant(serviceType),
        data: fc.anything(),
        ttl: fc.anything(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(record, fc.anything())), (all) => void announcementsIn(all)),
    );
  });
});

function withText(records: readonly ServiceRecord[], data: string[]): unknown[] {
  return records.map((one) => (one.type === "TXT" ? { ...one, data } : one));
}
