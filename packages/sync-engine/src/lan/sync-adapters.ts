/**
 * automerge-repo's WebSocket adapters with a gate before them. SPEC.md §7 (SA).
 *
 * Frames are checked before the stock adapter sees them (it ends the process on
 * a malformed one), messages wait in order for the gate, and nothing a socket
 * does can throw into the event loop.
 *
 * @module
 */

import {
  WebSocketClientAdapter,
  WebSocketServerAdapter,
} from "@automerge/automerge-repo-network-websocket";
import type { WebSocket, WebSocketServer } from "ws";
import type { FrameMeter } from "./allowance.ts";
import { closeCodes, endSocket, flood } from "./end-socket.ts";
import { frameMaxSizeBytes } from "./exchange-message.ts";
import { readSyncFrame, writeSyncFrame, type SyncDataFrame, type SyncFrame } from "./sync-frame.ts";

/** Decides about messages that a peer sent; `admit` answers whether to hand a message on. */
export interface SyncGate {
  /** Whether this device is at the other end of a live link. */
  isLinked(peer: string): boolean;
  admit(message: SyncDataFrame): Promise<boolean>;
  /** The peer broke the protocol. */
  refuse(peer: string, reason: string): void;
  /** Something went wrong at this end: the link begins anew, and nobody is blamed. */
  end(peer: string, reason: string): void;
}

/** The dialling side of a sync connection, on a socket that is open already. */
export class GatedClientAdapter extends WebSocketClientAdapter {
  readonly #gate: SyncGate;
  readonly #line: Line;

  constructor(socket: WebSocket, { peer, meter }: LineEnd, gate: SyncGate) {
    // The link dials again, with back-off; the stock adapter never does.
    super("", 0);
    this.#gate = gate;
    this.#line = { peer, meter, waitingBytes: 0, last: Promise.resolve() };
    this.socket = socket;
  }

  override isReady(): boolean {
    return true;
  }

  override async whenReady(): Promise<void> {
    return undefined;
  }

  override connect(...[peerId, metadata]: Parameters<WebSocketClientAdapter["connect"]>): void {
    if (!this.socket) return;
    this.peerId = peerId;
    this.peerMetadata = metadata ?? {};
    this.socket.binaryType = "arraybuffer";
    this.socket.addEventListener("close", this.onClose);
    this.socket.addEventListener("message", this.onMessage);
    this.join();
  }

  override onClose = (): void => {
    const { remotePeerId: peerId } = this;
    if (peerId) this.emit("peer-disconnected", { peerId });
  };

  override disconnect(): void {
    if (!this.socket) return;
    // Before it was connected the stock adapter would throw.
    if (this.peerId) super.disconnect();
    else this.socket?.close();
    delete this.socket;
  }

  override receiveMessage(bytes: Uint8Array): void {
    if (this.socket?.readyState !== openState) return;
    const frame = takeFrame(this.#line, bytes, this.#gate);
    if (!frame) return;
    // A frame may wait until its link is gone; the stock adapter would throw then, and an honest
    // peer be turned away for it.
    const pass = (): void => {
      if (this.socket) super.receiveMessage(writeSyncFrame(frame, this.peerId ?? ""));
    };
    queue(this.#line, bytes.byteLength, { frame, gate: this.#gate, pass });
  }

  override send(message: Parameters<WebSocketClientAdapter["send"]>[0]): void {
    const { socket } = this;
    if (socket && maySend(socket, message, this.#gate)) super.send(message);
  }
}

/** The listening side; one for all peers that dial. */
export class GatedServerAdapter extends WebSocketServerAdapter {
  readonly #gate: SyncGate;
  readonly #lines = new WeakMap<WebSocket, Line>();

  #hear: () => void = () => undefined;
  /** Resolved when the repo has taken this adapter: a socket that opens before goes unheard for ever. */
  readonly isHearing: Promise<void> = new Promise((resolve) => {
    this.#hear = resolve;
  });

  constructor(server: WebSocketServer, gate: SyncGate) {
    super(server as unknown as ConstructorParameters<typeof WebSocketServerAdapter>[0]);
    this.#gate = gate;
  }

  override connect(...[peerId, metadata]: Parameters<WebSocketServerAdapter["connect"]>): void {
    super.connect(peerId, metadata);
    this.#hear();
  }

  /** Says whose socket this is, before its first frame. */
  bind(socket: WebSocket, { peer, meter }: LineEnd): void {
    this.#lines.set(socket, { peer, meter, waitingBytes: 0, last: Promise.resolve() });
  }

  override receiveMessage(
    bytes: Uint8Array,
    socket: Parameters<WebSocketServerAdapter["receiveMessage"]>[1],
  ): void {
    const ws: WebSocket = socket;
    if (ws.readyState !== openState) return;
    const line = this.#lines.get(ws);
    // A link that has just ended is nobody's fault.
    if (!line || !this.#gate.isLinked(line.peer)) {
      endSocket(ws, closeCodes.notNow, "no link");
      return;
    }
    const frame = takeFrame(line, bytes, this.#gate);
    if (!frame) return;
    const pass = (): void => super.receiveMessage(writeSyncFrame(frame, this.peerId ?? ""), socket);
    queue(line, bytes.byteLength, { frame, gate: this.#gate, pass });
  }

  override send(message: Parameters<WebSocketServerAdapter["send"]>[0]): void {
    const socket = "targetId" in message ? this.sockets[message.targetId] : undefined;
    if (socket && maySend(socket, message, this.#gate)) super.send(message);
  }
}

/** Whose end of a connection it is, and how much may come from there. */
export interface LineEnd {
  readonly peer: string;
  readonly meter: FrameMeter;
}

const openState = 1;

/**
 * What is larger than a frame is not sent: the peer misses it, and asks for it in pieces. A peer that does not read
 * is let go before it costs memory.
 */
function maySend(socket: Outlet, message: object, gate: SyncGate): boolean {
  if (socket.readyState !== openState) return false;
  const { data, targetId } = message as Record<string, unknown>;
  if (data instanceof Uint8Array && data.length > syncDataMaxSizeBytes) return false;
  if (socket.bufferedAmount > waitingMaxSizeBytes) {
    gate.end(String(targetId), "the peer does not read");
    return false;
  }
  return true;
}

/** Of either copy of the ws types. */
interface Outlet {
  readonly readyState: number;
  readonly bufferedAmount: number;
}

/** Around the data of a message there are three ids and a type. */
const syncDataMaxSizeBytes = frameMaxSizeBytes - 4_096;

interface Step {
  readonly frame: SyncFrame;
  readonly gate: SyncGate;
  readonly pass: () => void;
}

/** The messages of one connection. */
interface Line extends LineEnd {
  waitingBytes: number;
  last: Promise<void>;
}

/** They go on in the order in which they came, and only so much of them may wait. */
function queue(line: Line, sizeBytes: number, step: Step): void {
  if (line.waitingBytes > 0 && line.waitingBytes + sizeBytes > waitingMaxSizeBytes) {
    step.gate.refuse(line.peer, "more sync frames than can wait");
    return;
  }
  line.waitingBytes += sizeBytes;
  line.last = handOn(line.last, step).finally(() => {
    line.waitingBytes -= sizeBytes;
  });
}

const waitingMaxSizeBytes = 16 * frameMaxSizeBytes;

async function handOn(before: Promise<void>, { frame, gate, pass }: Step): Promise<void> {
  await before;
  let isAdmitted = false;
  try {
    isAdmitted = await isToPass(frame, gate);
  } catch (error) {
    gate.refuse(frame.senderId, textOf(error));
  }
  try {
    if (isAdmitted) pass();
  } catch (error) {
    // What was admitted and yet cannot be taken in is a fault at this end.
    gate.end(frame.senderId, textOf(error));
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function isToPass(frame: SyncFrame, gate: SyncGate): Promise<boolean> {
  if (frame.type === "sync" || frame.type === "request") return gate.admit(frame);
  return frame.type !== "unused";
}

/** The message in a frame, if it is one of the peer's and not one too many; else the peer is refused. */
function takeFrame(
  { peer, meter }: LineEnd,
  bytes: Uint8Array,
  gate: SyncGate,
): SyncFrame | undefined {
  // Before any work is done on it.
  if (!meter.allows(bytes.byteLength)) {
    gate.refuse(peer, flood);
    return undefined;
  }
  const frame = readSyncFrame(bytes);
  if (frame?.senderId === peer) return frame;
  gate.refuse(peer, "malformed sync frame");
  return undefined;
}
