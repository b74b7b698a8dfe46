/** Multicast DNS as it is: on this machine's loopback, and between network namespaces where that is permitted. */

import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { createSocket } from "node:dgram";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import makeMulticast from "multicast-dns";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../testing/free-port.ts";
import type { PeerReport } from "../testing/lan-peer.ts";
import { draftOf, ledgersOf, openLanShop, type LanShop } from "../testing/lan-shop.ts";
import { until } from "../testing/until.ts";
import { announcementsIn, serviceType } from "./discovery-records.ts";

let shop: LanShop;
let discoveryPort: number;

beforeAll(async () => {
  shop = await openLanShop({ b: "corner", c: "corner" });
  // Not the port of the machine's own multicast DNS.
  discoveryPort = await freePort();
});
afterEach(() => shop.stop());
afterAll(() => shop.close());

/** Whether a datagram to the group comes back on loopback. */
async function hasMulticast(): Promise<boolean> {
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  try {
    await new Promise<void>((resolve) => socket.bind(0, "0.0.0.0", resolve));
    socket.addMembership("224.0.0.251", "127.0.0.1");
    socket.setMulticastInterface("127.0.0.1");
    const heard = new Promise((resolve) => socket.once("message", () => resolve(true)));
    socket.send("?", socket.address().port, "224.0.0.251");
    const silence = new Promise((resolve) => setTimeout(() => resolve(false), 1_000));
    return (await Promise.race([heard, silence])) === true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}

/** Shown as skipped where this machine has no multicast on loopback. */
const isPossible = await hasMulticast();

describe.skipIf(!isPossible)("finding peers on one machine (DS)", () => {
  test("[DS4] tills without a list find each other and agree; one that leaves is not dialled any more", async () => {
    const options = { lan: { discover: true, discoveryPort } };
    const { replica: a } = await shop.start("a", [], options);
    const { replica: b } = await shop.start("b", [], options);
    await a.commit(draftOf(a, "C001"));
    await b.commit(draftOf(b, "C001"));
    const isSame = () => ledgersOf(a) === ledgersOf(b) && a.ledgers().length === 2;
    await until("agreement", isSame, 20_000);
    const { replica: c } = await shop.start("c", [], options);
    await until("c is known", () => [a, b].every((one) => one.ledgers().length === 3), 20_000);
    await c.close();
    await until("forgotten", () => a.status().peers.length === 1, 20_000);
  }, 60_000);

  test("[DS5] on loopback nobody is told of or looked for unless that is asked for", async () => {
    const { replica: a } = await shop.start("a", [], { lan: { discoveryPort } });
    const { replica: b } = await shop.start("b", [], { lan: { discover: true, discoveryPort } });
    const asker = makeMulticast({ interface: "127.0.0.1", bind: "0.0.0.0", port: discoveryPort });
    const answered: string[] = [];
    asker.on("response", ({ answers }) => {
      answered.push(...announcementsIn(answers ?? []).map(({ device }) => device));
    });
    for (let round = 1; round <= 3; round += 1) {
      asker.query(serviceType, "PTR");
      await until("an answer", () => answered.length >= round);
    }
    asker.destroy();
    expect(new Set(answered)).toEqual(new Set([b.device.id]));
    expect([...a.status().peers, ...b.status().peers]).toEqual([]);
  });

  test("[DS2] whatever comes to the group, the replica goes on", async () => {
    const { replica: a } = await shop.start("a", [], { lan: { discover: true, discoveryPort } });
    const socket = createSocket({ type: "udp4", reuseAddr: true });
    await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
    socket.setMulticastInterface("127.0.0.1");
    const { crypto } = shop.place("a");
    for (let n = 0; n < 3_000; n += 1) {
      // A header of an answer with records, and then noise with pointers in it.
      const noise = crypto.randomBytes(n % 500).map((byte) => (byte % 7 === 0 ? 0xc0 : byte));
      const packet = Uint8Array.from([0, 0, 0x84, 0, 0, n % 3, 0, n % 5, 0, 0, 0, 1, ...noise]);
      await new Promise((resolve) => socket.send(packet, discoveryPort, "224.0.0.251", resolve));
    }
    socket.close();
    expect(a.status().peers).toEqual([]);
    const { replica: b } = await shop.start("b", [], { lan: { discover: true, discoveryPort } });
    const isLinked = () => b.status().peers.some(({ state }) => state === "connected");
    await until("found all the same", isLinked, 40_000);
  }, 60_000);
});

/** Own networks need a Linux that permits them; elsewhere this is shown as skipped. */
const isPermitted =
  process.platform === "linux" &&
  spawnSync("unshare", ["--net", "ip", "link", "add", "type", "veth"]).status === 0;

describe.skipIf(!isPermitted)("finding peers on a network (DS)", () => {
  const running: ChildProcess[] = [];
  afterEach(() => {
    for (const child of running.splice(0)) child.kill("SIGKILL");
  });

  test("[DS6] tills in two networks that get a cable, other addresses, and the cable pulled and plugged", async () => {
    const [b, c] = [startPeer("b"), startPeer("c")];
    running.push(b.child, c.child);
    await until("both run without any network", () => [b, c].every((one) => one.last()), 20_000);
    layWire(b.child, c.child);
    address(b.child, "10.77.0.1/24");
    address(c.child, "10.77.0.2/24");
    const linkedOver = (network: string) => () =>
      [b, c].every((one) => {
        const { peers = [] } = one.last() ?? {};
        return peers.some((peer) => peer.device && peer.address.includes(network));
      });
    await until("found", linkedOver("10.77.0."), 30_000);
    address(b.child, "10.78.0.1/24");
    address(c.child, "10.78.0.2/24");
    await until("found at other addresses", linkedOver("10.78.0."), 40_000);
    inNetworkOf(b.child, ["ip", "link", "set", "wire", "down"]);
    await until("apart", () => b.last()?.peers.length === 0, 20_000);
    inNetworkOf(b.child, ["ip", "link", "set", "wire", "up"]);
    await until("found again", linkedOver("10.78.0."), 40_000);
  }, 150_000);
});

interface RunningPeer {
  readonly child: ChildProcess;
  last(): PeerReport | undefined;
}

/** In a network of its own that has nothing in it. */
function startPeer(name: string): RunningPeer {
  const program = fileURLToPath(new URL("../testing/lan-peer.ts", import.meta.url));
  const node = [process.execPath, "--conditions=@tillmesh/source", program];
  const child = spawn("unshare", ["--net", ...node, "--data", shop.place(name).directory], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let last: PeerReport | undefined;
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (line.startsWith("{")) last = JSON.parse(line) as PeerReport;
  });
  return { child, last: () => last };
}

/** A pair of interfaces, one end in the network of each. */
function layWire(one: ChildProcess, other: ChildProcess): void {
  const [a, b] = [`wa${process.pid}`, `wb${process.pid}`];
  execFileSync("ip", ["link", "add", a, "type", "veth", "peer", "name", b]);
  for (const [end, child] of [
    [a, one],
    [b, other],
  ] as const) {
    execFileSync("ip", ["link", "set", end, "netns", String(child.pid), "name", "wire"]);
    inNetworkOf(child, ["ip", "link", "set", "wire", "up"]);
  }
}

function address(child: ChildProcess, text: string): void {
  inNetworkOf(child, ["ip", "addr", "flush", "dev", "wire"]);
  inNetworkOf(child, ["ip", "addr", "add", text, "dev", "wire"]);
}

function inNetworkOf({ pid }: ChildProcess, command: readonly string[]): void {
  execFileSync("nsenter", ["--target", String(pid), "--net", ...command]);
}
