/**
 * Peers that were found on the network are dialled like those on the list, as long as they are heard of. SPEC.md §7 (DS).
 *
 * @module
 */

import { startDiscovery } from "./discovery.ts";
import { organisationHashOf } from "./discovery-records.ts";
import { createHeardAddresses, type HeardAddress } from "./heard-addresses.ts";
import type { LanAddress } from "./lan.ts";
import { hostText, linkTo, type Net } from "./net.ts";

export interface FindingOptions {
  /** Where this replica listens. */
  readonly listen: LanAddress;
  /** Of multicast DNS; default: 5353. */
  readonly discoveryPort?: number;
  /** Dials an address where this device is said to be. */
  readonly dial: (address: LanAddress, device: string) => void;
}

export interface Finding {
  /** Nothing that is heard from now on counts. */
  stop(): void;
  close(): Promise<void>;
}

export function startFinding(net: Net, options: FindingOptions): Finding {
  const { listen, discoveryPort, dial } = options;
  const { organisation, device, crypto } = net.parts.state.ports;
  const heard = createHeardAddresses();
  const found = new Set<string>();
  let isStopped = false;
  const isLinked = (one: HeardAddress): boolean =>
    linkTo(net, net.devices.get(hostText(one)) ?? "") !== undefined;
  const leave = (gone: readonly HeardAddress[]): void => {
    for (const text of gone.map(hostText)) if (found.delete(text)) stopDialling(net, text);
  };
  const discovery = startDiscovery({
    own: {
      organisationHash: organisationHashOf(organisation, crypto),
      device,
      port: listen.port,
    },
    host: listen.host,
    ...(discoveryPort !== undefined && { port: discoveryPort }),
    onHeard: (host, { device: said, port, ttlMs }) => {
      if (isStopped) return;
      if (ttlMs === 0) return leave(heard.forget(host, said));
      const untilMs = performance.now() + ttlMs;
      const news = heard.hear({ host, port, device: said, untilMs }, isLinked);
      leave(news.removed);
      for (const one of news.added) {
        // On the list: it is dialled already.
        if (net.dialers.has(hostText(one))) continue;
        found.add(hostText(one));
        dial(one, said);
      }
    },
    onTrouble: onceEach((reason) => {
      net.parts.logger({ level: "warn", event: "discovery-trouble", reason });
    }),
  });
  const tick = setInterval(() => leave(heard.expire(performance.now(), isLinked)), tickMs);
  return {
    stop: () => {
      isStopped = true;
      clearInterval(tick);
    },
    close: () => discovery.close(),
  };
}

const tickMs = 5_000;

/** What is open stays open; only nobody dials there again. */
function stopDialling({ dialers, devices, refusals }: Net, address: string): void {
  dialers.get(address)?.stop();
  for (const map of [dialers, devices, refusals]) map.delete(address);
}

function onceEach(tell: (reason: string) => void): (reason: string) => void {
  const told = new Set<string>();
  return (reason) => {
    if (told.has(reason) || told.size >= reasonsMax) return;
    told.add(reason);
    tell(reason);
  };
}

const reasonsMax = 20;
