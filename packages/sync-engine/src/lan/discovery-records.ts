/**
 * What a device says about itself by multicast DNS, and what it takes from others' words. SPEC.md §7 (DS).
 *
 * DNS-SD (RFC 6763): a pointer from the type of service to the device, its port, and a text of opaque ids. Whatever is
 * heard is an address to dial and nothing more: TLS decides who is there.
 *
 * @module
 */

import { hex, utf8, type Crypto } from "@tillmesh/kernel";

export const serviceType = "_tillmesh._tcp.local";

export interface Announcement {
  /** Tells devices of one organisation from others' without naming it. */
  readonly organisationHash: string;
  readonly device: string;
  readonly port: number;
  /** How long this holds, in seconds; 0 takes it back. */
  readonly ttl: number;
}

export function organisationHashOf(organisation: string, crypto: Crypto): string {
  return hex(crypto.sha256(utf8(`tillmesh/discovery/1\n${organisation}`))).slice(0, 16);
}

export type ServiceRecord = { readonly name: string; readonly ttl: number } & (
  | { readonly type: "PTR"; readonly data: string }
  | { readonly type: "SRV"; readonly data: { readonly port: number; readonly target: string } }
  | { readonly type: "TXT"; readonly data: readonly string[] }
  | { readonly type: "A"; readonly data: string }
);

/** `host` is for other programs that browse the network: a device dials whoever spoke. */
export function recordsOf(
  announcement: Announcement & { readonly host: string },
): readonly ServiceRecord[] {
  const { organisationHash, device, port, ttl, host } = announcement;
  const name = `${device}.${serviceType}`;
  return [
    { type: "PTR", name: serviceType, ttl, data: name },
    { type: "SRV", name, ttl, data: { port, target: `${device}.local` } },
    { type: "TXT", name, ttl, data: ["v=1", `o=${organisationHash}`, `d=${device}`] },
    { type: "A", name: `${device}.local`, ttl, data: host },
  ];
}

/** Announcements in the records of one packet: at most a few, each whole and in the form above. */
export function announcementsIn(records: readonly unknown[]): readonly Announcement[] {
  const answers = records.slice(0, recordsMax).flatMap((record) => readRecord(record) ?? []);
  const pointers = answers.filter(({ type, name }) => type === "PTR" && name === serviceType);
  return pointers.slice(0, announcementsMax).flatMap(({ data, ttl }) => {
    const service = answers.find(({ type, name }) => type === "SRV" && name === data);
    const text = answers.find(({ type, name }) => type === "TXT" && name === data);
    return service && text ? (readAnnouncement({ ttl, service, text }) ?? []) : [];
  });
}

const recordsMax = 64;
const announcementsMax = 8;

interface Record {
  readonly type: string;
  readonly name: string;
  readonly ttl: number;
  readonly data: unknown;
}

/** Nothing of what a library decoded is taken for granted. */
function readRecord(record: unknown): Record | undefined {
  if (typeof record !== "object" || record === null) return undefined;
  const { type, name, ttl, data } = record as { readonly [member in keyof Record]?: unknown };
  if (typeof type !== "string" || typeof name !== "string") return undefined;
  return { type, name, ttl: typeof ttl === "number" && ttl > 0 ? ttl : 0, data };
}

function readAnnouncement(found: {
  readonly ttl: number;
  readonly service: Record;
  readonly text: Record;
}): Announcement | undefined {
  const { port } = (found.service.data ?? {}) as { readonly port?: unknown };
  const texts = textsOf(found.text.data);
  const organisationHash = texts.get("o") ?? "";
  const device = texts.get("d") ?? "";
  const isOurs =
    texts.get("v") === "1" &&
    /^[0-9a-f]{16}$/.test(organisationHash) &&
    /^[a-z0-9_]{1,64}$/.test(device) &&
    isPort(port);
  return isOurs ? { organisationHash, device, port, ttl: found.ttl } : undefined;
}

function isPort(port: unknown): port is number {
  return typeof port === "number" && Number.isInteger(port) && port > 0 && port < 65_536;
}

function textsOf(data: unknown): ReadonlyMap<string, string> {
  const pieces = (Array.isArray(data) ? data : [data]).slice(0, textsMax);
  return new Map(
    pieces.flatMap((piece): (readonly [string, string])[] => {
      if (typeof piece !== "string" && !(piece instanceof Uint8Array)) return [];
      const text = typeof piece === "string" ? piece : Buffer.from(piece).toString("latin1");
      const at = text.indexOf("=");
      return at > 0 ? [[text.slice(0, at), text.slice(at + 1)]] : [];
    }),
  );
}

const textsMax = 16;
