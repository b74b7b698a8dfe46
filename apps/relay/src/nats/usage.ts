/**
 * What an organisation's streams hold: by publisher for quotas, and which channels.
 *
 * Each envelope's mark says how much its chain had taken up with it, and a chain's released mark how much of that went. So
 * the newest of each chain is enough to know.
 *
 * @module
 */

import { hex } from "@tillmesh/kernel";
import { lanes, type Envelope } from "@tillmesh/sync-engine/relay-protocol";
import type { Usage } from "../log-store.ts";
import type { StreamOwner } from "./log-streams.ts";
import { readMark } from "./mark.ts";
import type { NatsState } from "./nats-state.ts";
import { readChainSubject, type LogStream } from "./subjects.ts";
import { walkHeaders } from "./walk.ts";

/** By organisation; what is known is good for a while. */
export type UsageTable = Map<string, Promise<CountedUsage>>;

export interface CountedUsage {
  readonly atMs: number;
  readonly logs: Set<string>;
  readonly sizeBytesByDevice: Map<string, number>;
  envelopes: number;
  sizeBytes: number;
}

export async function usageOf(state: NatsState, organisation: string): Promise<Usage> {
  const known = await state.usage.get(organisation);
  const { monotonicMs, settings } = state;
  if (known && monotonicMs() - known.atMs < settings.usageMaxAgeMs) return told(known);
  const counting = count(state, organisation);
  state.usage.set(organisation, counting);
  counting.catch(() => state.usage.delete(organisation));
  return told(await counting);
}

/** An envelope of this process. Those of others are seen when it is counted again. */
export function countAppended(table: UsageTable, organisation: string, envelope: Envelope): void {
  const { header, bytes } = envelope;
  const log = `${header.lane} ${hex(header.channel)}`;
  const add = (usage: CountedUsage): void => {
    addTo(usage, { log, publisher: header.publisher, envelopes: 1, sizeBytes: bytes.length });
  };
  table.get(organisation)?.then(add, () => undefined);
}

/** In the order of their bytes. */
export async function channelsOf(
  state: NatsState,
  organisation: string,
): Promise<readonly Uint8Array[]> {
  const channels = new Map<string, Uint8Array>();
  for (const lane of lanes) {
    const stream = await confirmed(state, { organisation, lane });
    if (!stream) continue;
    const { streams } = state.link.manager;
    const info = await streams.info(stream.name, { subjects_filter: `${stream.root}.e.>` });
    for (const subject of Object.keys(info.state.subjects ?? {})) {
      const read = readChainSubject(stream, subject);
      if (read) channels.set(hex(read.channel), read.channel);
    }
  }
  return [...channels.keys()].toSorted().map((key) => channels.get(key)!);
}

function told({ envelopes, sizeBytes, sizeBytesByDevice, logs }: CountedUsage): Usage {
  return { envelopes, sizeBytes, logs: logs.size, sizeBytesByDevice: new Map(sizeBytesByDevice) };
}

/** What is remembered may be gone, and a walk needs it. */
async function confirmed(
  { streams }: NatsState,
  owner: StreamOwner,
): Promise<LogStream | undefined> {
  const stream = await streams.find(owner);
  if (!stream || (await streams.confirm(stream))) return stream;
  return streams.find(owner);
}

async function count(state: NatsState, organisation: string): Promise<CountedUsage> {
  const usage: CountedUsage = {
    atMs: state.monotonicMs(),
    logs: new Set(),
    sizeBytesByDevice: new Map(),
    envelopes: 0,
    sizeBytes: 0,
  };
  for (const lane of lanes) {
    const stream = await confirmed(state, { organisation, lane });
    if (stream) await countStream(state, stream, { lane, usage });
  }
  return usage;
}

async function countStream(
  { link }: NatsState,
  stream: LogStream,
  { lane, usage }: { readonly lane: number; readonly usage: CountedUsage },
): Promise<void> {
  const { root, isAging } = stream;
  const live = new Set<string>();
  const countOne = (subject: string, part: { envelopes: number; sizeBytes: number }): void => {
    const read = readChainSubject(stream, subject);
    if (!read) return;
    const log = `${lane} ${hex(read.channel)}`;
    addTo(usage, { log, publisher: read.publisher, ...part });
    live.add(read.chain);
  };
  await walkHeaders(link, stream, {
    filter: `${root}.e.>`,
    which: isAging ? "all" : "last",
    each: ({ subject, headers }) => {
      const mark = readMark(headers);
      if (!mark) return true;
      const { chainCount, chainBytes, sizeBytes } = mark;
      // What aged away is in no mark, so here each one is counted.
      countOne(
        subject,
        isAging ? { envelopes: 1, sizeBytes } : { envelopes: chainCount, sizeBytes: chainBytes },
      );
      return true;
    },
  });
  if (isAging) return;
  await walkHeaders(link, stream, {
    filter: `${root}.t.>`,
    which: "last",
    each: ({ subject, headers }) => {
      const mark = readMark(headers);
      const chain = readChainSubject(stream, subject)?.chain;
      if (!mark || chain === undefined || !live.has(chain)) return true;
      countOne(subject, { envelopes: -mark.chainCount, sizeBytes: -mark.chainBytes });
      return true;
    },
  });
}

interface Part {
  readonly log: string;
  readonly publisher: string;
  readonly envelopes: number;
  readonly sizeBytes: number;
}

function addTo(usage: CountedUsage, { log, publisher, envelopes, sizeBytes }: Part): void {
  usage.logs.add(log);
  usage.envelopes += envelopes;
  usage.sizeBytes += sizeBytes;
  const before = usage.sizeBytesByDevice.get(publisher) ?? 0;
  usage.sizeBytesByDevice.set(publisher, before + sizeBytes);
}
