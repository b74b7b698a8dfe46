/**
 * A replica in memory: one device alone, numbered and chained, without files, keys or peers.
 *
 * For tests of what stands on a replica; `deliver` plays the network.
 *
 * @module
 */

import {
  canonicalJson,
  createHlc,
  err,
  hex,
  ok,
  utf8,
  type Clock,
  type DeviceId,
  type Entry,
  type EntryDraft,
  type EntryRef,
  type HeldEntry,
  type HlcClock,
  type Json,
  type LocationId,
  type OrganisationId,
  type Publication,
  type PublicationItem,
  type Result,
} from "@tillmesh/kernel";
import { Readable } from "node:stream";
import { nodeCrypto } from "@tillmesh/kernel/node";
import type { EntriesQuery, LedgerQuery, SecretFor } from "@tillmesh/sync-engine/node";
import type {
  CommitError,
  EntryHorizon,
  DeviceListing,
  Links,
  PublishError,
  RelayStatus,
  Replica,
  ReplicaEvent,
} from "../till/replica.ts";
import { slicesOf } from "./carry-slices.ts";

export interface FakeReplicaOptions {
  readonly clock: Clock;
  readonly device?: string;
  readonly code?: string;
  readonly roles?: readonly ("till" | "hq")[];
  readonly location?: {
    readonly id: string;
    readonly name: string;
    readonly currency?: string;
    readonly timeZone?: string;
  };
  /** Entries and publications of an earlier life. */
  readonly held?: readonly HeldEntry[];
  readonly publications?: readonly Publication[];
}

export class FakeReplica implements Replica {
  readonly organisation = { id: "org_a" as OrganisationId, name: "Corner Café" };
  readonly location: Replica["location"];
  readonly incarnation = 1;
  readonly device: Replica["device"];
  readonly held: HeldEntry[];
  readonly said: Publication[];
  /** From now on every write fails, as on a broken disk. */
  isBroken = false;
  /** What the next commit is refused with. */
  refusal: CommitError | undefined;
  /** Added to the first sum of every carry: a device that lies. */
  carryLie = 0;
  /** What others have acknowledged, by sequence of the own ledger. */
  readonly acknowledged: Map<number, Partial<EntryHorizon>> = new Map();
  relay: RelayStatus | undefined;
  links: Links = { lan: true, uplink: true };
  others: readonly DeviceListing[] = [];
  /** The revision of its flags. */
  past = "0";
  readonly #hlc: HlcClock;
  readonly #bases = new Map<string, number>();
  readonly #listeners = new Set<(event: ReplicaEvent) => void>();

  constructor({ clock, device = "dev_a", code = "AAAA", ...rest }: FakeReplicaOptions) {
    const { roles = ["till", "hq"], held = [], publications = [] } = rest;
    const place = rest.location ?? { id: "loc_a", name: "High Street" };
    const { id, name, currency = "GBP", timeZone = "Europe/London" } = place;
    this.location = { id: id as LocationId, name, currency, timeZone };
    this.device = { id: device as DeviceId, name: `Till ${code}`, code, roles };
    this.held = [...held];
    this.said = [...publications];
    this.#hlc = createHlc(clock);
  }

  commit(draft: EntryDraft): Promise<Result<HeldEntry, CommitError>> {
    if (this.isBroken) return Promise.resolve(err(brokenDisk));
    const { refusal } = this;
    this.refusal = undefined;
    if (refusal !== undefined) return Promise.resolve(err(refusal));
    const last = this.#ledger(this.device.id, 1).at(-1);
    const entry = {
      v: 1,
      ...draft,
      device: this.device.id,
      incarnation: 1,
      part: 1,
      sequence: (last?.entry.sequence ?? 0) + 1,
      previous: last?.hash ?? "",
      actor: "0123456789abcdef",
      at: this.#hlc.now(),
      location: this.location.id,
    } satisfies Entry;
    const made: HeldEntry = { entry, hash: hashOf(entry), flags: [] };
    this.held.push(made);
    this.#tell({ type: "entries", entries: [made], own: true });
    return Promise.resolve(ok(made));
  }

  publish(
    topic: string,
    items: readonly PublicationItem[],
  ): Promise<Result<Publication, PublishError>> {
    const { id: publisher, roles } = this.device;
    if (!roles.includes("hq")) return Promise.resolve(err({ type: "NotHq", device: publisher }));
    if (this.isBroken) return Promise.resolve(err(brokenDisk));
    const sequence = this.said.length + 1;
    const at = this.#hlc.now();
    const place = { id: `pub_${sequence}`, epoch: 1, publisher, sequence, previous: "" };
    const publication: Publication = { v: 1, topic, ...place, actor: "", at, seen: {}, items };
    this.said.push(publication);
    this.#tell({ type: "publication", publication, own: true });
    return Promise.resolve(ok(publication));
  }

  /** Takes entries of another device, as the network would bring them. */
  deliver(entries: readonly HeldEntry[]): void {
    this.held.push(...entries);
    this.#tell({ type: "entries", entries, own: false });
  }

  /** Takes a publication of headquarters, likewise. */
  hear(publication: Publication): void {
    this.said.push(publication);
    this.#tell({ type: "publication", publication, own: false });
  }

  /** Another device's ledger begins here with a carry, as if nothing of it had come yet. */
  carryThrough(device: string, throughSequence: number): void {
    this.#bases.set(device, throughSequence);
    const place = { device: device as DeviceId, incarnation: 1 };
    this.#tell({ type: "carry", ...place, throughSequence });
  }

  /** What the carry stands for has come. */
  bringHistory(device: string): void {
    const throughSequence = this.#bases.get(device) ?? 0;
    this.#bases.delete(device);
    const place = { device: device as DeviceId, incarnation: 1 };
    const isForked = this.ledgers().some((one) => one.device === device && one.isForked);
    this.#tell({ type: "history", ...place, throughSequence, isForked });
  }

  #baseOf({ device, incarnation }: LedgerQuery): number {
    return incarnation === 1 ? (this.#bases.get(device) ?? 0) : 0;
  }

  ledgers(): ReturnType<Replica["ledgers"]> {
    const names = new Map(
      this.held.map(({ entry }) => [`${entry.device}/${entry.incarnation}`, entry]),
    );
    return [...names.values()].map(({ device, incarnation }) => {
      const base = this.#baseOf({ device, incarnation });
      const entries = this.#ledger(device, incarnation);
      const last = entries.at(-1);
      const sequence = last?.entry.sequence ?? 0;
      const shown = entries.filter(({ entry }) => entry.sequence > base);
      const isForked = shown.length > sequence - base;
      const hash = last?.hash ?? "";
      return {
        device,
        incarnation,
        part: 1,
        heldFrom: base + 1,
        sequence,
        hash,
        at: last?.entry.at,
        isForked,
      };
    });
  }

  entries({ device, incarnation, after, limit }: EntriesQuery): readonly HeldEntry[] {
    const ledger = this.#ledger(device, incarnation);
    if (after < this.#baseOf({ device, incarnation })) return [];
    return ledger.filter(({ entry }) => entry.sequence > after).slice(0, limit);
  }

  carry({ device, incarnation }: LedgerQuery): ReturnType<Replica["carry"]> {
    const base = this.#baseOf({ device, incarnation });
    const carried = this.#ledger(device, incarnation).filter(({ entry }) => entry.sequence <= base);
    const last = carried.at(-1);
    if (base === 0 || last === undefined) return Promise.resolve(undefined);
    const { location, at } = last.entry;
    const place = { device: last.entry.device, incarnation, location };
    const slices = Readable.from(slicesOf(carried, this.carryLie));
    return Promise.resolve({ ...place, throughSequence: base, hash: last.hash, at, slices });
  }

  publications(topic: string): readonly Publication[] {
    return this.said.filter((publication) => publication.topic === topic);
  }

  exceptions(): ReturnType<Replica["exceptions"]> {
    return [];
  }

  subscribe(listener: (event: ReplicaEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Somebody holds these entries durably, and has said so. */
  acknowledge(sequences: readonly number[], step: Partial<EntryHorizon>): void {
    for (const sequence of sequences) {
      this.acknowledged.set(sequence, { ...this.acknowledged.get(sequence), ...step });
    }
    this.#tell({ type: "horizon" });
  }

  horizonOf({ device, sequence }: EntryRef): EntryHorizon {
    const isOwn = device === this.device.id;
    const found = isOwn ? this.acknowledged.get(sequence) : { peers: [device] };
    const hq = this.device.roles.includes("hq");
    return { device: true, peers: [], relay: false, hq, ...found };
  }

  setLinks(links: Partial<Links>): void {
    this.links = { ...this.links, ...links };
    this.#tell({ type: "relay" });
  }

  devices(): readonly DeviceListing[] {
    const { id, name, roles } = this.device;
    return [listing({ id, name, roles, location: this.location.id }), ...this.others];
  }

  revoke(device: string, reason?: string): ReturnType<Replica["revoke"]> {
    if (device === this.device.id) return Promise.resolve(err({ type: "OwnDevice", device }));
    return this.#decide(device, { state: "revoked", ...(reason === undefined ? {} : { reason }) });
  }

  approve(device: string): ReturnType<Replica["approve"]> {
    return this.#decide(device, { state: "active" });
  }

  admit(device: string): ReturnType<Replica["admit"]> {
    return this.#decide(device, {});
  }

  revision(): string {
    return this.past;
  }

  /** Headquarters revoked somebody, and flags of what is held changed with it. */
  change(past: string, held: readonly HeldEntry[], device: string): void {
    this.past = past;
    this.held.splice(0, this.held.length, ...held);
    this.#tell({ type: "revoked", device });
  }

  renewalRequest(): string {
    return "";
  }

  renew(): ReturnType<Replica["renew"]> {
    return Promise.resolve(ok(""));
  }

  takeRenewal(): ReturnType<Replica["takeRenewal"]> {
    return ok(undefined);
  }

  sealFor(to: SecretFor, secret: Uint8Array): ReturnType<Replica["sealFor"]> {
    const known = this.devices().find(({ id }) => id === to.device);
    if (known === undefined) return err({ type: "UnknownDevice", device: to.device });
    if (known.state === "revoked") return err({ type: "Revoked", device: to.device });
    const box = crypto.sha256(utf8(`${to.device}\n${to.purpose}\n${hex(secret)}`));
    boxes.set(hex(box), { ...to, secret });
    return ok(box);
  }

  openSealed(box: Uint8Array, purpose: string): ReturnType<Replica["openSealed"]> {
    const found = boxes.get(hex(box));
    const isOurs = found?.device === this.device.id && found.purpose === purpose;
    return found !== undefined && isOurs ? ok(found.secret) : err({ type: "NotForThisKey" });
  }

  status(): ReturnType<Replica["status"]> {
    const own = this.held.filter(({ entry }) => entry.device === this.device.id);
    const horizons = own.map(({ entry }) => this.horizonOf(entry));
    const count = (isThere: (horizon: EntryHorizon) => boolean) => horizons.filter(isThere).length;
    const onlyHere = own.filter(({ entry }) => !this.acknowledged.has(entry.sequence)).length;
    return {
      ...(this.relay === undefined ? {} : { relay: this.relay }),
      links: this.links,
      horizon: {
        entries: own.length,
        onlyHere,
        peers: count(({ peers }) => peers.length > 0),
        relay: count(({ relay }) => relay),
        hq: count(({ hq }) => hq),
      },
      state: this.isBroken ? "failed" : "ready",
      peers: [],
      onlyHere: { entries: onlyHere },
      log: { throughSequence: 0, segments: 1 },
      freeBytes: 1_000_000_000,
      isSpaceLow: false,
    };
  }

  verify(): ReturnType<Replica["verify"]> {
    const ledgers = this.ledgers().length;
    return Promise.resolve({
      entries: this.held.length,
      ledgers,
      missingParts: 0,
      differences: [],
    });
  }

  backup(): AsyncIterable<Uint8Array> {
    return Readable.from([]);
  }

  checkpoint(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #decide(id: string, decided: Partial<DeviceListing>): Promise<Result<void, never>> {
    this.others = this.others.map((device) =>
      device.id === id ? { ...device, ...decided } : device,
    );
    return Promise.resolve(ok(undefined));
  }

  #ledger(device: string, incarnation: number): readonly HeldEntry[] {
    return this.held
      .filter(({ entry }) => entry.device === device && entry.incarnation === incarnation)
      .toSorted((a, b) => a.entry.sequence - b.entry.sequence);
  }

  #tell(event: ReplicaEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

/** An entry with its hash, as the network would bring it. */
export function heldEntry(entry: Entry): HeldEntry {
  return { entry, hash: hashOf(entry), flags: [] };
}

/** A device in use, with what else is said of it. */
export function listing(
  device: Pick<DeviceListing, "id" | "roles" | "location"> & Partial<DeviceListing>,
): DeviceListing {
  return { state: "active", check: "9X0Q4-7K2MA", notAfterMs: 4_000_000_000_000, ...device };
}

const crypto = nodeCrypto();
/** What was sealed, by a hash that tells nothing of it: these devices have no keys. */
const boxes = new Map<string, SecretFor & { readonly secret: Uint8Array }>();
const brokenDisk = { type: "Failed", operation: "append", code: "EIO" } as const;

function hashOf(entry: Entry): string {
  return hex(crypto.sha256(utf8(canonicalJson(entry as unknown as Json))));
}
