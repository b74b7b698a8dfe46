/**
 * Follows the service's events: resumes where it was, waits longer after each failure.
 *
 * @module
 */

import type { Api } from "./client.ts";
import { readStream, streamStart, type StreamEvent, type StreamState } from "./event-stream.ts";
import { retryDelayMs } from "./outbox.ts";

export interface LiveOptions {
  readonly api: Pick<Api, "stream">;
  readonly onEvent: (event: StreamEvent) => void;
  readonly onState: (isLive: boolean) => void;
}

/** Returns how to stop. */
export function followEvents(options: LiveOptions): () => void {
  const controller = new AbortController();
  void follow(options, controller.signal);
  return () => controller.abort();
}

async function follow(options: LiveOptions, signal: AbortSignal): Promise<void> {
  let lastId: string | undefined;
  for (let failures = 0; !signal.aborted;) {
    const followed = await followOnce(options, lastId, signal);
    failures = followed.isHeard ? 0 : failures + 1;
    lastId = followed.lastId;
    options.onState(false);
    await pause(retryDelayMs(failures + 1), signal);
  }
}

async function followOnce(
  { api, onEvent, onState }: LiveOptions,
  lastId: string | undefined,
  signal: AbortSignal,
): Promise<{ readonly isHeard: boolean; readonly lastId: string | undefined }> {
  let state: StreamState = { ...streamStart, lastId };
  let isHeard = false;
  try {
    const headers: Record<string, string> = lastId === undefined ? {} : { "last-event-id": lastId };
    const response = await api.stream("/events", headers, signal);
    if (!response.ok || response.body === null) return { isHeard, lastId };
    onState(true);
    const decoder = new TextDecoder();
    for await (const bytes of piecesOf(response.body)) {
      isHeard = true;
      const read = readStream(state, decoder.decode(bytes, { stream: true }));
      ({ state } = read);
      for (const event of read.events) onEvent(event);
    }
  } catch {
    // A connection that ends is nothing to report: the state says so, and the loop tries again.
  }
  return { isHeard, lastId: state.lastId };
}

async function* piecesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
