/**
 * One connection after the other: greeting, session, and why each ended. SPEC.md §8a (RU).
 *
 * @module
 */

import { base64url, fromBase64url, fromHex } from "@tillmesh/kernel";
import { WebSocket } from "ws";
import { fromPem } from "../../identity/pem.ts";
import { verifyChain } from "../../identity/verify-chain.ts";
import { raise } from "../../replica/core-state.ts";
import {
  byeCodes,
  decodeRelayFrame,
  encodeClientFrame,
  frameMaxSizeBytes,
  type RelayFrame,
} from "../../relay-protocol/frame.ts";
import { signStatement } from "../../relay-protocol/statement.ts";
import { forgetLane } from "../courier-state.ts";
import { beginGreeting, takeGreeting, type GreetingPorts } from "./greeting.ts";
import { budgetWaitMs, noteFault, sendBytes, setState, spendOn, type Net } from "./net.ts";
import { defaultLinkPace, type RelayFault } from "./relay-options.ts";
import { openSession } from "./session.ts";

export function connect(net: Net): void {
  if (net.isStopped || !net.isOn || net.socket) return;
  clearTimeout(net.retry);
  setState(net, net.state === "off" ? "connecting" : net.state);
  const url = `${net.options.url.replace(/\/+$/, "")}/v1`;
  const socket = new WebSocket(url, {
    perMessageDeflate: false,
    maxPayload: frameMaxSizeBytes,
    handshakeTimeout: greetingMs,
  });
  net.socket = socket;
  const silence = setTimeout(() => {
    if (!net.session) dropped(net, socket, { code: "silent", detail: "no welcome" });
  }, greetingMs);
  let lasted: ReturnType<typeof setTimeout> | undefined;
  socket.on("open", () => {
    lasted = setTimeout(() => net.backoff.reset(), (net.options.pace ?? defaultLinkPace).lastedMs);
    net.greeting = beginGreeting(greetingPorts(net));
    sendBytes(net, socket, net.greeting.hello);
  });
  socket.on("message", (data, isBinary) => {
    if (net.socket !== socket) return;
    const bytes = new Uint8Array(data as Buffer);
    net.receivedBytes += bytes.length;
    if (isBinary) takeBytes(net, socket, bytes);
    else dropped(net, socket, { code: "protocol", detail: "a text frame" });
  });
  socket.on("pong", () => {
    net.isAlive = true;
  });
  socket.on("error", (error) => {
    if (net.socket === socket) noteFault(net, { code: codeOf(error), detail: error.message });
  });
  socket.on("close", (code) => {
    clearTimeout(silence);
    clearTimeout(lasted);
    const fault = { code: "closed", detail: `close code ${code}` };
    if (net.socket === socket) dropped(net, socket, net.session ? fault : undefined);
  });
}

function codeOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? "socket";
}

function greetingPorts({ parts }: Net): GreetingPorts {
  const { organisation, crypto, signer } = parts.state.ports;
  return { organisation, crypto, signer, certificates: parts.identity.chain };
}

function takeBytes(net: Net, socket: WebSocket, bytes: Uint8Array): void {
  const frame = decodeRelayFrame(bytes);
  if (!frame.ok) {
    dropped(net, socket, { code: "protocol", detail: frame.error.reason });
  } else if (frame.value === "unknown") {
    // Of a later version.
  } else if (frame.value.type === "bye") {
    takeBye(net, socket, frame.value);
  } else if (net.session) {
    net.session.take(frame.value);
  } else {
    greet(net, socket, { frame: frame.value, bytes });
  }
}

function greet(
  net: Net,
  socket: WebSocket,
  said: { readonly frame: RelayFrame; readonly bytes: Uint8Array },
): void {
  if (!net.greeting) return;
  const taken = takeGreeting(net.greeting, said, greetingPorts(net));
  if (!taken.ok) {
    dropped(net, socket, { code: taken.error.type, detail: "greeting" });
    return;
  }
  if ("reply" in taken.value) {
    sendBytes(net, socket, taken.value.reply);
    return;
  }
  pin(net, taken.value.relayKey);
  net.isAlive = true;
  net.statementsTold = new Set();
  net.releasesTold = new Map();
  net.session = openSession(
    {
      courier: net.courier,
      crypto: net.parts.state.ports.crypto,
      send: (frame) => sendBytes(net, socket, frame),
      nowMs: () => performance.now(),
      onFault: (fault) => dropped(net, socket, fault),
      onAccepted: (number) => {
        const release = net.releasesTold.get(number);
        if (release) net.courier.released(release);
        net.releasesTold.delete(number);
      },
      onRefused: (fault) => noteFault(net, fault),
      onRoom: () => schedulePump(net, 0),
      onQuiet: () => void quiet(net, socket),
      mayRead: (lane) => budgetWaitMs(net, lane) === 0,
      onLaneBytes: (lane, sizeBytes) => spendOn(net, lane, sizeBytes),
    },
    taken.value,
  );
  net.lastError = undefined;
  setState(net, "connected");
  net.session.subscribe();
  tellStatements(net, socket);
}

/** Trust on first use. Another key is another relay: whatever was known of its logs holds no more. */
function pin(net: Net, relayKey: Uint8Array): void {
  const { relayKey: known, courier, parts } = net;
  net.relayKey = relayKey;
  if (known === undefined || base64url(known) === base64url(relayKey)) return;
  raise(parts.state, {
    type: "RelayChanged",
    channel: "",
    lane: 0,
    facts: { url: net.options.url, before: base64url(known), now: base64url(relayKey) },
  });
  for (const lane of courier.lanes()) {
    forgetLane(courier.state, lane);
    lane.log = undefined;
  }
}

/** HQ tells each relay who is revoked, each time: a relay may have lost its disk. */
export function tellStatements(net: Net, socket: WebSocket): void {
  const items = net.parts.membership?.desk.items() ?? [];
  for (const { item } of items) {
    if (item.type !== "revoked-statement" || net.statementsTold.has(item.bytes)) continue;
    const bytes = fromBase64url(item.bytes);
    if (!bytes.ok) continue;
    net.statementsTold.add(item.bytes);
    tellStatement(net, socket, bytes.value);
  }
}

function takeBye(
  net: Net,
  socket: WebSocket,
  { code, statement }: Extract<RelayFrame, { readonly type: "bye" }>,
): void {
  const reason = Object.entries(byeCodes).find(([, one]) => one === code)?.[0] ?? `code ${code}`;
  if (code === byeCodes.revoked) {
    net.parts.membership?.noteRefusal("relay", statement.length > 0 ? statement : undefined);
    setState(net, "revoked");
  } else if (code === byeCodes.notAuthenticated || code === byeCodes.version) {
    setState(net, "refused");
  }
  dropped(net, socket, {
    code: reason,
    detail: ownFault(net, code) ?? "the relay ended the connection",
  });
}

function tellStatement(net: Net, socket: WebSocket, bytes: Uint8Array): number {
  net.statements += 1;
  sendBytes(net, socket, encodeClientFrame({ type: "statement", number: net.statements, bytes }));
  return net.statements;
}

/** HQ tells the relay what it need not keep. */
export function tellReleases(net: Net, socket: WebSocket): void {
  const { organisation, signer, certificates } = net.parts.state.ports;
  const chain = certificates.map((pem) => fromPem("CERTIFICATE", pem) ?? new Uint8Array(0));
  for (const release of net.courier.releases()) {
    const { lane, through: offset } = release;
    const log = fromHex(lane.log ?? "");
    if (!log.ok) continue;
    const body = {
      organisation,
      channel: lane.channel.id,
      lane: lane.lane,
      log: log.value,
      offset,
    };
    const bytes = signStatement({ type: "release", ...body }, { signer, certificates: chain });
    net.releasesTold.set(tellStatement(net, socket, bytes), release);
  }
}

/** A relay says no more than that it does not believe; the own certificate may say why. */
function ownFault({ parts }: Net, code: number): string | undefined {
  if (code !== byeCodes.notAuthenticated) return undefined;
  const { caCertificate, chain } = parts.identity;
  const trust = { caCertificate, crypto: parts.state.ports.crypto };
  const judged = verifyChain(chain, trust, { atMs: parts.clock.nowMs() });
  return judged.ok ? "certificate not accepted" : judged.error.type;
}

/** The connection is over; another follows, later and later. */
export function dropped(net: Net, socket: WebSocket, fault: RelayFault | undefined): void {
  if (net.socket !== socket) return;
  if (fault) noteFault(net, fault);
  net.session?.end();
  net.session = undefined;
  net.greeting = undefined;
  net.socket = undefined;
  socket.terminate();
  net.courier.disconnected();
  if (net.state === "connected") setState(net, "connecting");
  if (net.isStopped || !net.isOn) return;
  net.retry = setTimeout(() => connect(net), Math.max(leastWaitMs(net), net.backoff.nextMs()));
}

function leastWaitMs({ state }: Net): number {
  if (state === "revoked") return revokedMs;
  return state === "refused" ? refusedMs : 0;
}

export async function quiet(net: Net, socket: WebSocket): Promise<void> {
  const settled = await net.courier.quiet();
  if (!settled.ok) dropped(net, socket, { code: "disk", detail: settled.error.reason });
  const { session, courier } = net;
  for (const lane of courier.lanes()) {
    if (courier.mayReadAgain(lane)) session?.readAgain(lane);
  }
  schedulePump(net, 0);
}

export function schedulePump(net: Net, delayMs: number): void {
  if (net.isStopped || net.pumping) return;
  net.pumping = setTimeout(() => {
    net.pumping = undefined;
    void net.pump.run(() => publishDue(net));
  }, delayMs);
}

/** One envelope; the most urgent lane first. Says whether there was one. */
async function publishDue(net: Net): Promise<boolean> {
  const { session, courier } = net;
  if (!session) return false;
  const lanes = courier.lanes().toSorted((a, b) => a.lane - b.lane);
  for (const lane of lanes) {
    if (!session.isOpen(lane) || budgetWaitMs(net, lane.lane) > 0) continue;
    const flight = await courier.next(lane);
    if (!flight) continue;
    // After a new connection it goes with all that is under way.
    if (net.session === session) session.launch(flight);
    return true;
  }
  return false;
}

const greetingMs = 10_000;
/** A relay that will not have this device is not asked every minute. */
const refusedMs = 60_000;
const revokedMs = 300_000;
