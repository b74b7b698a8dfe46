import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { testClock } from "@tillmesh/kernel/testing";
import { nodeCrypto } from "@tillmesh/kernel/node";
import type { StaffId } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import { addMachineToken, createMachineTokens } from "./machine-tokens.ts";
import { hashPin, isPin, newPin } from "./pin.ts";
import { createSessions, type StaffMember } from "./sessions.ts";

const crypto = nodeCrypto();

async function signIn(clock = testClock(0)) {
  const member = async (id: string, pin: string): Promise<StaffMember> => {
    const role = "cashier";
    return { id: id as StaffId, name: id, role, pin: await hashPin(pin, crypto.randomBytes) };
  };
  const staff = [await member("staff_a", "1111"), await member("staff_b", "2222")];
  return { clock, staff, sessions: createSessions({ clock, crypto, staff: () => staff }) };
}

describe("sessions", () => {
  test("a PIN finds its member of staff; the session ends after a working day, and when they leave", async () => {
    const { clock, staff, sessions } = await signIn();
    const opened = await sessions.open({ pin: "2222" });
    const token = opened.ok ? opened.value.token : "";
    expect(sessions.find(token)?.by).toEqual({ staff: "staff_b" });
    clock.advance(12 * 3_600_000);
    expect(sessions.find(token)).toBeUndefined();
    const again = await sessions.open({ pin: "2222", staff: "staff_b" });
    staff.pop();
    expect(sessions.find(again.ok ? again.value.token : "")).toBeUndefined();
  });

  test("after some wrong PINs a wait that doubles, for this member only, also if asked at once", async () => {
    const { clock, sessions } = await signIn();
    const wrong = await Promise.all(
      Array.from({ length: 8 }, () => sessions.open({ pin: "0000", staff: "staff_a" })),
    );
    expect(wrong.map((one) => (one.ok ? "" : one.error.type))).toEqual([
      ...Array.from({ length: 4 }, () => "WrongPin"),
      ...Array.from({ length: 4 }, () => "TooManyAttempts"),
    ]);
    expect(await sessions.open({ pin: "1111", staff: "staff_a" })).toMatchObject({
      error: { type: "TooManyAttempts", retryAfterS: 1 },
    });
    expect((await sessions.open({ pin: "2222", staff: "staff_b" })).ok).toBe(true);
    clock.advance(1000);
    await sessions.open({ pin: "0000", staff: "staff_a" });
    expect(await sessions.open({ pin: "1111", staff: "staff_a" })).toMatchObject({
      error: { retryAfterS: 2 },
    });
    clock.advance(2000);
    expect((await sessions.open({ pin: "1111", staff: "staff_a" })).ok).toBe(true);
  });

  test("guessing over everybody is slowed down as a whole", async () => {
    const { sessions } = await signIn();
    const codes = [];
    for (let i = 0; i < 12; i += 1) {
      const answer = await sessions.open({ pin: `9${i}99` });
      codes.push(answer.ok ? "" : answer.error.type);
    }
    expect(codes.filter((code) => code === "TooManyAttempts").length).toBe(2);
  });
});

describe("PINs", () => {
  test("six digits; the hash tells right from wrong, and nonsense is wrong", async () => {
    const pin = newPin(crypto.randomBytes);
    expect(pin).toMatch(/^\d{6}$/);
    const hash = await hashPin(pin, crypto.randomBytes);
    expect(await isPin(pin, hash)).toBe(true);
    expect(await isPin(`${pin}1`, hash)).toBe(false);
    expect(await isPin(pin, { salt: "!", hash: "AA" })).toBe(false);
  });
});

describe("machine tokens", () => {
  test("made by another process they count at once; replaced they end; only a hash is kept", () => {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), "tillmesh-tokens-"));
    const clock = testClock(0);
    const options = { directory, clock, crypto };
    const tokens = createMachineTokens(options);
    expect(tokens.find("tmt_nothing")).toBeUndefined();
    const first = addMachineToken(options, { name: "erp", rights: ["audit"] });
    const token = first.ok ? first.value : "";
    expect(tokens.find(token)).toMatchObject({ by: { token: "erp" }, name: "erp" });
    expect([...(tokens.find(token)?.rights ?? [])]).toEqual(["audit"]);
    const second = addMachineToken(options, { name: "erp" });
    clock.advance(1000);
    expect(tokens.find(token)).toBeUndefined();
    expect(tokens.find(second.ok ? second.value : "")?.rights.has("sell")).toBe(true);
    const file = path.join(directory, "tokens.json");
    expect(fs.readFileSync(file, "utf8")).not.toContain(token);
    expect(fs.statSync(file).mode & 0o077).toBe(0);
  });

  test("a damaged file is never written over, and earlier tokens go on", () => {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), "tillmesh-tokens-"));
    const clock = testClock(0);
    const options = { directory, clock, crypto };
    const made = addMachineToken(options, { name: "erp" });
    const tokens = createMachineTokens(options);
    expect(tokens.find(made.ok ? made.value : "")).toBeDefined();
    fs.writeFileSync(path.join(directory, "tokens.json"), "{");
    expect(addMachineToken(options, { name: "other" })).toMatchObject({
      error: { type: "TokensDamaged" },
    });
    clock.advance(5000);
    expect(tokens.find(made.ok ? made.value : "")).toBeDefined();
  });
});
