/**
 * A fuzzer of the relay's socket: noise, and honest frames that were cut, changed, repeated or came out of order,
 * before and after `welcome`.
 *
 * After each stretch a device that behaves must still be served, what others stored must be as it was, and at the end
 * no connection and no memory may be left.
 *
 * @module
 */

import { utf8 } from "@tillmesh/kernel";
import { testRandom } from "@tillmesh/kernel/testing";
import {
  connect,
  dial,
  helloOf,
  nextEnvelope,
  sampleOrganisation,
  shakeHands,
  startChain,
  startTestRelay,
  store,
  type OrganisationDevice,
  type RelayClient,
  type TestRelay,
} from "@tillmesh/relay/testing";
import {
  channelId,
  encodeClientFrame,
  signStatement,
  type ChannelName,
  type ClientFrame,
} from "@tillmesh/sync-engine/relay-protocol";
import { nodeCrypto } from "@tillmesh/kernel/node";

export interface FuzzOptions {
  readonly frames: number;
  readonly seed: number;
  readonly say?: (line: string) => void;
}

export interface FuzzReport {
  readonly seed: number;
  readonly frames: number;
  readonly connections: number;
  /** What must not be. */
  readonly faults: readonly string[];
  readonly heapGrownBytes: number;
}

/** Remembered channels, metrics, what the honest device stored. */
const heapGrowthMaxBytes = 25_000_000;

interface Scene {
  readonly relay: TestRelay;
  readonly rogue: OrganisationDevice;
  readonly honest: RelayClient;
  readonly chain: ReturnType<typeof startChain>;
  readonly draw: (below: number) => number;
  readonly bytes: (sizeBytes: number) => Uint8Array;
  readonly hq: OrganisationDevice;
}

export async function fuzzRelay({
  frames,
  seed,
  say = () => undefined,
}: FuzzOptions): Promise<FuzzReport> {
  const organisation = await sampleOrganisation();
  const [rogue, till, hq] = [
    await organisation.device(),
    await organisation.device({ location: "loc_honest" }),
    await organisation.device({ roles: ["hq"] }),
  ];
  const limits = {
    handshakesPerSecond: 1_000_000,
    handshakesPerAddressPerSecond: 1_000_000,
    framesPerSecond: 1_000_000,
  };
  const relay = await startTestRelay({ trust: [organisation], limits });
  const random = testRandom(seed);
  const scene: Scene = {
    relay,
    rogue,
    hq,
    honest: await connect(relay.url, till),
    chain: startChain(till, "location/loc_honest" as ChannelName),
    draw: (below) => drawBelow(random, below),
    bytes: random,
  };
  const faults: string[] = [];
  let sent = 0;
  let connections = 0;
  let baseBytes = 0;
  for (let stretch = 0; sent < frames; stretch += 1) {
    sent += await oneConnection(scene);
    connections += 1;
    if (stretch % 50 !== 0) continue;
    await store(scene.honest, scene.chain, `${stretch}`).catch((error: unknown) => {
      faults.push(`an honest device was not served: ${String(error)}`);
    });
    if (faults.length > 0) break;
    if (stretch === 50) baseBytes = heapBytes();
    if (stretch % 500 === 0) say(`${sent} frames, ${connections} connections`);
  }
  faults.push(...(await faultsAfter(scene, organisation.id)));
  const heapGrownBytes = baseBytes === 0 ? 0 : heapBytes() - baseBytes;
  // Only after a collection the heap tells anything.
  if (globalThis.gc && heapGrownBytes > heapGrowthMaxBytes)
    faults.push(`${heapGrownBytes} bytes more`);
  await relay.dispose();
  return { seed, frames: sent, connections, faults, heapGrownBytes };
}

/** Up to 60 frames; answers how many were sent before the relay had enough. */
async function oneConnection(scene: Scene): Promise<number> {
  const { relay, rogue, draw } = scene;
  const client = await dial(relay.url);
  if (draw(10) > 1) await shakeHands(client, rogue);
  const templates = templatesOf(scene);
  const count = 1 + draw(60);
  let sent = 0;
  for (; sent < count && client.socket.readyState === client.socket.OPEN; sent += 1) {
    client.sendRaw(spoil(scene, templates[draw(templates.length)] ?? new Uint8Array()));
    if (draw(8) === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  // Whatever was sent has been read when the connection is closed.
  client.socket.close();
  await client.closed;
  return sent;
}

/** One of each frame, as an honest device might send it. */
function templatesOf({ rogue, hq, draw, bytes }: Scene): readonly Uint8Array[] {
  const own = `location/${rogue.location}` as ChannelName;
  const names: readonly ChannelName[] = [
    own,
    "org",
    "hq",
    "control",
    "location/loc_honest" as ChannelName,
  ];
  const channel = channelId(rogue.organisation, names[draw(names.length)] ?? own, crypto);
  const envelope = nextEnvelope(startChain(rogue, own), utf8("fuzz")).bytes;
  const number = draw(5);
  const device = rogue.id;
  const body = { type: "revocation", organisation: rogue.organisation, device } as const;
  const { certificates } = hq;
  const size = draw(3) === 0 ? envelope.length : 1 + draw(4_190_000);
  const frames: readonly ClientFrame[] = [
    { type: "publish", stream: number, offset: 0, size: envelope.length, data: envelope },
    {
      type: "publish",
      stream: number,
      offset: draw(2) * draw(size),
      size: Math.min(4_194_304, envelope.length + size),
      data: envelope,
    },
    { type: "subscribe", subscription: number, channel, lane: 1, after: undefined },
    {
      type: "subscribe",
      subscription: number + 5,
      channel,
      lane: 1,
      after: { log: bytes(16), offset: draw(1_000), hash: bytes(32) },
    },
    { type: "unsubscribe", subscription: number },
    { type: "credit", through: draw(600_000) },
    {
      type: "statement",
      number,
      bytes: signStatement(body, { signer: rogue.signer, certificates }),
    },
    { type: "list", number },
    { type: "proof", signature: bytes(64) },
  ];
  return [...frames.map((frame) => encodeClientFrame(frame)), helloOf(rogue)];
}

/** As it is, or not. */
function spoil({ draw, bytes }: Scene, frame: Uint8Array): Uint8Array {
  switch (draw(7)) {
    case 0:
      return frame;
    case 1:
      return bytes(draw(200));
    case 2:
      return frame.subarray(0, draw(frame.length));
    case 3:
      return new Uint8Array(Buffer.concat([frame, bytes(1 + draw(40))]));
    case 4:
      return new Uint8Array(Buffer.concat([frame.subarray(0, 1), bytes(draw(100))]));
    default: {
      const changed = Uint8Array.from(frame);
      for (let count = 1 + draw(3); count > 0; count -= 1) {
        changed[draw(changed.length)] = draw(256);
      }
      return changed;
    }
  }
}

async function faultsAfter(scene: Scene, organisation: string): Promise<readonly string[]> {
  const { relay, honest } = scene;
  await honest.close();
  for (let turn = 0; turn < 1_000 && relay.relay.connections() > 0; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  const text = await (await fetch(`${relay.http}/metrics`)).text();
  const left = ["connections", "assembling_bytes", "devices", "logs_watched"].flatMap((gauge) => {
    const value = new RegExp(`^tillmesh_relay_${gauge} (.*)$`, "m").exec(text)?.[1];
    return value === "0" ? [] : [`${gauge} is ${value}`];
  });
  return [...left, ...(await logFaults(scene, organisation))];
}

async function logFaults(
  { relay, chain, rogue }: Scene,
  organisation: string,
): Promise<readonly string[]> {
  const faults: string[] = [];
  const expected = { [chain.channel]: chain.sequence, org: 0, control: 0 };
  for (const [name, next] of Object.entries(expected)) {
    const channel = channelId(organisation, name as ChannelName, crypto);
    const head = await relay.store.head({ organisation, channel, lane: 1 });
    if (!head.ok || head.value.next !== next) faults.push(`the log of ${name} is not as it was`);
  }
  const revoked = await relay.store.revocationOf(organisation, rogue.id);
  if (!revoked.ok || revoked.value) faults.push("a forged revocation was believed");
  return faults;
}

const crypto = nodeCrypto();

function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

function drawBelow(random: (sizeBytes: number) => Uint8Array, below: number): number {
  const [a = 0, b = 0, c = 0] = random(3);
  return below === 0 ? 0 : (a * 65_536 + b * 256 + c) % below;
}
