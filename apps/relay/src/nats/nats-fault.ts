/**
 * What goes wrong between a relay and NATS, as the port's `Unavailable`.
 *
 * @module
 */

import { JetStreamApiError } from "@nats-io/jetstream";
import { errors } from "@nats-io/transport-node";
import type { StoreFault } from "../log-store.ts";

/** Thrown inside the backend only; its functions answer with the fault. */
export class NatsFault extends Error {
  readonly fault: StoreFault;

  constructor(code: string, detail: string) {
    super(`${code}: ${detail}`);
    this.fault = { type: "Unavailable", code, detail };
  }
}

/** A bug is thrown again. */
export function faultOf(error: unknown): StoreFault {
  if (error instanceof NatsFault) return error.fault;
  if (!(error instanceof Error) || isBug(error)) throw error;
  return { type: "Unavailable", code: codeOf(error), detail: error.message };
}

/** The stream's subjects or its leader are not there. */
export function isNoResponders(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error instanceof errors.NoRespondersError || isNoResponders(error.cause);
}

export function isNotFound(error: unknown): boolean {
  return apiCodeOf(error) === 10_059;
}

/** Another stream of that name is there. */
export function isNameInUse(error: unknown): boolean {
  return apiCodeOf(error) === 10_058;
}

/** Somebody else wrote to the subject in between. */
export function isWrongLastSequence(error: unknown): boolean {
  const code = apiCodeOf(error);
  return code === 10_071 || code === 10_164;
}

/** No space in the stream, the account or on the server. */
export function isFull(error: unknown): boolean {
  if (error instanceof NatsFault) return error.fault.code === "full";
  const code = apiCodeOf(error);
  return code !== undefined && fullCodes.has(code);
}

/** 10023 insufficient resources, 10028 limits of the account, 10047 storage, 10077 the stream could not store. */
const fullCodes: ReadonlySet<number> = new Set([10_023, 10_028, 10_047, 10_077]);

function apiCodeOf(error: unknown): number | undefined {
  return error instanceof JetStreamApiError ? error.code : undefined;
}

function codeOf(error: Error): string {
  if (isFull(error)) return "full";
  const code = apiCodeOf(error);
  if (code !== undefined) return `jetstream-${code}`;
  if (isNoResponders(error)) return "no-responders";
  if (isTimeout(error)) return "timeout";
  return error instanceof errors.ClosedConnectionError ? "closed" : "nats";
}

function isTimeout(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error instanceof errors.TimeoutError || isTimeout(error.cause);
}

function isBug(error: Error): boolean {
  return (
    error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError
  );
}
