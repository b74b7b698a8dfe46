/**
 * Streams of organisations and lanes: found, made on first use, and known again when they are others.
 *
 * @module
 */

import { DiscardPolicy, RetentionPolicy, StorageType, type StreamInfo } from "@nats-io/jetstream";
import { hex, type Crypto } from "@tillmesh/kernel";
import type { Lane } from "@tillmesh/sync-engine/relay-protocol";
import { isNameInUse, isNotFound, NatsFault } from "./nats-fault.ts";
import type { NatsLink } from "./nats-link.ts";
import type { NatsSettings } from "./settings.ts";
import { noticesRoot, streamIdIn, streamName, streamRoot, type LogStream } from "./subjects.ts";

export interface LogStreams {
  /** Makes it, if it is not there. */
  readonly open: (owner: StreamOwner) => Promise<LogStream>;
  readonly find: (owner: StreamOwner) => Promise<LogStream | undefined>;
  /** Asks the server whether it is still this one; forgets it otherwise. */
  readonly confirm: (stream: LogStream) => Promise<StreamInfo | undefined>;
}

export interface StreamOwner {
  readonly organisation: string;
  readonly lane: Lane;
}

export interface StreamsOptions {
  readonly link: NatsLink;
  readonly settings: NatsSettings;
  readonly crypto: Pick<Crypto, "sha256" | "randomBytes">;
}

/** One stream per trusted organisation and lane is remembered. */
export function createLogStreams(options: StreamsOptions): LogStreams {
  const { link, settings, crypto } = options;
  const known = new Map<string, LogStream>();
  const opening = new Map<string, Promise<LogStream>>();
  const nameOf = (owner: StreamOwner): string => streamName(settings.prefix, owner, crypto);
  const find = async (name: string): Promise<LogStream | undefined> => {
    const info = await infoOf(link, name);
    const stream = info && streamOf(info, settings.prefix);
    if (stream) known.set(name, stream);
    return stream;
  };
  const openOnce = async (name: string): Promise<LogStream> => {
    try {
      return (await find(name)) ?? (await makeStream(name, options, find));
    } finally {
      opening.delete(name);
    }
  };
  return {
    open: async (owner) => {
      const name = nameOf(owner);
      const stream = known.get(name);
      if (stream) return stream;
      const under = opening.get(name) ?? openOnce(name);
      opening.set(name, under);
      return under;
    },
    find: async (owner) => known.get(nameOf(owner)) ?? find(nameOf(owner)),
    confirm: async (stream) => {
      const info = await infoOf(link, stream.name);
      const now = info && streamOf(info, settings.prefix);
      if (now?.id === stream.id) return info;
      if (known.get(stream.name)?.id === stream.id) known.delete(stream.name);
      return undefined;
    },
  };
}

async function infoOf(link: NatsLink, name: string): Promise<StreamInfo | undefined> {
  try {
    return await link.ask(async () => link.manager.streams.info(name));
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function streamOf({ config }: StreamInfo, prefix: string): LogStream {
  const id = streamIdIn(prefix, config.subjects);
  if (id === undefined) {
    throw new NatsFault("foreign-stream", `stream ${config.name} was not made by a relay`);
  }
  return {
    name: config.name,
    id,
    root: streamRoot(prefix, id),
    notices: noticesRoot(prefix, id),
    isAging: config.max_age > 0,
  };
}

async function makeStream(
  name: string,
  { link, settings, crypto }: StreamsOptions,
  find: (name: string) => Promise<LogStream | undefined>,
): Promise<LogStream> {
  const id = hex(crypto.randomBytes(16));
  const root = streamRoot(settings.prefix, id);
  try {
    const config = {
      name,
      subjects: [`${root}.>`],
      storage: StorageType.File,
      retention: RetentionPolicy.Limits,
      discard: DiscardPolicy.New,
      // What was answered "stored" is never pushed out by what is new: see stream-space.ts.
      max_bytes: -1,
      max_age: nanosOf(settings.ageMaxMs ?? 0),
      num_replicas: settings.replicas,
      duplicate_window: nanosOf(settings.duplicateWindowMs),
      allow_direct: true,
      allow_rollup_hdrs: true,
      republish: {
        src: `${root}.e.>`,
        dest: `${noticesRoot(settings.prefix, id)}.>`,
        headers_only: true,
      },
    };
    await link.ask(async () => link.manager.streams.add(config));
  } catch (error) {
    // Another relay was faster, with an id of its own.
    if (!isNameInUse(error)) throw error;
  }
  const made = await find(name);
  if (!made) throw new NatsFault("no-stream", `stream ${name} went away at once`);
  return made;
}

function nanosOf(ms: number): number {
  return ms * 1_000_000;
}
