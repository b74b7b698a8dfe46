/**
 * The first frames on a connection: both ends prove who they are. PROTOCOL.md §4 (RH), SPEC.md §8a (RU).
 *
 * @module
 */

import { err, ok, type Crypto, type Result, type Signer } from "@tillmesh/kernel";
import { fromPem } from "../../identity/pem.ts";
import {
  encodeClientFrame,
  relayProtocolVersion,
  type RelayFrame,
  type RelayFrames,
} from "../../relay-protocol/frame.ts";
import { proofBytes, welcomeBytes } from "../../relay-protocol/handshake.ts";

export interface GreetingPorts {
  readonly crypto: Crypto;
  readonly signer: Signer;
  readonly organisation: string;
  /** PEM, own first. */
  readonly certificates: readonly string[];
}

/** Mutable: owned by one connection. */
export interface Greeting {
  readonly hello: Uint8Array;
  challenge: Uint8Array | undefined;
  relayKey: Uint8Array | undefined;
}

/** `hello` is the frame to send first. */
export function beginGreeting({ crypto, organisation, certificates }: GreetingPorts): Greeting {
  const hello = encodeClientFrame({
    type: "hello",
    version: relayProtocolVersion,
    nonce: crypto.randomBytes(32),
    organisation,
    certificates: certificates.map((pem) => fromPem("CERTIFICATE", pem) ?? new Uint8Array(0)),
  });
  return { hello, challenge: undefined, relayKey: undefined };
}

export interface Welcomed {
  readonly relayKey: Uint8Array;
  readonly welcome: RelayFrames["welcome"];
}

/** Takes a frame of the relay; answers with the frame to send, or says that the greeting is over. */
export function takeGreeting(
  greeting: Greeting,
  { frame, bytes }: { readonly frame: RelayFrame; readonly bytes: Uint8Array },
  ports: GreetingPorts,
): Result<{ readonly reply: Uint8Array } | Welcomed, GreetingError> {
  if (frame.type === "challenge" && !greeting.challenge) {
    if (frame.version !== relayProtocolVersion) {
      return err({ type: "Version", found: frame.version });
    }
    greeting.challenge = bytes;
    greeting.relayKey = frame.relayKey;
    const first = { hello: greeting.hello, challenge: bytes };
    const signature = ports.signer.sign(proofBytes(first, ports.crypto));
    return ok({ reply: encodeClientFrame({ type: "proof", signature }) });
  }
  const { challenge, relayKey } = greeting;
  if (frame.type !== "welcome" || !challenge || !relayKey) {
    return err({ type: "OutOfPlace", frame: frame.type });
  }
  const signed = welcomeBytes({ hello: greeting.hello, challenge }, ports.crypto);
  return ports.crypto.verify(relayKey, signed, frame.signature)
    ? ok({ relayKey, welcome: frame })
    : err({ type: "BadSignature" });
}

export type GreetingError =
  | { readonly type: "Version"; readonly found: number }
  | { readonly type: "OutOfPlace"; readonly frame: string }
  | { readonly type: "BadSignature" };
