import { beforeAll, describe, expect, test } from "vitest";
import type { CertificateAuthority } from "./certificate-authority.ts";
import { caOf, checkIdentity, createFirstIdentity, type Identity } from "./identity.ts";
import { newPrivateKeyPem } from "./keys.ts";
import { nodeScrypt } from "./node/node-scrypt.ts";
import { readPaper, writePaper } from "./paper.ts";
import {
  makeRecoveryKit,
  openRecoveryKit,
  restoreCa,
  type RecoveryKitRequest,
} from "./recovery-kit.ts";
import { sampleContext, sampleIdentity, sampleNowMs, valueOf } from "./testing/sample-identity.ts";

const context = { ...sampleContext(6), deriveKey: nodeScrypt };
const { crypto } = context;
const passphrase = "seven wet umbrellas";
let first: Identity;
let ca: CertificateAuthority;
let text: string;

beforeAll(async () => {
  first = await sampleIdentity(context);
  ca = caOf(first)!;
  text = valueOf(await make());
});

/** At the least cost, for speed. */
function make(change: Partial<RecoveryKitRequest> = {}) {
  const { organisation } = first;
  return makeRecoveryKit({ organisation, ca, passphrase, costLog2: 15, ...change }, context);
}

function open(kit: string, phrase: string = passphrase) {
  return openRecoveryKit(kit, phrase, context);
}

/** The bytes of the kit with one changed, and the check characters made anew. */
function withByte(index: number, change: (byte: number) => number): string {
  const bytes = valueOf(readPaper(text, crypto));
  return writePaper(bytes.with(index, change(bytes[index]!)), crypto);
}

describe("a recovery kit (RK)", () => {
  test("[RK1] gives back the CA, the organisation and the sections", async () => {
    const sections = { "epoch-7": "c2VjcmV0", fiscal: "k" };
    const kit = valueOf(await open(valueOf(await make({ sections }))));
    expect(kit).toEqual({
      organisation: first.organisation,
      ca,
      sections,
      createdAtMs: sampleNowMs,
    });
    expect(valueOf(await restoreCa(kit, crypto))).toEqual(ca);
  });

  test("[RK1] a new HQ stands on the restored CA, and old devices are still under it", async () => {
    const restored = valueOf(await restoreCa(valueOf(await open(text)), crypto));
    const rebuilt = await createFirstIdentity(first, context, {
      ca: restored,
      channelMaster: undefined,
    });
    expect(rebuilt.caCertificate).toBe(first.caCertificate);
    valueOf(await checkIdentity(rebuilt, crypto));
    valueOf(await checkIdentity({ ...first, caCertificate: rebuilt.caCertificate }, crypto));
  });

  test("[RK2] another passphrase is told as such; spaces and forms of a letter do not matter", async () => {
    const wrong = { ok: false, error: { type: "WrongPassphrase" } };
    expect(await open(text, "seven wet umbrella")).toEqual(wrong);
    expect((await open(text, `  seven   wet umbrellas\n`)).ok).toBe(true);
    const accented = valueOf(await make({ passphrase: "un caf\u00e9 tr\u00e8s serr\u00e9" }));
    expect((await open(accented, "un cafe\u0301 tre\u0300s serre\u0301")).ok).toBe(true);
  });

  test("[RK2] at the cost that is the default, too", async () => {
    const { organisation } = first;
    const costly = valueOf(await makeRecoveryKit({ organisation, ca, passphrase }, context));
    expect(valueOf(readPaper(costly, crypto))[4]).toBe(17);
    expect((await open(costly)).ok).toBe(true);
  });

  test("[RK2] a short passphrase is refused", async () => {
    const made = await make({ passphrase: "  elevenchars " });
    expect(made).toEqual({
      ok: false,
      error: { type: "PassphraseTooShort", length: 11, lengthMin: 12 },
    });
  });

  test("[RK3] a later version, other parameters and other bytes are refused before the passphrase is tried", async () => {
    const at = async (index: number, change: (byte: number) => number) => {
      const opened = await open(withByte(index, change));
      return opened.ok ? "opened" : opened.error;
    };
    expect(await at(0, (byte) => byte + 1)).toEqual({ type: "NotAKit" });
    expect(await at(3, () => 2)).toEqual({ type: "KitVersion", found: 2, known: 1 });
    expect(await at(4, () => 30)).toEqual({ type: "KitParameters", costLog2: 30, r: 8, p: 1 });
    expect(await at(5, () => 9)).toMatchObject({ type: "KitParameters", r: 9 });
    expect(await open(writePaper(new Uint8Array(10), crypto))).toMatchObject({ ok: false });
  });

  test("[RK3] parameters, salt, nonce and content are all authenticated", async () => {
    const size = valueOf(readPaper(text, crypto)).length;
    for (const index of [4, 7, 22, 23, 34, 35, 100, size - 1]) {
      const opened = await open(withByte(index, (byte) => byte ^ 1));
      expect(opened, `byte ${index}`).toMatchObject({ ok: false });
    }
  });

  test("[RK4] typed from paper: lower case, look-alikes, dashes, no head, lines in any order", async () => {
    const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    const typed = lines
      .toReversed()
      .map((line) => line.toLowerCase().replaceAll(" ", "  "))
      .map((line) => line.slice(0, 3) + line.slice(3).replaceAll("0", "o").replaceAll("1", "l"))
      .join("\r\n");
    expect(valueOf(await open(typed)).ca).toEqual(ca);
  });

  test("[RK4] a mistyped, missing or doubled line is named before any passphrase is tried", async () => {
    const lines = text.trimEnd().split("\n");
    const index = lines.findIndex((line) => line.startsWith("003"));
    const line = lines[index]!;
    const mistyped = line.slice(0, 8) + (line[8] === "7" ? "8" : "7") + line.slice(9);
    expect(await faultsOf(lines.with(index, mistyped))).toEqual(named("3", "mistyped"));
    expect(await faultsOf(lines.toSpliced(index, 1))).toEqual(named("3", "missing"));
    expect(await faultsOf([line, ...lines])).toEqual(named("3", "there twice"));
    expect(await faultsOf([...lines, "hello"])).toEqual(named("hello", "no numbered line"));
    expect(await faultsOf(lines.slice(0, -1))).toEqual(named("SUM", "missing"));
    expect(await faultsOf(lines.toSpliced(-2, 1))).toMatchObject({ faults: [{ line: "SUM" }] });
    const renumbered = line.replace("003", "004");
    expect(await faultsOf([renumbered])).toMatchObject({ faults: [{ line: "4" }, {}] });
  });

  test("[RK5] nothing of it but the organisation's name and id is in clear", () => {
    expect(text).toContain(`# Organisation: Corner Café (${first.organisation.id})`);
    const [, key = ""] = ca.privateKeyPem.split("\n");
    expect(text).not.toContain(key.slice(-20));
    expect(text.length).toBeLessThan(4_000);
  });

  test("[RK6] sections are bounded in number, name and size", async () => {
    const many = Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`s${index}`, ""]));
    for (const sections of [many, { "../x": "" }, { long: "x".repeat(8_193) }]) {
      expect(await make({ sections })).toMatchObject({ ok: false, error: { type: "Faults" } });
    }
    const large = Object.fromEntries(["a", "b", "c"].map((name) => [name, "x".repeat(8_192)]));
    expect(await make({ sections: large })).toMatchObject({ error: { type: "KitTooLarge" } });
  });

  test("[RK7] a key or certificate that is not this organisation's is refused", async () => {
    const kit = valueOf(await open(text));
    const other = await sampleIdentity(context);
    const privateKeyPem = newPrivateKeyPem(crypto.randomBytes);
    const otherKey = { ...kit, ca: { ...ca, privateKeyPem } };
    const keyFault = { ok: false, error: { type: "KitCa", part: "key" } };
    expect(await restoreCa(otherKey, crypto)).toEqual(keyFault);
    const certificateFault = { ok: false, error: { type: "KitCa", part: "certificate" } };
    const foreign = { ...kit, ca: { ...caOf(other)!, organisationId: first.organisation.id } };
    expect(await restoreCa(foreign, crypto)).toEqual(certificateFault);
    const device = { ...kit, ca: { ...ca, certificate: first.chain[0]! } };
    expect(await restoreCa(device, crypto)).toEqual(keyFault);
  });
});

async function faultsOf(lines: readonly string[]): Promise<unknown> {
  const opened = await open(lines.join("\n"), "");
  return opened.ok ? "opened" : opened.error;
}

function named(line: string, problem: string): object {
  return { type: "KitLines", faults: [{ line, problem }] };
}
