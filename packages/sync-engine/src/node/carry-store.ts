/**
 * Texts of carries on the disk, by hash: this device's own and those it took from others. SPEC.md §5 (CW).
 *
 * @module
 */

import { ok, type Result } from "@tillmesh/kernel";
import type { CarryTexts } from "../replica/ports.ts";
import type { SealedRef, SealedStore, SealedWriteError } from "../storage/node/sealed-store.ts";

export interface CarryStore extends CarryTexts {
  /** Durable when it answers ok. The name is that of the part with which the carry ends. */
  write(name: string, bytes: Uint8Array): Promise<Result<SealedRef, SealedWriteError>>;
  refs(): readonly SealedRef[];
}

export function createCarryStore(store: SealedStore): CarryStore {
  const refs = new Map(store.list().map((ref) => [ref.sha256, ref]));
  return {
    read: async ({ device, incarnation, sha256 }) => {
      const ref = refs.get(sha256);
      if (!ref?.name.startsWith(`${device}/${incarnation}/`)) return undefined;
      const read = await store.read(ref);
      return read.ok ? read.value : undefined;
    },
    write: async (name, bytes) => {
      const written = await store.write(name, bytes);
      if (!written.ok) return written;
      refs.set(written.value.sha256, written.value);
      return ok(written.value);
    },
    refs: () => [...refs.values()],
  };
}
