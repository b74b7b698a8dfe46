/**
 * Draws the conclusions from what HQ says of devices: certificates and revocations. SPEC.md §5 (RV), §10 (NW).
 *
 * @module
 */

import type { DeviceId, Json, Publication } from "@tillmesh/kernel";
import type { PublicationNode } from "../documents/publication-set.ts";
import { leaveUncounted } from "./carry-base.ts";
import { emit, raise, type CoreState } from "./core-state.ts";
import { acceptanceOf, countedAmong, judgeRevocations, type Revocation } from "./revocation.ts";
import { revocationsTopic } from "./revocation-format.ts";

export const certificatesTopic = "certificates";

/** What HQ publishes of a device. */
export type CertificateItem = {
  readonly v: 1;
  /** PEM, the device's own certificate first. */
  readonly chain: readonly string[];
  readonly name?: string;
};

/** Judges anew and tells what changed. At a start nobody has been told anything yet. */
export function judgeDevices(state: CoreState, { isStart }: { readonly isStart: boolean }): void {
  const before = state.revocations;
  learnPublished(state);
  const revocations = judgeRevocations(state);
  const changed = [...new Set([...before.keys(), ...revocations.keys()])].filter(
    (device) => !isSame(before.get(device), revocations.get(device)),
  );
  if (!isStart) emit(state, { type: "devices" });
  if (changed.length === 0) return;
  state.revocations = revocations;
  state.ports.trust.setRevocations(revocations);
  for (const ledger of state.ledgers.values()) ledger.accepts = acceptanceOf(state, ledger);
  leaveUncounted(state);
  const own = revocations.get(state.ports.device);
  if (own) raise(state, { type: "Revoked", device: own.device, by: own.by, isProved: true });
  if (isStart) return;
  for (const device of changed) emit(state, { type: "revoked", device: device as DeviceId });
}

export function isAboutDevices(topic: string): boolean {
  return topic === revocationsTopic || topic === certificatesTopic;
}

/** Which of the publications just admitted are told, with those that count only now that these came. */
export function publicationsToTell(
  state: CoreState,
  nodes: readonly PublicationNode[],
): readonly Publication[] {
  const { revocations } = state;
  const fresh = new Set(nodes.map(({ signed }) => signed.hash));
  const isCounted = countedAmong(state, revocations);
  const wasCounted = countedAmong(state, revocations, fresh);
  const publishers = new Set(nodes.map(({ signed }) => signed.fact.publisher));
  const isAffected = [...publishers].some((publisher) => revocations.has(publisher));
  if (!isAffected) return nodes.map(({ signed }) => signed.fact);
  const [topic] = nodes.map(({ signed }) => signed.fact.topic);
  return allOf(state, topic ?? "")
    .filter(({ signed }) => isCounted(signed))
    .filter(({ signed }) => fresh.has(signed.hash) || !wasCounted(signed))
    .map(({ signed }) => signed.fact);
}

/** What HQ published of devices, the one in force last. */
export function certificateItems(
  state: CoreState,
): readonly { readonly device: DeviceId; readonly item: CertificateItem }[] {
  const isCounted = countedAmong(state, state.revocations);
  return allOf(state, certificatesTopic)
    .filter(({ signed }) => isCounted(signed))
    .map(({ signed }) => signed.fact)
    .toSorted((a, b) => a.sequence - b.sequence || (rankOf(a) < rankOf(b) ? -1 : 1))
    .flatMap(({ items }) => items)
    .flatMap(({ key, value }) =>
      isCertificateItem(value) ? [{ device: key as DeviceId, item: value }] : [],
    );
}

/** The last writer by HQ decides. */
function learnPublished(state: CoreState): void {
  const { trust } = state.ports;
  const inForce = new Map(certificateItems(state).map(({ device, item }) => [device, item]));
  for (const [device, { chain }] of inForce) {
    const read = trust.read(chain);
    if (read.ok && read.value.id === device) trust.learn(chain, { isPublished: true });
  }
}

function allOf(state: CoreState, topic: string): readonly PublicationNode[] {
  return [...state.documents.values()].flatMap((document) =>
    document.kind === "publications" && document.set.name.topic === topic ? document.set.nodes : [],
  );
}

function rankOf({ publisher, id }: Publication): string {
  return `${publisher} ${id}`;
}

function isSame(a: Revocation | undefined, b: Revocation | undefined): boolean {
  if (!a || !b) return a === b;
  return endsOf(a) === endsOf(b) && a.epoch === b.epoch && a.by === b.by;
}

function endsOf({ through, published }: Revocation): string {
  return [...new Set([...through, ...published].map(({ hash }) => hash))].toSorted().join();
}

function isCertificateItem(value: Json): value is CertificateItem {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const { v, chain, name } = value as { readonly [member: string]: Json };
  return (
    v === 1 &&
    Array.isArray(chain) &&
    chain.every((pem) => typeof pem === "string") &&
    (name === undefined || typeof name === "string")
  );
}
