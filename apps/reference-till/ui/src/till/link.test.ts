import { expect, test } from "vitest";
import type { Peer, Status } from "../api/shapes.ts";
import { linkStart, onlyHereText, peerSummary, stepLink } from "./link.ts";

const timeZone = "Europe/London";
const peer = (state: Peer["state"], lastExchangeAt: string | null, name = "Till 2"): Peer => ({
  device: { id: "dev_2", name },
  address: "127.0.0.1:1",
  state,
  lastExchangeAt,
});

const summary = (...peers: Peer[]) => peerSummary({ peers, relay: null, timeZone }, null).text;

test("peers in words", () => {
  const at = "2026-11-22T14:05:00.000Z";
  expect(summary()).toBe("No peers");
  expect(summary(peer("connected", at))).toBe("1 peer connected");
  expect(summary(peer("connecting", null))).toBe("Alone so far");
  expect(summary(peer("connecting", at), peer("connecting", "2026-11-22T13:00:00.000Z"))).toBe(
    "Alone since 14:05",
  );
});

test("a page remembers when the last peer went, for a device that does not", () => {
  const atMs = Date.parse("2026-11-22T15:30:00.000Z");
  const met = stepLink(linkStart, { type: "peers", hasPeer: true, atMs: 5 });
  const alone = stepLink(met, { type: "peers", hasPeer: false, atMs });
  expect([linkStart.aloneAtMs, met.aloneAtMs, alone.aloneAtMs]).toEqual([null, null, atMs]);
  expect(stepLink(alone, { type: "peers", hasPeer: false, atMs: 9 })).toBe(alone);
  const status = { peers: [peer("connecting", null)], relay: null, timeZone };
  expect(peerSummary(status, alone.aloneAtMs).text).toBe("Alone since 15:30");
});

test("the moment the service was missed first is kept", () => {
  const lost = stepLink(linkStart, { type: "reached", isReached: false, atMs: 5 });
  expect(lost).toMatchObject({ isReached: false, lostAtMs: 5 });
  expect(stepLink(lost, { type: "reached", isReached: false, atMs: 9 })).toBe(lost);
  expect(stepLink(lost, { type: "reached", isReached: true, atMs: 9 }).lostAtMs).toBeNull();
});

const relay = (state: string) => ({ state }) as unknown as Status["relay"];

const linkText = (state: string, ...peers: Peer[]) =>
  peerSummary({ peers, relay: relay(state), timeZone }, null);

test("a relay counts as a connection, and is named", () => {
  expect(linkText("connected")).toEqual({ tone: "good", text: "Relay connected" });
  expect(linkText("connected", peer("connected", null)).text).toBe("1 peer and relay");
  expect(linkText("connecting", peer("connected", null)).text).toBe("1 peer connected");
  expect(linkText("connecting")).toEqual({ tone: "alone", text: "Alone so far" });
});

test("what is only here, in words", () => {
  expect([0, 1, 3].map(onlyHereText)).toEqual([
    "Everything is also elsewhere",
    "1 entry only here",
    "3 entries only here",
  ]);
});
