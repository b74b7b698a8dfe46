/**
 * A frame came: count it, and hand it to whoever it is for. SPEC.md (SV).
 *
 * @module
 */

import {
  channelsMax,
  decodeClientFrame,
  frameMaxSizeBytes,
  type ClientFrame,
} from "@tillmesh/sync-engine/relay-protocol";
import { createDelivering, type Delivering } from "./delivering.ts";
import { takeFirstFrame } from "./handshake.ts";
import { createPublishing, type Publishing } from "./publishing.ts";
import { end, send, type Open, type Session } from "./session.ts";
import { takeStatement } from "./statements.ts";
import { take } from "./token-bucket.ts";

/** `bytes` are this frame's own from here on. */
export function takeFrame(session: Session, bytes: Uint8Array): void {
  const { relay, stage } = session;
  if (stage.name === "ended") return;
  session.heardMs = relay.nowMs();
  relay.metrics.framesIn.add();
  relay.metrics.bytesIn.add(bytes.length);
  if (bytes.length > frameMaxSizeBytes) return end(session, "malformed");
  if (!take(session.frames, 1, session.heardMs)) return end(session, "tooMany");
  if (stage.name !== "open") return takeFirstFrame(session, new Uint8Array(bytes));
  const frame = decodeClientFrame(bytes);
  if (!frame.ok) return end(session, "malformed");
  // A type of a later version is passed over.
  if (frame.value !== "unknown") dispatch(session, stage, frame.value);
}

function dispatch(session: Session, open: Open, frame: ClientFrame): void {
  switch (frame.type) {
    case "publish":
      publishingOf(session, open).takeFragment(frame);
      return;
    case "subscribe":
      deliveringOf(session, open).subscribe(frame);
      return;
    case "unsubscribe":
      deliveringOf(session, open).unsubscribe(frame.subscription);
      return;
    case "credit":
      deliveringOf(session, open).takeCredit(frame.through);
      return;
    case "statement":
      void takeStatement(session, open, frame);
      return;
    case "list":
      void list(session, open, frame.number);
      return;
    case "hello":
    case "proof":
      end(session, "malformed");
  }
}

function publishingOf(session: Session, open: Open): Publishing {
  open.publishing ??= createPublishing(session, open.device);
  return open.publishing;
}

function deliveringOf(session: Session, open: Open): Delivering {
  open.delivering ??= createDelivering(session, open.device);
  return open.delivering;
}

/** To HQ only; others get no answer. */
async function list(session: Session, { device }: Open, number: number): Promise<void> {
  if (!device.roles.includes("hq")) return;
  const channels = await session.relay.store.channels(device.organisationId);
  // HQ asks again when it connects again.
  if (!channels.ok) return end(session, "draining");
  for (let at = 0; ; at += channelsMax) {
    const some = channels.value.slice(at, at + channelsMax);
    const isLast = at + channelsMax >= channels.value.length;
    send(session, { type: "channels", number, isLast, channels: some });
    if (isLast) return;
  }
}
