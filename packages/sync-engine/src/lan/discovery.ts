/**
 * Finding peers by multicast DNS, on every interface that there is. SPEC.md §7 (DS).
 *
 * Interfaces come and go, and so do networks: what cannot be done now is tried again at the next look.
 *
 * @module
 */

import { BlockList } from "node:net";
import { networkInterfaces } from "node:os";
import makeMulticast, { type MulticastDNS, type ResponseOutgoingPacket } from "multicast-dns";
import { createAllowance } from "./allowance.ts";
import { announcementsIn, recordsOf, serviceType, type Announcement } from "./discovery-records.ts";

export interface DiscoveryOptions {
  /** Without how long it holds. */
  readonly own: Omit<Announcement, "ttl">;
  /** Only the interface with this address; "0.0.0.0" and "::" for all but loopback. */
  readonly host: string;
  /** Default: 5353. */
  readonly port?: number;
  /** Another device of the organisation says that it is there; `ttlMs` is 0 when it leaves. */
  readonly onHeard: (host: string, announcement: HeardAnnouncement) => void;
  /** Something that a person may want to know, and that mends itself if it can. */
  readonly onTrouble: (reason: string) => void;
}

export interface HeardAnnouncement {
  readonly device: string;
  readonly port: number;
  readonly ttlMs: number;
}

export interface Discovery {
  /** Says goodbye, as well as it can. */
  close(): Promise<void>;
}

export function startDiscovery(options: DiscoveryOptions): Discovery {
  const voices = new Map<string, Voice>();
  const look = (): void => {
    const { addresses, subnets } = interfacesOf(options.host);
    for (const [address, voice] of voices) {
      if (addresses.includes(address) && !voice.isBroken) continue;
      voice.end();
      voices.delete(address);
    }
    for (const address of addresses.slice(0, voicesMax)) {
      const voice = voices.get(address) ?? openVoice(address, options);
      voice.subnets = subnets;
      voices.set(address, voice);
    }
  };
  const speak = (): void => {
    for (const voice of voices.values()) voice.announce(ttlSeconds);
  };
  look();
  const timers = [
    setInterval(look, lookMs),
    setInterval(speak, announceMs),
    // Whoever starts is heard twice at once: a packet gets lost easily.
    setTimeout(speak, secondMs),
  ];
  return {
    close: async () => {
      for (const timer of timers) clearTimeout(timer);
      await Promise.all([...voices.values()].map((voice) => voice.leave()));
    },
  };
}

const voicesMax = 8;
const lookMs = 5_000;
const announceMs = 30_000;
const secondMs = 1_000;
const ttlSeconds = 120;
const ttlMaxSeconds = 600;
/** Packets that are looked at; the rest is noise. */
const packetRate = { burst: 200, perSecond: 50 };
const answerRate = { burst: 5, perSecond: 1 };

/** One interface. Mutable: owned by one discovery. */
interface Voice {
  /** From where it listens to anybody. */
  subnets: BlockList;
  /** Another program holds the port: it is tried again at the next look. */
  isBroken: boolean;
  announce(ttl: number): void;
  leave(): Promise<void>;
  end(): void;
}

function openVoice(address: string, options: DiscoveryOptions): Voice {
  const { own, onTrouble, port = 5_353 } = options;
  const multicast = makeMulticast({ interface: address, bind: "0.0.0.0", port, loopback: true });
  const packets = createAllowance(packetRate, performance.now());
  const replies = createAllowance(answerRate, performance.now());
  const announce = (ttl: number, done: () => void = () => undefined): void => {
    const answers = recordsOf({ ...own, ttl, host: address });
    // The types ask for members that the encoder fills in itself.
    multicast.respond({ answers: [...answers] } as unknown as ResponseOutgoingPacket, () => done());
  };
  const voice: Voice = {
    subnets: new BlockList(),
    isBroken: false,
    announce,
    end: () => multicast.destroy(),
    leave: async () => {
      const said = new Promise<void>((resolve) => {
        announce(0, resolve);
        setTimeout(resolve, goodbyeMs);
      });
      await said;
      await new Promise<void>((resolve) => multicast.destroy(() => resolve()));
    },
  };
  // A damaged packet is a warning; a socket that cannot be bound is an error, and another program's doing.
  multicast.on("error", ({ message }) => {
    voice.isBroken = true;
    onTrouble(message);
  });
  multicast.on("warning", () => undefined);
  multicast.on("ready", () => {
    multicast.query(serviceType, "PTR");
    announce(ttlSeconds);
  });
  const isToBeHeard = (from: string): boolean =>
    packets.take(1, performance.now()) && voice.subnets.check(from);
  multicast.on("query", ({ questions }, { address: from }) => {
    const isForUs = questions?.some(({ name }) => name === serviceType) === true;
    if (isForUs && isToBeHeard(from) && replies.take(1, performance.now())) announce(ttlSeconds);
  });
  listen(multicast, (records, from) => {
    if (isToBeHeard(from)) tell(options, from, records);
  });
  return voice;
}

const goodbyeMs = 200;

function listen(
  multicast: MulticastDNS,
  onRecords: (records: readonly unknown[], from: string) => void,
): void {
  multicast.on("response", ({ answers = [], additionals = [] }, { address }) => {
    onRecords([...answers.slice(0, recordsMax), ...additionals.slice(0, recordsMax)], address);
  });
}

const recordsMax = 64;

/** The host is the one that spoke, whatever it says. */
function tell({ own, onHeard }: DiscoveryOptions, host: string, records: readonly unknown[]): void {
  for (const { organisationHash, device, port, ttl } of announcementsIn(records)) {
    if (organisationHash !== own.organisationHash || device === own.device) continue;
    onHeard(host, { device, port, ttlMs: Math.min(ttl, ttlMaxSeconds) * 1_000 });
  }
}

interface Interfaces {
  readonly addresses: readonly string[];
  readonly subnets: BlockList;
}

/** IPv4 only: every shop's network has it. */
function interfacesOf(host: string): Interfaces {
  const isAny = host === "0.0.0.0" || host === "::";
  const subnets = new BlockList();
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const ours = all.filter(
    ({ family, internal, address }) => family === "IPv4" && (isAny ? !internal : address === host),
  );
  for (const { cidr } of ours) {
    const [network, bits] = cidr?.split("/") ?? [];
    if (network !== undefined) subnets.addSubnet(network, Number(bits), "ipv4");
  }
  return { addresses: ours.map(({ address }) => address), subnets };
}
