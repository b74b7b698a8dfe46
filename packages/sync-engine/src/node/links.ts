/**
 * The ways out of this device: the shop's network and the relay, and the switches of both. SPEC.md §8a (RU).
 *
 * @module
 */

import { ok, type Result } from "@tillmesh/kernel";
import { startLan, type LanError, type LanOptions } from "../lan/lan.ts";
import type { RelayOptions, RelayUrlError } from "../relay/node/relay-options.ts";
import { startRelayLink } from "../relay/node/relay-link.ts";
import type { ReplicaParts } from "./run-replica.ts";

export interface LinkOptions {
  /** Absent: this replica meets nobody. */
  readonly lan?: LanOptions;
  /** Absent: this replica has no uplink of its own. */
  readonly relay?: RelayOptions;
}

/** Which ways are open. A way that was never set up is neither open nor shut: it is told as open. */
export interface Links {
  readonly lan: boolean;
  readonly uplink: boolean;
}

export interface LinkSwitches {
  links(): Links;
  /** Shuts and opens ways while the replica runs: for whoever wants to see what happens. */
  set(links: Partial<Links>): void;
}

/** Opens both ways; what cannot be opened is told, and then none is. */
export async function openLinks(
  parts: ReplicaParts,
  { lan, relay }: LinkOptions,
): Promise<Result<void, LanError | RelayUrlError>> {
  parts.switches = switchesOf(parts, lan);
  if (lan) {
    const started = await startLan(parts, lan);
    if (!started.ok) return started;
  }
  if (!relay) return ok(undefined);
  const started = startRelayLink(parts, relay);
  if (!started.ok) return started;
  parts.relay = started.value;
  return ok(undefined);
}

export async function closeLinks(parts: ReplicaParts): Promise<void> {
  await parts.relay?.close();
  await parts.lan?.close();
}

function switchesOf(parts: ReplicaParts, lan: LanOptions | undefined): LinkSwitches {
  let open: Links = { lan: true, uplink: true };
  let before: Promise<void> = Promise.resolve();
  return {
    links: () => open,
    set: (links) => {
      open = { ...open, ...links };
      parts.relay?.setOn(open.uplink);
      if (lan) before = before.then(() => setLan(parts, lan, open.lan));
    },
  };
}

async function setLan(parts: ReplicaParts, options: LanOptions, isOpen: boolean): Promise<void> {
  if (isOpen === (parts.lan !== undefined) || parts.state.failure) return;
  if (isOpen) {
    const started = await startLan(parts, options);
    if (!started.ok) parts.logger({ level: "error", event: "lan-not-opened", ...started.error });
    return;
  }
  const closing = parts.lan;
  parts.lan = undefined;
  await closing?.close();
  parts.notifyPeers();
}
