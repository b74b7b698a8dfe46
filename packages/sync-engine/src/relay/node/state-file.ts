/**
 * What a device remembers of its relay, on its disk: `relay/state.json`. SPEC.md §8a (SV).
 *
 * @module
 */

import { canonicalJson, parseJson, utf8, type Json } from "@tillmesh/kernel";
import { writeFileAtomic, type Files } from "../../storage/files.ts";
import { readSavedCourier, type SavedCourier } from "../saved.ts";

export interface RelayMemory {
  /** Base64url: the key that answered at this URL first. */
  readonly relayKey: string;
  readonly courier: SavedCourier;
}

export interface StateFilePlace {
  readonly files: Files;
  readonly directory: string;
}

/** Of this URL; undefined if there is none, or it cannot be read. */
export function readRelayMemory(place: StateFilePlace, url: string): RelayMemory | undefined {
  const bytes = readIfPossible(place);
  const parsed = bytes && parseJson(new TextDecoder().decode(bytes), { maxBytes: sizeMaxBytes });
  const value = parsed?.ok === true ? (parsed.value as StateFile | null) : null;
  if (value?.v !== 1 || value.url !== url || typeof value.relayKey !== "string") return undefined;
  const courier = readSavedCourier(value.courier);
  return courier && { relayKey: value.relayKey, courier };
}

export function writeRelayMemory(
  { files, directory }: StateFilePlace,
  url: string,
  { relayKey, courier }: RelayMemory,
): void {
  const state: StateFile = { v: 1, url, relayKey, courier };
  writeFileAtomic(files, pathIn(directory), utf8(canonicalJson(state)));
}

type StateFile = {
  readonly v: 1;
  readonly url: string;
  readonly relayKey: string;
  readonly courier: Json;
};

const sizeMaxBytes = 67_108_864;

function pathIn(directory: string): string {
  return `${directory}/relay/state.json`;
}

function readIfPossible({ files, directory }: StateFilePlace): Uint8Array | null {
  try {
    return files.readFile(pathIn(directory), sizeMaxBytes);
  } catch {
    return null;
  }
}
