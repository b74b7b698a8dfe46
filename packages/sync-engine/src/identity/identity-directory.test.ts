import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nodeFiles } from "../storage/node/node-files.ts";
import { acceptInvitation } from "./accept-invitation.ts";
import {
  readIdentity,
  writeIdentity,
  type IdentityFiles,
  type IdentityPlace,
} from "./identity-directory.ts";
import { identityFiles } from "./identity-files.ts";
import { caOf, type Identity } from "./identity.ts";
import { createInvitation } from "./invitation.ts";
import { newPrivateKeyPem } from "./keys.ts";
import { sampleContext, sampleIdentity, secondDevice, valueOf } from "./testing/sample-identity.ts";

const context = sampleContext(5);
const { crypto } = context;
let first: Identity;
let joined: Identity;

beforeAll(async () => {
  first = await sampleIdentity(context);
  const device = secondDevice(context, first.device);
  const request = { organisation: first.organisation, device };
  const text = valueOf(await createInvitation(caOf(first)!, request, context));
  joined = valueOf(await acceptInvitation(text, context)).identity;
});

interface Memory extends IdentityFiles {
  readonly contents: Map<string, Uint8Array>;
  readonly modes: Map<string, number>;
}

/** Files in memory; the power goes before write number `writesMax`. */
function memory(
  writesMax = Number.POSITIVE_INFINITY,
  contents = new Map<string, Uint8Array>(),
): Memory {
  const modes = new Map<string, number>();
  let writes = 0;
  return {
    contents,
    modes,
    readFile: (file) => contents.get(file) ?? null,
    makeDirectory: () => {},
    writeFileAtomic: (file, bytes, mode) => {
      if (writes === writesMax) throw new Error("power cut");
      writes += 1;
      contents.set(file, bytes);
      modes.set(file, mode);
    },
  };
}

function at(files: IdentityFiles): IdentityPlace {
  return { files, directory: "till" };
}

describe("an identity on disk (IS)", () => {
  test("[IS1] of the first device, with its CA, and of one that joined", async () => {
    for (const identity of [first, joined]) {
      const place = at(memory());
      valueOf(await writeIdentity(place, identity, crypto));
      expect(valueOf(await readIdentity(place, crypto))).toEqual(identity);
    }
  });

  test("[IS1] nothing there is told as such", async () => {
    const read = await readIdentity(at(memory()), crypto);
    expect(read).toEqual({ ok: false, error: { type: "NoIdentity" } });
  });

  test("[IS2] a power cut before any write leaves what can be repeated", async () => {
    const again = await sampleIdentity(context);
    for (let writes = 0; writes < 6; writes += 1) {
      const files = memory(writes);
      await expect(writeIdentity(at(files), first, crypto)).rejects.toThrow("power cut");
      const read = await readIdentity(at(files), crypto);
      const expected = writes === 0 ? "NoIdentity" : "IdentityUnfinished";
      expect(read).toMatchObject({ ok: false, error: { type: expected } });
      const repeated = at(memory(undefined, files.contents));
      valueOf(await writeIdentity(repeated, again, crypto));
      expect(valueOf(await readIdentity(repeated, crypto))).toEqual(again);
    }
  });

  test("[IS3] a finished identity stays", async () => {
    const place = at(memory());
    valueOf(await writeIdentity(place, first, crypto));
    const second = await writeIdentity(place, joined, crypto);
    expect(second).toMatchObject({ ok: false, error: { type: "IdentityExists" } });
    expect(valueOf(await readIdentity(place, crypto))).toEqual(first);
  });

  test("[IS4] keys have mode 0600", async () => {
    const files = memory();
    valueOf(await writeIdentity(at(files), first, crypto));
    expect(Object.fromEntries(files.modes)).toEqual({
      "till/ca/ca.key.pem": 0o600,
      "till/ca/channels.key": 0o600,
      "till/identity/device.key.pem": 0o600,
      "till/identity/ca.pem": 0o644,
      "till/identity/chain.pem": 0o644,
      "till/identity/device.json": 0o644,
    });
  });

  test("[IS5] a missing file is named", async () => {
    for (const name of ["identity/chain.pem", "identity/ca.pem", "ca/ca.key.pem"]) {
      const files = memory();
      valueOf(await writeIdentity(at(files), first, crypto));
      files.contents.delete(`till/${name}`);
      const read = await readIdentity(at(files), crypto);
      expect(read).toEqual({ ok: false, error: { type: "IdentityFileMissing", missing: [name] } });
    }
  });

  test("[IS5] a flipped bit in any file is refused", async () => {
    const files = memory();
    valueOf(await writeIdentity(at(files), first, crypto));
    for (const [name, bytes] of files.contents) {
      for (let index = 0; index < bytes.length; index += 11) {
        const damaged = new Map(files.contents).set(name, bytes.with(index, bytes[index]! ^ 4));
        const read = await readIdentity(at(memory(0, damaged)), crypto);
        const isSpace = name.endsWith(".json") && bytes[index]! <= 32;
        if (!isSpace) expect(read.ok, `${name} ${index}`).toBe(false);
      }
    }
  });

  test("[IS5] what does not belong together is neither written nor read", async () => {
    const privateKeyPem = newPrivateKeyPem(crypto.randomBytes);
    const mixed: readonly [Identity, object][] = [
      [
        { ...first, privateKeyPem },
        { type: "IdentityKey", key: "device" },
      ],
      [
        { ...first, caPrivateKeyPem: privateKeyPem },
        { type: "IdentityKey", key: "ca" },
      ],
      [
        { ...first, chain: joined.chain },
        { type: "IdentityNames", field: "device" },
      ],
      [
        { ...joined, device: { ...joined.device, roles: ["hq"] } },
        { type: "IdentityNames", field: "roles", record: "hq", certificate: "till" },
      ],
    ];
    for (const [identity, error] of mixed) {
      const files = memory();
      expect(await writeIdentity(at(files), identity, crypto)).toMatchObject({ ok: false, error });
      expect(files.contents.size).toBe(0);
    }
  });
});

describe("an identity on a real disk (IS)", () => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "tillmesh-identity-"));
  afterAll(() => fs.rmSync(directory, { recursive: true }));

  test("[IS1] [IS4] written, private, read back", async () => {
    const empty: number[] = [];
    const files = identityFiles(nodeFiles(), (file, mode) => {
      empty.push(fs.statSync(file).size);
      fs.chmodSync(file, mode);
    });
    const place = { files, directory: path.join(directory, "till") };
    valueOf(await writeIdentity(place, first, crypto));
    expect(valueOf(await readIdentity(place, crypto))).toEqual(first);
    expect(empty).toEqual([0, 0, 0, 0, 0, 0]);
    for (const name of ["identity/device.key.pem", "ca/ca.key.pem", "ca/channels.key"]) {
      const { mode } = fs.statSync(path.join(place.directory, name));
      if (os.platform() !== "win32") expect(mode & 0o777).toBe(0o600);
    }
    const names = fs.readdirSync(path.join(place.directory, "identity")).toSorted();
    expect(names).toEqual(["ca.pem", "chain.pem", "device.json", "device.key.pem"]);
  });
});
