import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeQR } from "qr";
import { decodeQR } from "qr/decode.js";
import { describe, expect, test } from "vitest";
import { acceptInvitation } from "./accept-invitation.ts";
import { caOf } from "./identity.ts";
import { invitationQr } from "./invitation-qr.ts";
import { createInvitation, parseInvitation, type InvitationRequest } from "./invitation.ts";
import {
  sampleContext,
  sampleIdentity,
  sampleNowMs,
  secondDevice,
  valueOf,
} from "./testing/sample-identity.ts";

const context = sampleContext(47);
const { crypto } = context;
const first = await sampleIdentity(context);
const ca = caOf(first)!;
const device = secondDevice(context, first.device);
const keys = {
  hq: { "1": "A".repeat(43), "3": `${"B".repeat(42)}A` },
  org: { "3": "A".repeat(43) },
};
const lan = [{ host: "192.168.1.20", port: 7001 }];
const request: InvitationRequest = {
  organisation: first.organisation,
  device,
  lan,
  keys,
  form: "text",
};
const text = valueOf(await createInvitation(ca, request, context));
const afterDays = (days: number) => ({ crypto, nowMs: sampleNowMs + days * 86_400_000 });
const hasZbar = spawnSync("zbarimg", ["--version"]).status === 0;

describe("an invitation as text (IT)", () => {
  test("[IT1] it brings a device in, with the key of hq only, and is no longer than a QR code holds", async () => {
    expect(text).toMatch(/^TM1-[A-Za-z0-9_-]+$/);
    expect(text.length).toBeLessThan(1_600);
    const { identity, ...rest } = valueOf(await acceptInvitation(text, context));
    expect(identity.device).toEqual(device);
    expect(identity.organisation).toEqual(first.organisation);
    expect(identity.caCertificate).toBe(first.caCertificate);
    expect(rest).toEqual({ lan, publications: [], keys: { hq: { "3": keys.hq["3"] } } });
  });

  test("[IT2] spaces and line ends do not matter; any other change is refused", () => {
    const wrapped = ` ${text.match(/.{1,60}/g)!.join("\n")} \n`;
    expect(parseInvitation(wrapped, crypto).ok).toBe(true);
    for (let at = 4; at < text.length; at += 7) {
      const other = text[at] === "A" ? "B" : "A";
      expect(parseInvitation(text.slice(0, at) + other + text.slice(at + 1), crypto).ok).toBe(
        false,
      );
      expect(parseInvitation(text.slice(0, at), crypto).ok).toBe(false);
    }
    expect(parseInvitation(`${text}A`, crypto).ok).toBe(false);
    expect(parseInvitation(`TM1-${"A".repeat(10_000)}`, crypto)).toMatchObject({
      error: { type: "InvitationTextTooLong" },
    });
  });

  test("[IT3] it is valid for two days", async () => {
    expect((await acceptInvitation(text, afterDays(1.9))).ok).toBe(true);
    expect(await acceptInvitation(text, afterDays(2.1))).toMatchObject({
      error: { type: "InvitationExpired" },
    });
  });

  test("[IT4] the longest names still fit, or it is said that they do not", async () => {
    const name = "Ü".repeat(200);
    const long = {
      ...request,
      organisation: { ...first.organisation, name },
      device: { ...device, name, location: { ...device.location, name } },
    };
    expect(await createInvitation(ca, long, context)).toMatchObject({
      error: { type: "InvitationTextTooLong" },
    });
    const usual = { ...long, device: { ...device, name: "x".repeat(200) } };
    expect((await createInvitation(ca, usual, context)).ok).toBe(true);
  });

  test("[IT5] the QR code reads back by the library's own reader", () => {
    const gif = encodeQR(text, "raw", { ecc: "medium", border: 4 });
    const scale = 3;
    const size = gif.length * scale;
    const data = new Uint8Array(size * size * 4);
    for (let y = 0; y < size; y += 1) {
      for (let x = 0; x < size; x += 1) {
        const isDark = gif[Math.floor(y / scale)]![Math.floor(x / scale)];
        data.fill(isDark ? 0 : 255, (y * size + x) * 4, (y * size + x) * 4 + 3);
        data[(y * size + x) * 4 + 3] = 255;
      }
    }
    expect(decodeQR({ width: size, height: size, data })).toBe(text);
    expect(invitationQr(text, "svg")).toMatch(/^<svg/);
    expect(invitationQr(text, "terminal").length).toBeGreaterThan(1_000);
  });

  // Visible in the list of tests where zbarimg is not installed.
  test.skipIf(!hasZbar)("[IT5] the QR code reads back by zbarimg", () => {
    const directory = mkdtempSync(join(tmpdir(), "tillmesh-qr-"));
    const file = join(directory, "invitation.gif");
    writeFileSync(file, encodeQR(text, "gif", { ecc: "medium", border: 4, scale: 4 }));
    const read = execFileSync("zbarimg", ["--quiet", "--raw", file], {
      encoding: "utf8",
      // It looks for a desktop to tell, and complains.
      stdio: ["ignore", "pipe", "ignore"],
    });
    rmSync(directory, { recursive: true });
    expect(read.trim()).toBe(text);
  });
});
