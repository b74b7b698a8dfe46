/**
 * The files backend: all logs in one row of segment files, with group commit. SPEC.md (FB).
 *
 * @module
 */

import { err, hex, ok, type Result } from "@tillmesh/kernel";
import { fileFault } from "@tillmesh/sync-engine/storage";
import type {
  AppendError,
  LogHead,
  LogName,
  LogStore,
  Place,
  Span,
  Stored,
  StoreFault,
  StoreHealth,
  Usage,
} from "../log-store.ts";
import { agedOffsetOf, clean } from "./cleaning.ts";
import { closedFault, request, type GroupCommit } from "./group-commit.ts";
import { logKey, placeOf, type LogIndex, type SegmentPlace } from "./log-index.ts";
import { createRecent, recentAt, recentSizeBytes } from "./recent.ts";
import { recover, type Recovered, type RecoverOptions, type RecoveryError } from "./recovery.ts";
import { envelopeOverheadBytes, readBody } from "./segment-record.ts";
import { closeSegments, readRecord, type Stretch } from "./segments.ts";
import {
  logOf,
  organisationOf,
  releaseEnvelopes,
  rememberedLog,
  type OrganisationState,
  type StoreState,
} from "./store-state.ts";

export interface FilesStore extends LogStore {
  readonly found: Omit<Recovered, "state">;
  /** Lets go of what is too old, and gives space back; the relay calls it now and then. */
  readonly upkeep: () => Promise<void>;
}

/** Opens the logs in a directory, which belongs to this process alone: the caller holds its lock. */
export function openFilesStore(options: RecoverOptions): Result<FilesStore, OpenFilesError> {
  try {
    const recovered = recover(options);
    if (!recovered.ok) return recovered;
    const { state, ...found } = recovered.value;
    return ok({ ...createStore(state), found });
  } catch (error) {
    return err({ type: "FileFault", directory: options.directory, ...fileFault(error) });
  }
}

export type OpenFilesError =
  | RecoveryError
  | {
      readonly type: "FileFault";
      readonly directory: string;
      readonly code: string;
      readonly message: string;
    };

interface Open {
  readonly state: StoreState;
  readonly commit: GroupCommit;
  cleaning: Promise<void> | undefined;
}

function createStore(state: StoreState): Omit<FilesStore, "found"> {
  const commit: GroupCommit = {
    state,
    recent: createRecent(state.settings.recentSizeBytes),
    hashAt: (log, offset) => hashAt(open, log, offset),
    waiting: [],
    isBusy: false,
    space: { freeBytes: Number.MAX_SAFE_INTEGER, atMs: Number.NEGATIVE_INFINITY },
    idle: Promise.resolve(),
  };
  const open: Open = { state, commit, cleaning: undefined };
  return {
    append: (organisation, envelope) =>
      guarded(
        open,
        () =>
          new Promise<Result<Place, AppendError>>((answer) =>
            request(commit, { type: "envelope", organisation, envelope, answer }),
          ),
      ),
    head: (name) => guarded(open, () => ok(headOf(logOf(state, name)))),
    read: (name, span) => guarded(open, async () => ok(await read(open, logOf(state, name), span))),
    hashAt: (name, offset) =>
      guarded(open, async () => ok(await hashAt(open, logOf(state, name), offset))),
    watch: async (name, onNew) => watch(state, name, onNew),
    channels: (organisation) => guarded(open, () => ok(channelsOf(state, organisation))),
    release: (name, logId, offset) =>
      guarded(open, () => release(open, logOf(state, name), { logId, offset })),
    revoke: (revocation) =>
      guarded(open, () => {
        const { revocations } = organisationOf(state, revocation.organisation);
        return new Promise((answer) =>
          request(commit, {
            type: "record",
            record: { type: "revocation", ...revocation },
            isDue: () => !revocations.has(revocation.device),
            onDone: () => {
              if (revocations.has(revocation.device)) return;
              revocations.set(revocation.device, revocation.statement);
              for (const onRevoked of state.revocationWatchers) onRevoked(revocation);
            },
            answer,
          }),
        );
      }),
    revocationOf: (organisation, device) =>
      guarded(open, () => ok(state.organisations.get(organisation)?.revocations.get(device))),
    watchRevocations: async (onRevoked) => {
      state.revocationWatchers.add(onRevoked);
      return () => void state.revocationWatchers.delete(onRevoked);
    },
    usage: (organisation) => guarded(open, () => ok(usageOf(state, organisation))),
    health: async () => healthOf(open),
    upkeep: () => upkeep(open),
    close: () => close(open),
  };
}

async function guarded<T, E>(
  { state }: Open,
  work: () => Result<T, E> | Promise<Result<T, E>>,
): Promise<Result<T, E | StoreFault>> {
  if (state.isClosed) return err(closedFault);
  try {
    return await work();
  } catch (error) {
    const { code, message } = fileFault(error);
    return err({ type: "Unavailable", code, detail: message });
  }
}

function headOf({ id, first, durableNext }: LogIndex): LogHead {
  return { id, first, next: durableNext };
}

async function read(
  open: Open,
  log: LogIndex,
  { from, sizeMaxBytes }: Span,
): Promise<readonly Stored[]> {
  const found: Stored[] = [];
  const overheadBytes = envelopeOverheadBytes(log.name.organisation);
  let left = sizeMaxBytes;
  let stretch: Stretch | undefined;
  for (let offset = Math.max(from, log.first); offset < log.durableNext; offset += 1) {
    const sizeBytes = (placeOf(log, offset)?.sizeBytes ?? 0) - overheadBytes;
    if (found.length > 0 && sizeBytes > left) break;
    const next = await readStored(open, { log, offset, stretch });
    // Released while the one before was read.
    if (next === undefined) break;
    stretch = next.stretch;
    found.push(next.stored);
    left -= sizeBytes;
  }
  return found;
}

interface Wanted {
  readonly log: LogIndex;
  readonly offset: number;
  readonly stretch: Stretch | undefined;
}

/** Undefined if it was released. Throws if it is damaged. */
async function readStored(
  { state, commit }: Open,
  { log, offset, stretch }: Wanted,
): Promise<{ readonly stored: Stored; readonly stretch: Stretch | undefined } | undefined> {
  for (;;) {
    const place = placeOf(log, offset);
    if (place === undefined) return undefined;
    const recent = recentAt(commit.recent, log, offset);
    if (recent) return { stored: recent, stretch };
    const found = await readRecord(state.segments, place, stretch);
    const body = found && readBody(found.record);
    if (body?.type === "envelope" && body.offset === offset) {
      const { bytes } = body;
      const stored = { offset, hash: state.crypto.sha256(bytes), bytes };
      return { stored, stretch: found?.stretch };
    }
    // Copied to another segment meanwhile: look there.
    if (isMoved(log, offset, place)) continue;
    const message = `a damaged record at ${place.at} of segment ${place.ordinal}`;
    throw Object.assign(new Error(message), { code: "DAMAGED" });
  }
}

function isMoved(log: LogIndex, offset: number, { ordinal, at }: SegmentPlace): boolean {
  const now = placeOf(log, offset);
  return now?.ordinal !== ordinal || now.at !== at;
}

async function hashAt(open: Open, log: LogIndex, offset: number): Promise<Uint8Array | undefined> {
  if (offset < 0 || offset >= log.durableNext) return undefined;
  if (offset === log.first - 1) return log.borderHash;
  return (await readStored(open, { log, offset, stretch: undefined }))?.stored.hash;
}

function watch(state: StoreState, name: LogName, onNew: () => void): () => void {
  const log = rememberedLog(state, name);
  log.watchers.add(onNew);
  return () => {
    log.watchers.delete(onNew);
    if (log.watchers.size > 0 || log.next > 0) return;
    state.logs.delete(logKey(name));
    organisationOf(state, name.organisation).logs.delete(log);
  };
}

function channelsOf(state: StoreState, organisation: string): readonly Uint8Array[] {
  const byText = new Map<string, Uint8Array>();
  for (const { name, durableNext } of state.organisations.get(organisation)?.logs ?? []) {
    if (durableNext > 0) byText.set(hex(name.channel), name.channel);
  }
  return [...byText].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, channel]) => channel);
}

async function release(
  open: Open,
  log: LogIndex,
  { logId, offset }: { readonly logId: Uint8Array; readonly offset: number },
): Promise<Result<void, StoreFault>> {
  const below = Math.min(offset, log.durableNext);
  if (hex(logId) !== hex(log.id) || below <= log.first) return ok(undefined);
  const hash = await hashAt(open, log, below - 1);
  if (hash === undefined) return ok(undefined);
  const { organisation, channel, lane } = log.name;
  const released = await new Promise<Result<void, StoreFault>>((answer) =>
    request(open.commit, {
      type: "record",
      record: { type: "release", organisation, channel, lane, offset: below, hash },
      isDue: () => below > log.first,
      onDone: () => {
        if (below > log.first) releaseEnvelopes(open.state, log, { offset: below, hash });
      },
      answer,
    }),
  );
  cleanLater(open);
  return released;
}

function usageOf({ organisations }: StoreState, organisation: string): Usage {
  const owner = organisations.get(organisation) ?? nobody;
  const { envelopes, sizeBytes, sizeBytesByDevice } = owner;
  const logs = [...owner.logs].filter(({ next }) => next > 0).length;
  return { envelopes, sizeBytes, sizeBytesByDevice: new Map(sizeBytesByDevice), logs };
}

const nobody: Pick<OrganisationState, "logs" | "envelopes" | "sizeBytes" | "sizeBytesByDevice"> = {
  logs: new Set(),
  envelopes: 0,
  sizeBytes: 0,
  sizeBytesByDevice: new Map(),
};

function healthOf({ state, commit }: Open): StoreHealth {
  const { segments, failure, settings } = state;
  const freeBytes = freeBytesOf(state);
  const all = [...segments.byOrdinal.values()];
  const gauges = {
    segments: all.length,
    disk_bytes: all.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    live_bytes: all.reduce((sum, { liveBytes }) => sum + liveBytes, 0),
    recent_bytes: recentSizeBytes(commit.recent),
    logs: state.logs.size,
    free_bytes: freeBytes,
  };
  if (failure) return { state: "failed", detail: `${failure.code}: ${failure.detail}`, gauges };
  if (state.isClosed) return { state: "failed", detail: "closed", gauges };
  const isFull = freeBytes < settings.freeMinBytes;
  return { state: isFull ? "full" : "ok", detail: isFull ? `${freeBytes} bytes free` : "", gauges };
}

/** 0 where it cannot be told. */
function freeBytesOf({ isClosed, files, directory }: StoreState): number {
  try {
    return isClosed ? 0 : files.freeBytes(directory);
  } catch {
    return 0;
  }
}

async function upkeep(open: Open): Promise<void> {
  const { state } = open;
  if (state.isClosed || state.failure) return;
  for (const log of state.logs.values()) {
    const offset = agedOffsetOf(state, log);
    if (offset !== undefined) await release(open, log, { logId: log.id, offset });
  }
  cleanLater(open);
  await open.cleaning;
}

/** One at a time. A failure to clean is seen when a segment cannot be written; nothing is lost by it. */
function cleanLater(open: Open): void {
  const { state } = open;
  open.cleaning ??= clean(open.commit)
    .catch((error: unknown) => {
      const { code, message } = fileFault(error);
      state.failure ??= { type: "Unavailable", code, detail: message };
    })
    .finally(() => {
      open.cleaning = undefined;
    });
}

async function close({ state, commit, cleaning }: Open): Promise<void> {
  if (state.isClosed) return;
  state.isClosed = true;
  await cleaning;
  await commit.idle;
  closeSegments(state.segments);
}
