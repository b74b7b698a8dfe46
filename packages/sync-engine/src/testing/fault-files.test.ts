import fs from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { ensureDirectory, writeFileAtomic, writeFileSynced } from "../storage/files.ts";
import { faultFiles, type FaultFiles } from "./fault-files.ts";

const made: FaultFiles[] = [];
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const long = bytes("0123456789abcdef".repeat(200));

function keep(files: FaultFiles): FaultFiles {
  made.push(files);
  return files;
}

/** What a file holds after power cuts under many seeds, each distinct outcome once. */
function outcomes(files: FaultFiles, name: string, seeds = 200): ReadonlySet<string> {
  const found = Array.from({ length: seeds }, (_, seed) => {
    const after = files.crash(seed);
    const content = after.readFile(`${after.root}/${name}`);
    after.dispose();
    return content === null ? "gone" : Buffer.from(content).toString("latin1");
  });
  return new Set(found);
}

afterEach(() => {
  for (const files of made.splice(0)) files.dispose();
});

describe("fault files (FL)", () => {
  test("[FL1] synced bytes under a synced name survive every power cut", () => {
    const files = keep(faultFiles());
    writeFileAtomic(files, `${files.root}/a`, bytes("one"));
    expect(outcomes(files, "a")).toEqual(new Set(["one"]));
  });

  test("[FL2] a name that was not synced may be gone, and may be there", () => {
    const files = keep(faultFiles());
    writeFileSynced(files, `${files.root}/a`, bytes("one"));
    expect(outcomes(files, "a")).toEqual(new Set(["one", "gone"]));
  });

  test("[FL2] a removal that was not synced may not have happened", () => {
    const files = keep(faultFiles());
    writeFileAtomic(files, `${files.root}/a`, bytes("one"));
    files.remove(`${files.root}/a`);
    expect(outcomes(files, "a")).toEqual(new Set(["one", "gone"]));
  });

  test("[FL2] a file in a directory whose name was not synced may be gone with it", () => {
    const files = keep(faultFiles());
    files.makeDirectory(`${files.root}/d`);
    writeFileAtomic(files, `${files.root}/d/a`, bytes("one"));
    expect(outcomes(files, "d/a")).toEqual(new Set(["one", "gone"]));
    files.syncDirectory(files.root);
    expect(outcomes(files, "d/a")).toEqual(new Set(["one"]));
  });

  test("[FL3] unsynced writes are lost, whole, torn, zeroed or there in some sectors", () => {
    const files = keep(faultFiles());
    writeFileAtomic(files, `${files.root}/a`, new Uint8Array(long.length).fill(0x2e));
    const file = files.openFile(`${files.root}/a`, "existing");
    file.writeAt(long, 0);
    const found = [...outcomes(files, "a")];
    const whole = Buffer.from(long).toString("latin1");
    expect(found).toContain(whole);
    expect(found).toContain(".".repeat(long.length));
    expect(found).toContain("\0".repeat(long.length));
    expect(found.some((text) => /^[0-9a-f]+\.+$/.test(text) && text.indexOf(".") % 512 > 0)).toBe(
      true,
    );
    expect(found.some((text) => /^\.{512,}[0-9a-f]{512}/.test(text))).toBe(true);
  });

  test("[FL3] of two unsynced writes the later one may be there without the earlier", () => {
    const files = keep(faultFiles());
    writeFileAtomic(files, `${files.root}/a`, bytes("...."));
    const file = files.openFile(`${files.root}/a`, "existing");
    file.writeAt(bytes("ab"), 0);
    file.writeAt(bytes("cd"), 2);
    expect([...outcomes(files, "a")]).toEqual(
      expect.arrayContaining(["....", "abcd", "..cd", "ab.."]),
    );
  });

  test("[FL3] a rename that was not synced leaves the old or the new file, never a part", () => {
    const files = keep(faultFiles());
    writeFileAtomic(files, `${files.root}/a`, bytes("one"));
    writeFileSynced(files, `${files.root}/b`, bytes("two"));
    files.rename(`${files.root}/b`, `${files.root}/a`);
    expect(outcomes(files, "a")).toEqual(new Set(["one", "two"]));
  });

  test("[FL4] a file written behind the port's back is unsynced until the port syncs it", async () => {
    const files = keep(faultFiles());
    fs.writeFileSync(`${files.root}/a`, long);
    files.syncDirectory(files.root);
    expect(outcomes(files, "a").size).toBeGreaterThan(2);
    await files.sync(`${files.root}/a`);
    expect(outcomes(files, "a").size).toBe(1);
    fs.writeFileSync(`${files.root}/a`, bytes("short"));
    expect(outcomes(files, "a").size).toBeGreaterThan(1);
    fs.rmSync(`${files.root}/a`);
    expect(outcomes(files, "a")).toContain("gone");
  });

  test("[FL5] the n-th operation fails, and only that one", () => {
    const files = keep(faultFiles());
    files.failAt(2, "ENOSPC");
    const file = files.openFile(`${files.root}/a`, "create");
    expect(() => file.writeAt(long, 0)).toThrow("ENOSPC");
    expect(files.wasHit()).toBe(true);
    file.writeAt(long, 0);
    file.datasync();
    expect(files.readFile(`${files.root}/a`)).toEqual(Buffer.from(long));
  });

  test("[FL5] after a failed sync a later one makes nothing of it durable", () => {
    const files = keep(faultFiles());
    writeFileAtomic(files, `${files.root}/a`, bytes("...."));
    const file = files.openFile(`${files.root}/a`, "existing");
    file.writeAt(bytes("abcd"), 0);
    files.failAt(1, "EIO");
    expect(() => file.datasync()).toThrow("EIO");
    file.datasync();
    expect(outcomes(files, "a")).toContain("....");
  });

  test("[FL6] after a cut every operation throws, and the cut one is not durable", () => {
    const files = keep(faultFiles());
    writeFileAtomic(files, `${files.root}/a`, bytes("...."));
    const file = files.openFile(`${files.root}/a`, "existing");
    file.writeAt(bytes("abcd"), 0);
    files.cutAt(1);
    expect(() => file.datasync()).toThrow("POWERCUT");
    expect(() => files.list(files.root)).toThrow("POWERCUT");
    expect(outcomes(files, "a")).toContain("....");
  });

  test("[FL7] the same seed leaves the same directory", () => {
    const files = keep(faultFiles());
    ensureDirectory(files, `${files.root}/d`);
    const file = files.openFile(`${files.root}/d/a`, "create");
    for (let at = 0; at < 5; at += 1) file.writeAt(long, at * long.length);
    files.syncDirectory(`${files.root}/d`);
    const contents = [1, 1, 2].map((seed) => {
      const after = keep(files.crash(seed));
      return Buffer.from(after.readFile(`${after.root}/d/a`) ?? []).toString("latin1");
    });
    expect(contents[0]).toBe(contents[1]);
    expect(outcomes(files, "d/a").size).toBeGreaterThan(1);
  });
});
