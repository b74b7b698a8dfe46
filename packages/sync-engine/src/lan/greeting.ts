/**
 * The first word on a link: which device, by which certificates, on which channel. SPEC.md §7 (TL, EL).
 *
 * @module
 */

import { ok, type Result } from "@tillmesh/kernel";
import type { Trust, TrustedDevice, TrustError } from "../replica/ports.ts";
import type { ExchangeLink } from "./exchange-link.ts";
import type { HelloMessage } from "./exchange-message.ts";
import type { Talk } from "./talk.ts";
import { tell } from "./telling.ts";

export function hello({ options, id }: Talk): HelloMessage {
  const { device, certificates } = options.state.ports;
  return { type: "hello", v: 1, device, certificates, link: id };
}

/** Says what is wrong with it, if anything. */
export function takeHello(
  talk: Talk,
  link: ExchangeLink,
  message: HelloMessage,
): string | undefined {
  const { state, judge, onHello } = talk.options;
  const { trust } = state.ports;
  if (talk.peer) return "second hello";
  const judged = judge(message.certificates);
  if (!judged.ok) return judged.error.reason;
  const { device, untilMs } = judged.value;
  if (device.id !== message.device) return "certificate of another device";
  if (trust.revocationOf?.(message.device)) return revoked;
  // What it may do is what HQ decided last: an older certificate of its own may say more.
  const learned = learn(trust, message);
  if (!learned.ok) return `untrusted: ${learned.error.reason}`;
  talk.peer = learned.value;
  talk.untilMs = untilMs;
  talk.peerLink = message.link;
  if (onHello(link)) tell(talk);
  return undefined;
}

/** A chain that is known already teaches nothing, and reading it again takes its time. */
function learn(
  trust: Trust,
  { device, certificates }: HelloMessage,
): Result<TrustedDevice, TrustError> {
  const known = trust.deviceOf(device);
  const isKnown = known?.certificates.join("") === certificates.join("");
  return known && isKnown ? ok(known) : trust.learn(certificates);
}

/** The reason that a revoked device is told. */
export const revoked = "revoked";
