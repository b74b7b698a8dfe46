/**
 * Files as the change log and the relay need them: checksums, atomic replacement, a lock. No document, no Automerge.
 *
 * @module
 */

export { crc32c } from "../crc32c.ts";
export {
  ensureDirectory,
  fileFault,
  isOutOfSpace,
  writeFileAtomic,
  type FileFault,
  type Files,
  type OpenFile,
} from "../files.ts";
export { lockDirectory, type DirectoryLock, type LockError } from "./directory-lock.ts";
export { nodeFiles } from "./node-files.ts";
