/**
 * The files of an identity on a real disk.
 *
 * @module
 */

import { chmodSync } from "node:fs";
import { identityFiles } from "../identity/identity-files.ts";
import type { IdentityFiles } from "../identity/identity-directory.ts";
import type { Files } from "../storage/files.ts";

/** Secrets are readable to their owner only, from their first byte on. */
export function deviceIdentityFiles(files: Files): IdentityFiles {
  return identityFiles(files, chmodSync);
}
