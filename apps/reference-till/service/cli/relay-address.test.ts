import { expect, test } from "vitest";
import { UsageError } from "./output.ts";
import { readRelayAddress } from "./relay-address.ts";

test.each([
  "ws://127.0.0.1:7300",
  "ws://localhost:1",
  "ws://[::1]:9/",
  "wss://relay.example/shops",
])("%s is taken as it is", (address) => expect(readRelayAddress(address)).toBe(address));

test.each([
  ["ws://relay.example", "on this machine only"],
  ["ws://192.168.1.4:7300", "on this machine only"],
  ["ws://127.0.0.1.example:7300", "on this machine only"],
  ["ws://localhost.example", "on this machine only"],
  ["http://127.0.0.1:7300", "is not an address"],
  ["127.0.0.1:7300", "is not an address"],
  ["relay", "is not an address"],
  ["wss://me:secret@relay.example", "has no user"],
  ["wss://relay.example?x=1", "has no user"],
])("%s is refused: %s", (address, reason) => {
  expect(() => readRelayAddress(address)).toThrow(UsageError);
  expect(() => readRelayAddress(address)).toThrow(reason);
});
