import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BusinessDate, EntryDraft, StaffId } from "@tillmesh/kernel";
import { nodeCrypto, systemClock } from "@tillmesh/kernel/node";
import { afterAll, expect, test } from "vitest";
import { openChangeLog } from "../storage/change-log.ts";
import { nodeFiles } from "../storage/node/node-files.ts";
import { createOrganisation } from "./create-device.ts";
import { openReplica } from "./open-replica.ts";
import type { Replica } from "./replica.ts";

const root = mkdtempSync(join(tmpdir(), "tillmesh-torn-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const place = (name: string) => ({
  directory: join(root, name),
  clock: systemClock(),
  crypto: nodeCrypto(),
});
const note: EntryDraft = {
  kind: "note",
  businessDate: "2026-11-22" as BusinessDate,
  by: { staff: "staff_1" as StaffId },
  body: {},
};

test("[OR4] a start that set a torn end aside and lost power: the next begins an incarnation all the same", async () => {
  const names = { organisationName: "Org", locationName: "Shop", deviceName: "Till 1" };
  const money = { currency: "GBP", timeZone: "Europe/London" };
  expect((await createOrganisation(place("till"), { ...names, ...money })).ok).toBe(true);
  const till = await open("till");
  for (let n = 0; n < 3; n += 1) expect((await till.commit(note)).ok).toBe(true);
  // The disk as power left it, with the last record torn.
  cpSync(join(root, "till"), join(root, "cut"), { recursive: true });
  await till.close();
  tearLastRecord(join(root, "cut/log"));

  // This start sets it aside and gets no further.
  const log = openChangeLog({
    files: nodeFiles(),
    directory: join(root, "cut/log"),
    clock: systemClock(),
    random: nodeCrypto().randomBytes,
    isNew: false,
  });
  expect(log.ok && log.value.tail).toMatchObject({ wasRecordLike: true });

  const again = await open("cut");
  expect(again.incarnation).toBe(2);
  expect((await again.commit(note)).ok).toBe(true);
  await again.close();
  const third = await open("cut");
  expect(third.incarnation).toBe(2);
  await third.close();
});

async function open(name: string): Promise<Replica> {
  const opened = await openReplica(place(name));
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  return opened.value;
}

/** The last bytes that were written lie before the reserved zeroes. */
function tearLastRecord(directory: string): void {
  const segment = readdirSync(directory)
    .filter((name) => !name.endsWith("/"))
    .toSorted()
    .at(-1)!;
  const path = join(directory, segment);
  const bytes = readFileSync(path);
  const end = bytes.findLastIndex((byte) => byte !== 0);
  bytes.fill(0, end - 8, end + 1);
  writeFileSync(path, bytes);
}
