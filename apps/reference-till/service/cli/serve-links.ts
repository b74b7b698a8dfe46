/**
 * What `serve` is told of the network: where it listens, whom it dials, which relay it uses.
 *
 * @module
 */

import os from "node:os";
import type { LanAddress } from "../till/devices.ts";
import { readAddress, readPort, type Arguments, type OptionSpecs } from "./arguments.ts";
import { UsageError } from "./output.ts";
import { readRelayAddress } from "./relay-address.ts";

export const linkOptions: OptionSpecs = {
  lan: { type: "string", value: "[ADDRESS:]PORT" },
  peer: { type: "string", value: "HOST:PORT", multiple: true },
  "no-lan": { type: "boolean" },
  relay: { type: "string", value: "wss://HOST" },
};

export interface ServeLinks {
  readonly lan?: { readonly listen?: LanAddress; readonly peers: readonly LanAddress[] };
  readonly relay?: { readonly url: string };
}

/** Loopback unless an address is given: `0.0.0.0:7101` is every network of this machine. */
export function readLinks(args: Arguments): ServeLinks {
  const lan = args.optional("lan");
  const peers = args.all("peer").map((peer) => readAddress(peer, "peer"));
  const relay = args.optional("relay");
  const isAlone = lan === undefined && peers.length === 0;
  if (args.is("no-lan") && !isAlone)
    throw new UsageError("--no-lan goes with neither --lan nor --peer.");
  const listen = lan === undefined ? {} : { listen: readListen(lan) };
  return {
    ...(isAlone ? {} : { lan: { ...listen, peers } }),
    ...(relay === undefined ? {} : { relay: { url: readRelayAddress(relay) } }),
  };
}

type Interfaces = ReturnType<typeof os.networkInterfaces>;

/** Where others find this device: a wildcard is told as this machine's own addresses. */
export function addressesOf(
  { lan }: ServeLinks,
  interfaces: Interfaces = os.networkInterfaces(),
): readonly LanAddress[] {
  const listen = lan?.listen;
  if (listen === undefined) return [];
  if (listen.host !== "0.0.0.0" && listen.host !== "::") return [listen];
  const own = Object.values(interfaces).flatMap((addresses) => addresses ?? []);
  return own
    .filter(({ internal, family }) => !internal && family === "IPv4")
    .slice(0, hintsMax)
    .map(({ address }) => ({ host: address, port: listen.port }));
}

const hintsMax = 4;

function readListen(text: string): LanAddress {
  return text.includes(":")
    ? readAddress(text, "lan")
    : { host: "127.0.0.1", port: readPort(text, "lan") };
}
