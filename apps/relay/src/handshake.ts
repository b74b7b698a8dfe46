/**
 * Who is there? Nothing else is taken before the answer. PROTOCOL.md §4 (RH), SPEC.md (SV).
 *
 * @module
 */

import {
  decodeClientFrame,
  encodeRelayFrame,
  helloVersion,
  proofBytes,
  relayProtocolVersion,
  welcomeBytes,
  envelopeMaxSizeBytes,
  type FirstFrames,
} from "@tillmesh/sync-engine/relay-protocol";
import type { VerifiedDevice } from "@tillmesh/sync-engine/identity";
import { end, send, sendBytes, type Session, type Stage } from "./session.ts";
import { judgeChain } from "./trust.ts";

/** A frame before `welcome`. */
export function takeFirstFrame(session: Session, bytes: Uint8Array): void {
  const { stage } = session;
  if (stage.name === "hello") takeHello(session, bytes);
  else if (stage.name === "proof") takeProof(session, stage, bytes);
  // The device has to wait for `welcome`.
  else end(session, "malformed");
}

function takeHello(session: Session, bytes: Uint8Array): void {
  const { relay } = session;
  const version = helloVersion(bytes);
  if (version !== undefined && version !== relayProtocolVersion) return end(session, "version");
  const hello = decodeClientFrame(bytes);
  if (!hello.ok || hello.value === "unknown" || hello.value.type !== "hello") {
    return end(session, "malformed");
  }
  const { organisation, certificates } = hello.value;
  if (!relay.trusted.has(organisation)) return turnAway(session, "UnknownOrganisation");
  const challenge = encodeRelayFrame({
    type: "challenge",
    version: relayProtocolVersion,
    nonce: relay.crypto.randomBytes(32),
    relayKey: relay.signer.publicKey,
  });
  session.stage = { name: "proof", hello: bytes, challenge, organisation, certificates };
  sendBytes(session, challenge);
}

function takeProof(
  session: Session,
  stage: Stage & { readonly name: "proof" },
  bytes: Uint8Array,
): void {
  const { relay } = session;
  const { crypto } = relay;
  const proof = decodeClientFrame(bytes);
  if (!proof.ok || proof.value === "unknown" || proof.value.type !== "proof") {
    return end(session, "malformed");
  }
  const judged = judgeChain(stage, relay, { atMs: relay.clock.nowMs() });
  if (!judged.ok) return turnAway(session, judged.error.type);
  const device = judged.value;
  const signed = proofBytes(stage, crypto);
  if (!crypto.verify(device.publicKey, signed, proof.value.signature)) {
    return turnAway(session, "ProofSignature");
  }
  session.stage = { name: "judging", device };
  void askRevoked(session, device, stage);
}

function turnAway(session: Session, why: string): void {
  session.relay.metrics.turnedAway(why).add();
  end(session, "notAuthenticated");
}

async function askRevoked(
  session: Session,
  device: VerifiedDevice,
  first: FirstFrames,
): Promise<void> {
  const { relay } = session;
  const { organisationId, deviceId } = device;
  await relay.quotas.load(organisationId);
  const revoked = await relay.store.revocationOf(organisationId, deviceId);
  if (session.stage.name !== "judging") return;
  // Without an answer nobody gets in; trying again later helps.
  if (!revoked.ok) return end(session, "draining");
  if (revoked.value) return end(session, "revoked", revoked.value);
  welcome(session, device, first);
}

function welcome(session: Session, device: VerifiedDevice, first: FirstFrames): void {
  const { relay } = session;
  const { organisationId: organisation, deviceId, locationId: location, roles } = device;
  const others = relay.devices.get(organisation) ?? new Map<string, Session>();
  const before = others.get(deviceId);
  const isTooMany = others.size >= relay.limits.connectionsPerOrganisationMax;
  if (before === undefined && isTooMany) return end(session, "tooMany");
  if (before) end(before, "replaced");
  others.set(deviceId, session);
  relay.devices.set(organisation, others);
  session.stage = {
    name: "open",
    device,
    may: relay.entitlements({ organisation, location, roles }),
    publishing: undefined,
    delivering: undefined,
  };
  relay.metrics.welcomes.add();
  relay.log("info", "welcome", { organisation, device: deviceId, address: session.address });
  send(session, {
    type: "welcome",
    signature: relay.signer.sign(welcomeBytes(first, relay.crypto)),
    credit: relay.limits.windowBytes,
    envelopeMaxSizeBytes,
  });
}
