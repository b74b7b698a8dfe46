/**
 * Single messages of a stream: from any replica where that is enough, from the leader where it is not.
 *
 * @module
 */

import type { StoredMsg } from "@nats-io/jetstream";
import { isNoResponders, isNotFound } from "./nats-fault.ts";
import type { NatsState } from "./nats-state.ts";
import type { LogStream } from "./subjects.ts";

export interface NextQuery {
  readonly seq: number;
  readonly next_by_subj: string;
}

export type MessageQuery = NextQuery | { readonly seq: number } | { readonly last_by_subj: string };

/** As the leader of the stream knows it. Undefined: no such message, or the stream is gone. */
export async function leaderMessage(
  state: NatsState,
  stream: LogStream,
  query: MessageQuery,
): Promise<StoredMsg | undefined> {
  try {
    const { ask, manager } = state.link;
    return ofStream(stream, await ask(async () => manager.streams.getMessage(stream.name, query)));
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await state.streams.confirm(stream);
    return undefined;
  }
}

/** From whichever replica answers: it may not know the newest yet. */
export async function anyMessage(
  state: NatsState,
  stream: LogStream,
  query: MessageQuery,
): Promise<StoredMsg | undefined> {
  try {
    const { ask, manager } = state.link;
    return ofStream(stream, await ask(async () => manager.direct.getMessage(stream.name, query)));
  } catch (error) {
    if (!isNoResponders(error)) throw error;
    if (await state.streams.confirm(stream)) throw error;
    return undefined;
  }
}

/**
 * The first message at or after `from`. A replica that says there is none is believed only if none is known.
 * All who ask for the same at the same time share the answer: many readers of one log wait at one place.
 */
export async function nextMessage(
  state: NatsState,
  stream: LogStream,
  { filter, from }: { readonly filter: string; readonly from: number },
): Promise<StoredMsg | undefined> {
  const query: NextQuery = { seq: from, next_by_subj: filter };
  const key = `${from} ${filter}`;
  const under = state.reading.get(key);
  if (under) return (await under) ?? undefined;
  const ask = async (): Promise<StoredMsg | null> => {
    try {
      const found = await anyMessage(state, stream, query);
      if (found || (state.newest.get(filter) ?? 0) < from) return found ?? null;
      return (await leaderMessage(state, stream, query)) ?? null;
    } finally {
      state.reading.delete(key);
    }
  };
  const asked = ask();
  state.reading.set(key, asked);
  return (await asked) ?? undefined;
}

/** A stream that came after has the same name and other subjects. */
function ofStream({ root }: LogStream, message: StoredMsg | null): StoredMsg | undefined {
  return message?.subject.startsWith(`${root}.`) ? message : undefined;
}
