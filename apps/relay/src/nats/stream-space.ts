/**
 * How large a stream may become, watched by the relays.
 *
 * JetStream has a limit of its own, but a stream that reaches it may push out its oldest message although it is told to refuse
 * new ones: the room that it asks for is less than what a message takes. So streams are made without it.
 *
 * @module
 */

import { NatsFault } from "./nats-fault.ts";
import type { NatsState } from "./nats-state.ts";
import type { LogStream } from "./subjects.ts";

/** By stream id: as the server said it, and what this process added since. */
export type SpaceTable = Map<string, Space>;

export interface Space {
  readonly atMs: number;
  sizeBytes: number;
}

/** Throws `full`. Other relays' appends of the last second may come on top. */
export async function assertRoom(
  state: NatsState,
  stream: LogStream,
  sizeBytes: number,
): Promise<void> {
  const { space, settings, monotonicMs, streams } = state;
  const { streamMaxBytes } = settings;
  if (streamMaxBytes === undefined) return;
  let known = space.get(stream.id);
  if (!known || monotonicMs() - known.atMs > spaceMaxAgeMs) {
    const info = await streams.confirm(stream);
    known = { atMs: monotonicMs(), sizeBytes: info?.state.bytes ?? 0 };
    space.set(stream.id, known);
  }
  if (known.sizeBytes + sizeBytes > streamMaxBytes) {
    throw new NatsFault("full", `${stream.name} holds ${known.sizeBytes} bytes`);
  }
  known.sizeBytes += sizeBytes + overheadBytes;
}

const spaceMaxAgeMs = 1_000;
/** Subject, headers and record of a message, about. */
const overheadBytes = 500;
