/**
 * Where the documents of a stream are sent, and as whom: by what its own till sealed to this device, else by this device's own activation.
 *
 * @module
 */

import { canonicalJson, fromBase64url, parseJson, utf8, type Json } from "@tillmesh/kernel";
import { present } from "../till/present.ts";
import type { Till } from "../till/till.ts";
import type { KeyOwner, KeyRing } from "./key-files.ts";
import { knownStreams, type KnownStream } from "./streams.ts";

/** Never a key that signs documents. */
export interface DeliveryCredentials extends Pick<KeyRing, "client" | "headers"> {
  readonly address: string;
}

/** Undefined: nothing leaves. */
export function credentialsFor(till: Till, known: KnownStream): DeliveryCredentials | undefined {
  return depositedFor(till, known) ?? ownCredentials(till, known);
}

/** What goes into a box; undefined where there is nothing but what headquarters itself says of the location. */
export function credentialsText(
  { fiscal, replica }: Till,
  { config }: KnownStream,
): Uint8Array | undefined {
  const activation = fiscal.activationFor(config);
  if (activation?.address === undefined || activation.till !== config.till) return undefined;
  const { client, headers } = fiscal.keyRing(activation);
  const { address } = activation;
  const isSaid = address === fiscal.locations.of(replica.location.id)?.address;
  if (isSaid && client === undefined && headers === undefined) return undefined;
  const text = utf8(canonicalJson({ v: 1, address, ...present({ client, headers }) }));
  return text.length > textMaxBytes ? undefined : text;
}

/** A box opens for its stream only. */
export function purposeOf({ stream }: Pick<KnownStream, "stream">): string {
  return `fiscal-delivery/1\n${stream}`;
}

/** An entry holds 64 KiB. */
const textMaxBytes = 32_768;

function ownCredentials(
  { fiscal, replica }: Till,
  { config }: KnownStream,
): DeliveryCredentials | undefined {
  const activation = fiscal.activationFor(config);
  const said = fiscal.locations.of(replica.location.id);
  const isSaid = activation?.isTest === true && said?.regime === config.regime;
  const address = activation?.address ?? (isSaid ? said.address : undefined);
  if (activation === undefined || address === undefined) return undefined;
  const { client, headers } = fiscal.keyRing(activation);
  return { address, ...present({ client, headers }) };
}

/** The newest that the device deposited for what it seals as this till: credentials change, and an earlier stream may still wait. */
function depositedFor(till: Till, known: KnownStream): DeliveryCredentials | undefined {
  const { projection, replica } = till;
  const { device, config } = known;
  if (device === replica.device.id) return undefined;
  const streams = knownStreams(projection, device).filter((one) => isSameOwner(one.config, config));
  const boxes = streams.flatMap(({ stream }) => {
    const row = projection
      .sql(
        "SELECT n, sealed FROM fiscal_deposits WHERE device = ? AND stream = ? AND recipient = ?",
      )
      .get(device, stream, replica.device.id);
    return row === undefined
      ? []
      : [{ stream, n: Number(row["n"]), sealed: String(row["sealed"]) }];
  });
  for (const { stream, sealed } of boxes.toSorted((a, b) => b.n - a.n)) {
    const box = fromBase64url(sealed);
    const opened = box.ok ? replica.openSealed(box.value, purposeOf({ stream })) : box;
    const read = opened.ok ? readCredentials(opened.value) : undefined;
    if (read !== undefined) return read;
  }
  return undefined;
}

function isSameOwner(a: KeyOwner, b: KeyOwner): boolean {
  return a.regime === b.regime && a.till === b.till && a.isTest === b.isTest;
}

/** Another device wrote it: nothing of its shape is taken for granted. */
function readCredentials(bytes: Uint8Array): DeliveryCredentials | undefined {
  const json = parseJson(new TextDecoder().decode(bytes), { maxBytes: textMaxBytes });
  if (!json.ok || !isObject(json.value)) return undefined;
  const { v, address, client, headers } = json.value;
  if (v !== 1 || typeof address !== "string" || !isHttp(address)) return undefined;
  if (!isClient(client) || !(headers === undefined || isTexts(headers))) return undefined;
  return { address, ...present({ client, headers }) };
}

function isClient(json: Json | undefined): json is KeyRing["client"] {
  return json === undefined || (isTexts(json) && "cert" in json && "key" in json);
}

function isHttp(address: string): boolean {
  return URL.canParse(address) && /^https?:$/.test(new URL(address).protocol);
}

function isTexts(json: Json): json is { readonly [name: string]: string } {
  return isObject(json) && Object.values(json).every((one) => typeof one === "string");
}

function isObject(json: Json): json is { readonly [name: string]: Json } {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
