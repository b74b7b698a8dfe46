/**
 * Reads sealed parts in one turn, from whichever copy is whole. SPEC.md §6 (RT).
 *
 * @module
 */

import { gunzipSync } from "node:zlib";
import { hex, type Crypto } from "@tillmesh/kernel";
import type { SealedPart } from "../documents/sealed-part.ts";
import type { SealedTexts } from "../replica/ports.ts";
import type { Files } from "../storage/files.ts";
import { sealedSizeMaxBytes } from "../storage/node/sealed-store.ts";

/** `onDamaged` is told when the first copy was not whole: the store repairs it when it reads it. */
export function createSealedTexts(options: {
  readonly files: Files;
  readonly directory: string;
  readonly crypto: Pick<Crypto, "sha256">;
  readonly onDamaged: (part: SealedPart) => void;
}): SealedTexts {
  const { files, directory, crypto, onDamaged } = options;
  return {
    read: (part) => {
      const file = `${sealedName(part)}-${part.sha256}.gz`;
      for (const path of [`${directory}/${file}`, `${directory}/mirror/${file}`]) {
        const text = unpack(readIfPossible(files, path));
        if (text && hex(crypto.sha256(text)) === part.sha256) return new TextDecoder().decode(text);
        onDamaged(part);
      }
      return undefined;
    },
  };
}

/** The name under which the sealed store keeps a part. */
export function sealedName({ name }: SealedPart): string {
  return `${name.device}/${name.incarnation}/${name.part}`;
}

/** A copy that cannot be read is as good as none: the other one is tried. */
function readIfPossible(files: Files, path: string): Uint8Array | null {
  try {
    return files.readFile(path, sealedSizeMaxBytes);
  } catch {
    return null;
  }
}

/** A part in a few pieces: with the small ones of Node most of the time goes into joining them. */
const chunkSize = 524_288;

function unpack(bytes: Uint8Array | null): Uint8Array | undefined {
  if (!bytes) return undefined;
  try {
    return gunzipSync(bytes, { maxOutputLength: sealedSizeMaxBytes, chunkSize });
  } catch {
    return undefined;
  }
}
