/**
 * How long something urgent takes over a slow line that history fills, to a till and from it.
 *
 * @module
 */

import { setTimeout as pause } from "node:timers/promises";
import type { OrganisationDevice } from "@tillmesh/relay/testing";
import {
  createSending,
  encodeClientFrame,
  enqueue,
  grant,
  nextFragment,
  windowSizeBytes,
  type ChannelName,
  type Lane,
} from "@tillmesh/sync-engine/relay-protocol";
import { percentile, print, printBar, printSamples } from "./measure.ts";
import type { ServerProcess } from "./relay-child.ts";
import {
  connectDevice,
  envelopeMaker,
  homeOf,
  subscribe,
  type RelayDevice,
} from "./relay-device.ts";
import { openSlowLine } from "./slow-line.ts";

/** 256 kbit/s. */
const line = { bytesPerMs: 32, delayMs: 50 };
const urgentEveryMs = 1_000;
const urgent = 25;
const urgentBytes = 400;
const historyBytes = 120_000;

export async function benchLanes(
  relay: ServerProcess,
  { hq, till }: { readonly hq: OrganisationDevice; readonly till: OrganisationDevice },
): Promise<void> {
  print("lanes: 256 kbit/s and 50 ms each way, lane 3 without a pause");
  const slow = await openSlowLine({ ...line, to: relay.port });
  const near = await connectDevice(relay.port, hq);
  const far = await connectDevice(slow.port, till);
  report("to the till", await toTill({ near, far, hq, till }));
  report("from the till", await fromTill({ near, far, hq, till }));
  near.socket.terminate();
  far.socket.terminate();
  await slow.end();
}

interface Ends {
  readonly near: RelayDevice;
  readonly far: RelayDevice;
  readonly hq: OrganisationDevice;
  readonly till: OrganisationDevice;
}

interface Seen {
  readonly urgentMs: number[];
  /** Of lane 3, each second. */
  readonly bytesPerSecond: number;
}

function report(name: string, { urgentMs, bytesPerSecond }: Seen): void {
  printSamples(`lane 0, ${name}`, urgentMs);
  print(`  lane 3 meanwhile ${((bytesPerSecond / 32_000) * 100).toFixed(0)} % of the line`);
  printBar({
    name: `lane 0 ${name}, slowest`,
    value: percentile(urgentMs, 1),
    unit: "ms",
    bar: 400,
  });
}

/** More history than the line carries in this time lies at the relay; HQ says something on `control`. */
async function toTill({ near, far, hq, till }: Ends): Promise<Seen> {
  const history = createPublisher(near, hq, { channel: homeOf(till), lane: 3 });
  for (let n = 0; n < 10; n += 1) history.publish(historyBytes);
  await pause(2_000);
  await subscribe(far, { subscription: 1, channel: "control", lane: 0 });
  await subscribe(far, { subscription: 2, channel: homeOf(till), lane: 3 });
  const control = createPublisher(near, hq, { channel: "control", lane: 0 });
  return measure(far, () => control.publish(urgentBytes));
}

/** The till's own history and something for HQ, through the same `Sending`. */
async function fromTill({ near, far, till }: Ends): Promise<Seen> {
  const history = createPublisher(far, till, { channel: homeOf(till), lane: 3 });
  await subscribe(near, { subscription: 101, channel: homeOf(till), lane: 3 });
  await subscribe(near, { subscription: 102, channel: "hq", lane: 0 });
  for (let n = 0; n < 10; n += 1) history.publish(historyBytes);
  const toHq = createPublisher(far, till, { channel: "hq", lane: 0 });
  return measure(near, () => toHq.publish(urgentBytes));
}

/** An urgent envelope is one of less than a fragment. */
async function measure(reader: RelayDevice, publish: () => void): Promise<Seen> {
  const urgentMs: number[] = [];
  let publishedMs = 0;
  let historyArrived = 0;
  reader.onDeliver = ({ data, size }) => {
    if (size > 1_024) historyArrived += data.length;
    else urgentMs.push(performance.now() - publishedMs);
  };
  await pause(3_000);
  historyArrived = 0;
  const startMs = performance.now();
  while (urgentMs.length < urgent) {
    publishedMs = performance.now();
    publish();
    await pause(urgentEveryMs);
  }
  const bytesPerSecond = historyArrived / ((performance.now() - startMs) / 1_000);
  reader.onDeliver = undefined;
  return { urgentMs, bytesPerSecond };
}

interface Publisher {
  readonly publish: (sizeBytes: number) => void;
}

type Send = (bytes: Uint8Array, lane: Lane) => void;

function createPublisher(
  self: RelayDevice,
  device: OrganisationDevice,
  place: { readonly channel: ChannelName; readonly lane: Lane },
): Publisher {
  const make = envelopeMaker(device, place);
  const send = senderOf(self);
  return { publish: (sizeBytes) => send(make(sizeBytes).bytes, place.lane) };
}

/** One for each connection: it alone knows what is under way. */
function senderOf(self: RelayDevice): Send {
  const known = senders.get(self);
  if (known) return known;
  const sending = createSending(windowSizeBytes);
  let lastId = 0;
  const pump = (): void => {
    for (;;) {
      const next = nextFragment(sending, performance.now());
      if (!next) return;
      const { stream, offset, size, data } = next;
      self.socket.send(encodeClientFrame({ type: "publish", stream, offset, size, data }));
    }
  };
  self.onCredit = () => {
    grant(sending, self.creditBytes, { nowMs: performance.now() });
    pump();
  };
  const send: Send = (bytes, lane) => {
    lastId += 1;
    enqueue(sending, { id: lastId, lane, bytes });
    pump();
  };
  senders.set(self, send);
  return send;
}

const senders = new WeakMap<RelayDevice, Send>();
