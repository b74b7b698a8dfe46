/**
 * The channel keys of the device in a directory. SPEC.md §10 (KF).
 *
 *     identity/channel-keys.json   0600, replaced as a whole
 *
 * The holder of the CA derives every key; the file tells it the epoch and whom it shut out.
 *
 * @module
 */

import { err, ok, utf8, type Crypto, type Result } from "@tillmesh/kernel";
import {
  deriveChannelKey,
  newChannelMaster,
  type ChannelMaster,
} from "../identity/channel-keys.ts";
import type { EnvelopeError } from "../identity/envelope.ts";
import type { Identity } from "../identity/identity.ts";
import { writeChannelMaster } from "../identity/identity-directory.ts";
import {
  addKeys,
  emptyKeyRing,
  keyIn,
  keyRingToText,
  newestEpoch,
  noteEpoch,
  parseKeyRing,
  type GivenKeys,
  type KeyRing,
} from "../identity/key-ring.ts";
import type { ChannelName } from "../relay-protocol/channel.ts";
import type { Files } from "../storage/files.ts";
import { deviceIdentityFiles } from "./identity-place.ts";

/** Every call that changes something is durable on return, and throws when the disk fails. */
export interface ChannelKeys {
  /** The newest epoch that this device knows of. */
  readonly epoch: number;
  /** At the CA's holder: what all keys follow from. Secret. */
  readonly master: ChannelMaster | undefined;
  /** At the CA's holder: who was given nothing of the current epoch. */
  readonly excluded: readonly string[];
  /** To read with. Undefined: not given, or not yet. */
  keyOf(channel: ChannelName, epoch: number): Uint8Array | undefined;
  /** To write with: the newest there is. */
  epochOf(channel: ChannelName): number | undefined;
  /** Keys that HQ gave. Says whether any is new. */
  add(given: GivenKeys): boolean;
  /** An epoch that was heard of. */
  note(epoch: number): void;
  /** At the CA's holder: from now on nobody in `excluded` is given a key. */
  begin(epoch: number, excluded: readonly string[]): void;
}

export interface ChannelKeysPlace {
  readonly files: Files;
  readonly directory: string;
  readonly crypto: Crypto;
}

/** Opens the ring; at the CA's holder makes the master of an organisation that has none yet. */
export function openChannelKeys(
  place: ChannelKeysPlace,
  identity: Pick<Identity, "organisation" | "caPrivateKeyPem" | "channelMaster">,
): Result<ChannelKeys, ChannelKeysError> {
  const read = readRing(place);
  if (!read.ok) return read;
  const ring = read.value ?? emptyKeyRing;
  if (identity.caPrivateKeyPem === undefined) return ok(keysOf(place, { ring }));
  const { channelMaster } = identity;
  if (channelMaster === undefined && ring.holdsMaster) {
    return err({ type: "IdentityFileMissing", missing: ["ca/channels.key"] });
  }
  const master = channelMaster ?? newChannelMaster(place.crypto.randomBytes);
  if (channelMaster === undefined) writeChannelMaster(filesOf(place), master, place.crypto);
  const held = { ...ring, holdsMaster: true };
  if (!ring.holdsMaster) writeRing(place, held);
  const organisation = identity.organisation.id;
  const derived = new Map<string, Uint8Array>();
  const derive = (channel: ChannelName, epoch: number): Uint8Array => {
    const known = derived.get(`${channel} ${epoch}`);
    const key = known ?? deriveChannelKey(master, { organisation, channel, epoch });
    derived.set(`${channel} ${epoch}`, key);
    return key;
  };
  return ok(keysOf(place, { ring: held, derive, master }));
}

export type ChannelKeysError =
  | { readonly type: "ChannelKeysFile"; readonly cause: EnvelopeError }
  | { readonly type: "IdentityFileMissing"; readonly missing: readonly string[] };

export function writeRing(place: ChannelKeysPlace, ring: KeyRing): void {
  const { files, directory } = filesOf(place);
  files.makeDirectory(`${directory}/identity`);
  const text = keyRingToText(ring, place.crypto);
  files.writeFileAtomic(`${directory}/${ringFile}`, utf8(text), 0o600);
}

export const ringFile = "identity/channel-keys.json";
const ringMaxSizeBytes = 8 * 1024 * 1024;

function readRing(place: ChannelKeysPlace): Result<KeyRing | undefined, ChannelKeysError> {
  const bytes = place.files.readFile(`${place.directory}/${ringFile}`, ringMaxSizeBytes);
  if (bytes === null) return ok(undefined);
  const parsed = parseKeyRing(new TextDecoder().decode(bytes), place.crypto);
  return parsed.ok ? parsed : err({ type: "ChannelKeysFile", cause: parsed.error });
}

interface Held {
  readonly ring: KeyRing;
  readonly derive?: (channel: ChannelName, epoch: number) => Uint8Array;
  readonly master?: ChannelMaster;
}

function keysOf(place: ChannelKeysPlace, { ring: first, derive, master }: Held): ChannelKeys {
  let ring = first;
  const replace = (next: KeyRing): boolean => {
    if (next === ring) return false;
    writeRing(place, next);
    ring = next;
    return true;
  };
  const keyOf: ChannelKeys["keyOf"] = (channel, epoch) => {
    if (!derive) return keyIn(ring, channel, epoch);
    return epoch >= 1 && epoch <= ring.epoch ? derive(channel, epoch) : undefined;
  };
  return {
    get epoch() {
      return ring.epoch;
    },
    get excluded() {
      return ring.excluded;
    },
    master,
    keyOf,
    epochOf: (channel) => (derive ? ring.epoch : newestEpoch(ring, channel)),
    add: (given) => replace(addKeys(ring, given)),
    note: (epoch) => void replace(noteEpoch(ring, epoch)),
    begin: (epoch, excluded) => void replace({ ...noteEpoch(ring, epoch), excluded }),
  };
}

function filesOf({ files, directory }: ChannelKeysPlace) {
  return { files: deviceIdentityFiles(files), directory };
}
