import type { DeviceId, LocationId } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import { parseDocumentName } from "../documents/document-name.ts";
import { isEntitled, mayKnow, type EntitledDevice } from "./entitlement.ts";

function device(id: string, location: string, roles: EntitledDevice["roles"]): EntitledDevice {
  return { id: id as DeviceId, location: location as LocationId, roles };
}

const till = device("dev_till", "loc_a", ["till"]);
const neighbour = device("dev_neighbour", "loc_a", ["till"]);
const elsewhere = device("dev_elsewhere", "loc_b", ["till"]);
const hq = device("dev_hq", "loc_office", ["hq"]);
const both = device("dev_both", "loc_b", ["till", "hq"]);
const all = [till, neighbour, elsewhere, hq, both];
const ownerOf = (id: string) => all.find((one) => one.id === id);

function readersOf(name: string): readonly string[] {
  const parsed = parseDocumentName(name)!;
  return all.filter((reader) => isEntitled(parsed, { reader, ownerOf })).map(({ id }) => id);
}

describe("entitlement (ET)", () => {
  test("[ET1] publications are for every device of the organisation", () => {
    expect(readersOf("publications/prices/1")).toEqual(all.map(({ id }) => id));
  });

  test("[ET2] a ledger is for its owner, the devices of its location, and HQ", () => {
    expect(readersOf("ledger/dev_till/3/7")).toEqual([till.id, neighbour.id, hq.id, both.id]);
    expect(readersOf("ledger/dev_elsewhere/1/1")).toEqual([elsewhere.id, hq.id, both.id]);
    // HQ's own ledger is that of a device like another.
    expect(readersOf("ledger/dev_hq/1/1")).toEqual([hq.id, both.id]);
    expect(readersOf("ledger/dev_both/1/1")).toEqual([elsewhere.id, hq.id, both.id]);
  });

  test("[ET3] of a device that nobody knows, only HQ may have the ledger", () => {
    expect(readersOf("ledger/dev_unknown/1/1")).toEqual([hq.id, both.id]);
  });

  test("[ET4] a device knows those whose ledgers it may have, and those that publish", () => {
    const knownTo = (reader: EntitledDevice) =>
      all.filter((one) => mayKnow(one, reader)).map(({ id }) => id);
    expect(knownTo(till)).toEqual([till.id, neighbour.id, hq.id, both.id]);
    expect(knownTo(elsewhere)).toEqual([elsewhere.id, hq.id, both.id]);
    expect(knownTo(hq)).toEqual(all.map(({ id }) => id));
  });
});
