/**
 * The engine's file port, as an identity needs it.
 *
 * @module
 */

import { ensureDirectory, parentOf, type Files } from "../storage/files.ts";
import type { IdentityFiles } from "./identity-directory.ts";

/**
 * `restrict` sets a file's mode (chmod); it is called while the file is still
 * empty, so a secret is never readable to others.
 */
export function identityFiles(
  files: Files,
  restrict: (path: string, mode: number) => void,
): IdentityFiles {
  return {
    readFile: (path) => files.readFile(path, fileMaxBytes),
    makeDirectory: (path) => ensureDirectory(files, path),
    writeFileAtomic: (path, bytes, mode) => {
      const temporary = `${path}.tmp`;
      const file = files.openFile(temporary, "create");
      try {
        restrict(temporary, mode);
        file.writeAt(bytes, 0);
        file.datasync();
      } finally {
        file.close();
      }
      files.rename(temporary, path);
      files.syncDirectory(parentOf(path));
    },
  };
}

const fileMaxBytes = 64 * 1024;
