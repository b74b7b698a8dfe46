/**
 * The secrets of a stream, if those that lie here are its own.
 *
 * A device that came back from a backup has new test keys under the old names. What they would decrypt of its earlier streams is nonsense,
 * and would look like a fault of those; without the secrets those are checked for all that does not need them.
 *
 * @module
 */

import type { StreamConfig } from "@tillmesh/fiscal-queue";
import type { KeyRing } from "./key-files.ts";

export function secretsOf(
  { secrets, publicKeys }: Pick<KeyRing, "secrets" | "publicKeys">,
  { keys }: Pick<StreamConfig, "keys">,
): KeyRing["secrets"] {
  const isOther =
    publicKeys.size > 0 &&
    keys.every(({ publicKey }) => publicKey !== undefined && !publicKeys.has(publicKey));
  return isOther && keys.length > 0 ? {} : secrets;
}
