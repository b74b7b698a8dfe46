/**
 * New keys and settings within an open stream: the chain goes on. SPEC.md §2 (FDO).
 *
 * A record says what is in force from the next document on. The config after it holds all keys that ever signed, so that the whole stream is
 * verified and exported with it. Records that are read twice, late or in another order give the same config.
 *
 * @module
 */

import { canonicalJson, err, ok, type JsonObject, type Result } from "@tillmesh/kernel";
import { streamIdOf, type StreamConfig, type StreamKey } from "./document.ts";
import type { Intent } from "./intent.ts";
import type { Rekeyed } from "./records.ts";
import type { Regime, SealFault, SettingsFault } from "./regime.ts";

export interface NewKeys {
  /** In the order of their use. Keys of before that are not among them are retired. */
  readonly keys: readonly StreamKey[];
  readonly settings: JsonObject;
  readonly atMs: number;
}

/** The record of the change; undefined where nothing changes, and refused while the device is still to be asked about a document. */
export function rekey(
  { config, intent }: { readonly config: StreamConfig; readonly intent?: Intent },
  { keys, settings, atMs }: NewKeys,
  regime: Pick<Regime, "open" | "settingsAfter">,
): Result<Rekeyed | undefined, SettingsFault> {
  if (intent !== undefined) return refused([fault("/keys", "intent", "a document is under way")]);
  const known = keyFaults(keys, config);
  if (known.length > 0) return refused(known);
  const after = regime.settingsAfter?.(config.settings, settings) ?? ok(settings);
  if (!after.ok) return after;
  const number = (config.change ?? 0) + 1;
  const stream = streamIdOf(config);
  const record = { type: "rekeyed", stream, number, keys, settings: after.value, atMs } as const;
  if (textOf(record) === textOf(inForce(config))) return ok(undefined);
  const opened = regime.open(configAfter(config, record));
  return opened.ok ? ok(record) : opened;
}

/** The config of a stream after a record of it. Of two changes made apart under one number the one whose text is smaller is in force. */
export function configAfter(config: StreamConfig, record: Rekeyed): StreamConfig {
  const now = inForce(config);
  const isNewer =
    record.number > now.number || (record.number === now.number && textOf(record) < textOf(now));
  const { number, keys, settings } = isNewer ? record : now;
  const active = new Set(keys.map(({ keyId }) => keyId));
  const others = [...config.keys, ...record.keys].filter(({ keyId }) => !active.has(keyId));
  const retired = others
    .map((key): StreamKey => ({ ...key, isRetired: true }))
    .toSorted((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1))
    .filter(({ keyId }, at, all) => all.findIndex((one) => one.keyId === keyId) === at);
  const next = { ...config, change: number, keys: [...retired, ...keys], settings };
  return canonicalJson(next) === canonicalJson(config) ? config : next;
}

/** Keys that may sign, in their order. */
export function keysInUse({ keys }: Pick<StreamConfig, "keys">): readonly StreamKey[] {
  return keys.filter(({ isRetired }) => isRetired !== true);
}

/** For `Regime.settingsAfter`: settings that hold for the whole life of a stream, whether they are said again or not. */
export function keptSettings(
  before: JsonObject,
  settings: JsonObject,
  names: readonly string[],
): Result<JsonObject, SettingsFault> {
  const faults = names.flatMap((name) => {
    const said = settings[name];
    const isOther =
      said !== undefined && canonicalJson(said) !== canonicalJson(before[name] ?? null);
    const detail = "holds for the whole life of a stream";
    return isOther ? [fault(`/settings/${name}`, "lifelong", detail)] : [];
  });
  if (faults.length > 0) return refused(faults);
  const kept = names.flatMap((name) => {
    const value = before[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return ok({ ...settings, ...Object.fromEntries(kept) });
}

type InForce = Pick<Rekeyed, "number" | "keys" | "settings">;

function inForce(config: StreamConfig): InForce {
  const { change: number = 0, settings } = config;
  return { number, keys: keysInUse(config), settings };
}

function textOf({ keys, settings }: InForce): string {
  return canonicalJson({ keys, settings });
}

// Documents name their key: under one name there must never be two.
function keyFaults(keys: readonly StreamKey[], config: StreamConfig): readonly SealFault[] {
  return keys.flatMap((key, at) => {
    const known = config.keys.find(({ keyId }) => keyId === key.keyId);
    const isTwice = keys.findIndex(({ keyId }) => keyId === key.keyId) < at;
    const isOther =
      known !== undefined &&
      (known.publicKey !== key.publicKey || known.certificate !== key.certificate);
    const detail = `"${key.keyId}" is the name of another key of this stream`;
    return isTwice || isOther ? [fault(`/keys/${at}/keyId`, "key-id", detail)] : [];
  });
}

function fault(pointer: string, code: string, detail: string): SealFault {
  return { pointer, code, detail };
}

function refused(faults: readonly SealFault[]): Result<never, SettingsFault> {
  return err({ type: "Settings", faults });
}
