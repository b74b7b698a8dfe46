import { expect, test } from "vitest";
import { secretsOf } from "./secrets-of.ts";

const secrets = { turnover: new Uint8Array(32) };
const ring = { secrets, publicKeys: new Set(["new"]) };

test("secrets that lie under a stream's name but beside other keys are not its own", () => {
  const keyId = "K1";
  expect(secretsOf(ring, { keys: [{ keyId, publicKey: "old" }] })).toEqual({});
  expect(
    secretsOf(ring, {
      keys: [
        { keyId, publicKey: "old" },
        { keyId, publicKey: "new" },
      ],
    }),
  ).toBe(secrets);
});

test("keys in a device, shared keys, and regimes without any say nothing against them", () => {
  expect(
    secretsOf({ secrets, publicKeys: new Set() }, { keys: [{ keyId: "K1", publicKey: "x" }] }),
  ).toBe(secrets);
  expect(secretsOf(ring, { keys: [{ keyId: "K1" }] })).toBe(secrets);
  expect(secretsOf(ring, { keys: [] })).toBe(secrets);
});
