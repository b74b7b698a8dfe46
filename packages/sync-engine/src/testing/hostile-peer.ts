/**
 * A device with a genuine certificate that turned bad, and how it speaks. SPEC.md §8.
 *
 * It speaks through raw sockets, or through automerge-repo as it comes.
 *
 * @module
 */

import { getAllChanges, type ImmutableString } from "@automerge/automerge";
import { Repo, type DocHandle, type PeerId } from "@automerge/automerge-repo";
import { WebSocketClientAdapter } from "@automerge/automerge-repo-network-websocket";
import { base64url, canonicalJson, utf8 } from "@tillmesh/kernel";
import { nodeCrypto, nodeSigner } from "@tillmesh/kernel/node";
import { WebSocket, type ClientOptions } from "ws";
import { documentKey, parseDocumentName } from "../documents/document-name.ts";
import type { Identity } from "../identity/identity.ts";
import { documentIdOf } from "../node/repo-link.ts";
import { until } from "./until.ts";

/** Who attacks, and where. */
export interface Attacker {
  readonly hostile: Identity;
  /** The victim's. */
  readonly port: number;
  /** What the attacker has open. */
  readonly closing: (() => void)[];
}

/** A connection that is open, as far as TLS and the WebSocket go. */
export interface RawSocket {
  readonly socket: WebSocket;
  readonly messages: { readonly type: string }[];
  say(message: object): void;
  isClosed(): boolean;
  /** The reason that the other end gave. */
  closedFor(): string | undefined;
}

/** What a device shows at its end of TLS. */
export function tlsOf({ chain, privateKeyPem, caCertificate }: Identity): ClientOptions {
  return {
    key: privateKeyPem,
    cert: chain.join(""),
    ca: caCertificate,
    rejectUnauthorized: false,
  };
}

/** By the hostile device's own certificate, unless told otherwise. */
export async function dial(
  shop: Attacker,
  path: string,
  client: ClientOptions = tlsOf(shop.hostile),
): Promise<RawSocket> {
  const socket = new WebSocket(`wss://127.0.0.1:${shop.port}${path}`, client);
  shop.closing.push(() => socket.terminate());
  socket.on("error", () => undefined);
  const messages: { readonly type: string }[] = [];
  let reason: string | undefined;
  socket.on("message", (data: Buffer, isBinary) => {
    if (!isBinary) messages.push(JSON.parse(data.toString("utf8")) as { type: string });
  });
  socket.on("close", (_code, text) => {
    reason = text.toString("utf8");
  });
  await new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  return {
    socket,
    messages,
    say: (message) => socket.send(JSON.stringify(message)),
    isClosed: () => socket.readyState === WebSocket.CLOSED,
    closedFor: () => reason,
  };
}

type Message = { readonly type: string; readonly [member: string]: unknown };

export function helloOf({ hostile }: Pick<Attacker, "hostile">): Message {
  const { device, chain } = hostile;
  return { type: "hello", v: 1, device: device.id, certificates: chain, link: hostileLink };
}

const hostileLink = "hostilehostilehostileA";

/** The hostile device's genuine signature of any text. */
export function signedByHostile({ hostile }: Pick<Attacker, "hostile">, text: string): string {
  return base64url(nodeSigner(hostile.privateKeyPem).sign(utf8(text)));
}

/** A digest that agrees with nobody's: the other end tells everything. */
export function digestByHostile(shop: Pick<Attacker, "hostile">): Message {
  const none = "0".repeat(64);
  const { id } = shop.hostile.device;
  const digest = { device: id, devices: none, ledgers: none, publications: none };
  const signature = signedByHostile(shop, `tillmesh/digest/1\n${canonicalJson(digest)}`);
  return { type: "digest", digest, signature };
}

/** The victim's own name for a link, from its hello. */
export async function linkIdOf({ messages }: RawSocket): Promise<string> {
  await until("the victim says hello", () => messages.some(({ type }) => type === "hello"));
  const hello: unknown = messages.find(({ type }) => type === "hello");
  return (hello as { readonly link: string }).link;
}

export interface HostileLink extends RawSocket {
  /** The path of the live sync that belongs to this link. */
  readonly sync: string;
}

/** As far as an invited device comes; `as` is the one that it is, if not the hostile one. */
export async function sayHello(shop: Attacker, as: Identity = shop.hostile): Promise<HostileLink> {
  const raw = await dial(shop, "/exchange", tlsOf(as));
  const link = await linkIdOf(raw);
  raw.say(helloOf({ hostile: as }));
  return { ...raw, sync: `/sync/${link}` };
}

/** A link on which the victim tells all that this device may know. */
export async function linkToVictim(
  shop: Attacker,
  as: Identity = shop.hostile,
): Promise<HostileLink> {
  const link = await sayHello(shop, as);
  await until("a digest", () => link.messages.some(({ type }) => type === "digest"));
  link.say(digestByHostile({ hostile: as }));
  await until("a summary", () => link.messages.some(({ type }) => type === "summary"));
  return link;
}

/** A document as stock Automerge shows it to whoever may change it. */
export interface OpenShelf {
  format: number;
  entries: ImmutableString[];
  stock: Record<string, Record<string, unknown>>;
  publications: Record<string, ImmutableString>;
}

/** automerge-repo's own client, which knows nothing of certificates. */
class StockAdapter extends WebSocketClientAdapter {
  readonly #client: ClientOptions;

  constructor(url: string, client: ClientOptions) {
    super(url, 60_000);
    this.#client = client;
  }

  override connect(...[peerId, metadata]: Parameters<WebSocketClientAdapter["connect"]>): void {
    this.peerId = peerId;
    this.peerMetadata = metadata ?? {};
    const socket = new WebSocket(this.url, this.#client);
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    this.socket.addEventListener("open", this.onOpen);
    this.socket.addEventListener("message", this.onMessage);
    socket.on("error", () => undefined);
  }
}

/** automerge-repo as it comes, under the hostile device's id, with the victim's document in hand. */
export async function stockPeer(shop: Attacker, name: string): Promise<DocHandle<OpenShelf>> {
  const link = await linkToVictim(shop);
  const url = `wss://127.0.0.1:${shop.port}${link.sync}`;
  const adapter = new StockAdapter(url, tlsOf(shop.hostile));
  const peerId = shop.hostile.device.id as string as PeerId;
  const repo = new Repo({ network: [adapter], peerId });
  shop.closing.push(() => {
    adapter.disconnect();
    adapter.socket?.close();
  });
  await until("the live sync", () => repo.peers.length > 0);
  const handle = await repo.find<OpenShelf>(documentIdOf(keyOfName(shop, name)));
  await handle.whenReady();
  // What the victim will not take as one piece it asks for: then it is answered with the same.
  link.socket.on("message", (data: Buffer) => {
    const message = JSON.parse(data.toString("utf8")) as { type: string; document: string };
    if (message.type !== "want" || message.document !== name) return;
    const changes = getAllChanges(handle.doc()).slice(1).map(base64url);
    link.say({ type: "changes", document: name, changes });
  });
  return handle;
}

export function keyOfName(
  { hostile }: Pick<Attacker, "hostile">,
  name: string,
): ReturnType<typeof documentKey> {
  return documentKey(hostile.organisation.id, parseDocumentName(name)!, nodeCrypto());
}
