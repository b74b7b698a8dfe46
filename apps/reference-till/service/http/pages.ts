/**
 * The pages: files of one folder, known at start, with the rest of the paths going to the index.
 *
 * Only files found when the service starts are served, so a path can never leave the folder.
 *
 * @module
 */

import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";

export interface PageFile {
  readonly path: string;
  readonly type: string;
  readonly etag: string;
  /** The name holds a hash of the content. */
  readonly isImmutable: boolean;
}

export interface Pages {
  /** The file for a request path; the index for paths of the application; undefined otherwise. */
  find(urlPath: string): PageFile | undefined;
}

export function readPages(folder: string): Pages {
  const files = new Map<string, PageFile>();
  for (const file of filesIn(folder)) {
    files.set(`/${path.relative(folder, file).split(path.sep).join("/")}`, pageFile(file));
  }
  const index = files.get("/index.html");
  return {
    find: (urlPath) => {
      const file = files.get(urlPath);
      if (file !== undefined) return file;
      // A path with an extension names a file that is not there; any other is the application's.
      return path.posix.extname(urlPath) === "" ? index : undefined;
    },
  };
}

/** Pages may load what this service serves, and nothing else. */
export const pageHeaders: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; " +
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

const filesMax = 2000;

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".txt": "text/plain; charset=utf-8",
};

function filesIn(folder: string): readonly string[] {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
    .slice(0, filesMax)
    .map((entry) => path.join(entry.parentPath, entry.name));
}

function pageFile(file: string): PageFile {
  const hash = createHash("sha256").update(fs.readFileSync(file)).digest("base64url");
  return {
    path: file,
    type: types[path.extname(file)] ?? "application/octet-stream",
    etag: `"${hash.slice(0, 22)}"`,
    isImmutable:
      /[-.][A-Za-z0-9_-]{8,}\.\w+$/.test(file) && path.basename(path.dirname(file)) === "assets",
  };
}
