/**
 * Takes an envelope that the relay delivered: believed only as far as its signature and its channel reach. SPEC.md §8a (TK).
 *
 * @module
 */

import { base64url, err, fromHex, hex, ok, type Result } from "@tillmesh/kernel";
import { decodeBundle, type Bundle } from "../relay-protocol/bundle.ts";
import type { BundleItem } from "../relay-protocol/bundle-item.ts";
import { mayAccess } from "../relay-protocol/channel.ts";
import { openEnvelope, readEnvelope, type Envelope } from "../relay-protocol/envelope.ts";
import type { LogPosition } from "../relay-protocol/frame.ts";
import type { TrustedDevice } from "../replica/ports.ts";
import { noteLink, noteSeen, type ChainFinding } from "./chain-book.ts";
import type { ChannelLane } from "./channels.ts";
import { isHq, tellFinding, type CourierState } from "./courier-state.ts";
import { noteTaken } from "./release.ts";
import type { TakeError } from "./item-place.ts";
import { takeItem } from "./take-items.ts";
import { addWaiting, type WaitingItem } from "./waiting.ts";

export interface Delivered {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Resolved `ok`, all that it says is durable here, or waits for something, or was refused and told. */
export async function takeEnvelope(
  courier: CourierState,
  lane: ChannelLane,
  { offset, bytes }: Delivered,
): Promise<Result<void, TakeError>> {
  const { state, nowMs } = courier.ports;
  const { crypto } = state.ports;
  const at = lane.position ?? beginning(lane, offset);
  const read = readEnvelope(bytes, crypto);
  const envelope = read.ok && isOfLane(read.value, lane) ? read.value : undefined;
  if (!envelope) {
    tellFinding(courier, lane, { type: "RelayUnreadable", facts: { offset, reason: "Malformed" } });
  } else if (isNews(courier, lane, envelope)) {
    const taken = await takeContents(courier, envelope, { lane, at });
    if (!taken.ok) return taken;
  }
  // The log was found to be another while this was being taken: then the place means nothing any more.
  if (lane.position !== undefined && lane.position !== at) return ok(undefined);
  lane.position = { log: at.log, offset: offset + 1, hash: crypto.sha256(bytes) };
  lane.next = Math.max(lane.next, offset + 1);
  lane.lastDeliveryMs = nowMs();
  return ok(undefined);
}

function beginning({ log }: ChannelLane, offset: number): LogPosition {
  const id = fromHex(log ?? "");
  return { log: id.ok ? id.value : new Uint8Array(16), offset, hash: new Uint8Array(32) };
}

/** Tries again what waited, until nothing more comes of it. */
export async function retryWaiting(courier: CourierState): Promise<Result<void, TakeError>> {
  for (let before = -1; before !== courier.progress && courier.waiting.length > 0;) {
    before = courier.progress;
    const all = courier.waiting;
    courier.waiting = [];
    for (const [index, one] of all.entries()) {
      const lane = [...courier.channels.values()]
        .flatMap(({ lanes }) => lanes)
        .find(({ key }) => key === one.lane);
      if (!lane) continue;
      const taken = await retryOne(courier, lane, one);
      if (taken.ok) continue;
      courier.waiting = [...courier.waiting, ...all.slice(index)];
      return taken;
    }
  }
  return ok(undefined);
}

async function retryOne(
  courier: CourierState,
  lane: ChannelLane,
  one: WaitingItem,
): Promise<Result<void, TakeError>> {
  const { what, at } = one;
  if (!("type" in what)) return takeContents(courier, what, { lane, at });
  const from = courier.ports.state.ports.trust.deviceOf(one.publisher);
  const taken = from ? await takeItem(courier, what, { lane, at, from }) : ok("waits" as const);
  if (!taken.ok) return taken;
  if (taken.value === "waits") courier.waiting = [...courier.waiting, one];
  return ok(undefined);
}

interface Place {
  readonly lane: ChannelLane;
  readonly at: LogPosition;
}

async function takeContents(
  courier: CourierState,
  envelope: Envelope,
  { lane, at }: Place,
): Promise<Result<void, TakeError>> {
  const { publisher } = envelope.header;
  const opened = await openContents(courier, lane, envelope);
  if (!opened.ok) {
    const { type } = opened.error;
    if (type === "NoKey" || type === "UnknownPublisher") {
      putAside(courier, envelope, { lane, at, publisher, sizeBytes: envelope.bytes.length });
    } else {
      tellFinding(courier, lane, { type: "RelayUnreadable", facts: { publisher, reason: type } });
    }
    return ok(undefined);
  }
  const { from, bundle } = opened.value;
  noteAccount(courier, { lane, at }, opened.value);
  for (const item of bundle.items) {
    const taken = await takeItem(courier, item, { lane, at, from });
    if (!taken.ok) return taken;
    if (taken.value === "waits") {
      putAside(courier, item, { lane, at, publisher, sizeBytes: sizeOf(item) });
    }
  }
  return ok(undefined);
}

/** What its publisher had read; and at HQ, which documents this stretch of the log is needed for. */
function noteAccount(courier: CourierState, { lane, at }: Place, { from, bundle }: Opened): void {
  const nowMs = courier.ports.nowMs();
  for (const seen of bundle.seen) {
    const named = lane.channel.lanes.find((one) => one.lane === seen.lane);
    const isOwn = seen.publisher === (courier.ports.state.ports.device as string);
    if (named && !isOwn) noteSeen(named.chains, seen, { by: from.id, nowMs });
  }
  if (lane.lane !== 1 || !isHq(courier.ports.state)) return;
  const documents = bundle.items.flatMap((item) =>
    item.type === "entries" ? [item.document] : [],
  );
  noteTaken(lane.releases, { offset: at.offset, documents, nowMs });
}

interface Opened {
  readonly from: TrustedDevice;
  readonly bundle: Bundle;
}

async function openContents(
  courier: CourierState,
  lane: ChannelLane,
  envelope: Envelope,
): Promise<Result<Opened, { readonly type: string }>> {
  const { keys, state } = courier.ports;
  const { trust, crypto } = state.ports;
  const { publisher, epoch } = envelope.header;
  const { name } = lane.channel;
  if ((epoch === 0) !== (name === "control")) return err({ type: "InClear" });
  const key = epoch === 0 ? "clear" : keys.keyOf(name, epoch);
  if (!key) return err({ type: "NoKey" });
  const from = trust.deviceOf(publisher) ?? (await introduce(courier, envelope, key));
  if (!from) return err({ type: "UnknownPublisher" });
  if (!mayWrite(courier, lane, from)) return err({ type: "NotEntitled" });
  const plaintext = openEnvelope(envelope, { key, publicKey: from.publicKey, crypto });
  if (!plaintext.ok) return plaintext;
  const bundle = await decodeBundle(plaintext.value, courier.ports);
  return bundle.ok ? ok({ from, bundle: bundle.value }) : bundle;
}

function mayWrite(
  { ports }: CourierState,
  { channel }: ChannelLane,
  { roles, location }: TrustedDevice,
): boolean {
  const { organisation, crypto } = ports.state.ports;
  return mayAccess("write", channel.id, { device: { organisation, roles, location }, crypto });
}

/** A publisher that is not known may bring its own certificate; nothing else of the envelope is looked at before. */
async function introduce(
  courier: CourierState,
  envelope: Envelope,
  key: Uint8Array | "clear" | undefined,
): Promise<TrustedDevice | undefined> {
  const { trust, crypto } = courier.ports.state.ports;
  const unproved = { sha256: (bytes: Uint8Array) => crypto.sha256(bytes), verify: () => true };
  const publicKey = new Uint8Array(32);
  const plaintext = openEnvelope(envelope, { key, publicKey, crypto: unproved });
  const bundle = plaintext.ok ? await decodeBundle(plaintext.value, courier.ports) : plaintext;
  if (!bundle.ok) return undefined;
  const chains = bundle.value.items.flatMap((item) => (item.type === "devices" ? item.chains : []));
  for (const chain of chains.slice(0, introductionsMax)) {
    const read = trust.read(chain);
    if (!read.ok || read.value.id !== envelope.header.publisher) continue;
    courier.progress += 1;
    const learned = trust.learn(chain);
    return learned.ok ? learned.value : undefined;
  }
  return undefined;
}

/** The publisher's own certificate stands first. */
const introductionsMax = 8;

function isOfLane({ header }: Envelope, { channel, lane }: ChannelLane): boolean {
  return header.lane === lane && hex(header.channel) === hex(channel.id);
}

/** Whether it is to be read: its place in its chain is looked at, and what is wrong with it is told. */
function isNews(courier: CourierState, lane: ChannelLane, { header, hash }: Envelope): boolean {
  const { publisher, sequence } = header;
  const run = base64url(header.run);
  const link = { publisher, run, sequence, previous: hex(header.previous), hash: hex(hash) };
  const finding = noteLink(lane.chains, link, lane.isFromStart);
  tellLink(courier, lane, { publisher, finding });
  // What this run of this device wrote, it knows; of an earlier run it may have forgotten what the relay has.
  const mayForget = lane.lane === 1 && isHq(courier.ports.state);
  const isOwnRun = !mayForget && lane.out !== undefined && base64url(lane.out.run) === run;
  return finding.type !== "replay" && !isOwnRun;
}

function tellLink(
  courier: CourierState,
  lane: ChannelLane,
  { publisher, finding }: { readonly publisher: string; readonly finding: ChainFinding },
): void {
  switch (finding.type) {
    case "next":
      return;
    case "gap": {
      const { from, through } = finding;
      tellFinding(courier, lane, { type: "RelayGap", facts: { publisher, from, through } });
      return;
    }
    case "fork":
    case "replay": {
      const type = finding.type === "fork" ? "RelayFork" : "RelayReplay";
      tellFinding(courier, lane, { type, facts: { publisher, sequence: finding.sequence } });
      return;
    }
    default:
      finding satisfies never;
  }
}

function putAside(
  courier: CourierState,
  what: BundleItem | Envelope,
  place: Place & { readonly publisher: string; readonly sizeBytes: number },
): void {
  const { lane, at, publisher, sizeBytes } = place;
  const sinceMs = courier.ports.nowMs();
  const one: WaitingItem = { what, publisher, lane: lane.key, at, sinceMs, sizeBytes };
  const { waiting, dropped } = addWaiting(courier.waiting, one);
  courier.waiting = waiting;
  for (const { lane: key, at: from } of dropped) {
    const known = courier.dropped.get(key);
    if (!known || known.offset > from.offset) courier.dropped.set(key, from);
  }
}

function sizeOf(item: BundleItem): number {
  const texts = "texts" in item ? item.texts : "text" in item ? [item.text] : [];
  return texts.reduce((sum, text) => sum + text.length, 256);
}
