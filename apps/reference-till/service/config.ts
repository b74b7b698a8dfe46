/**
 * What the environment may set, read once.
 *
 * @module
 */

import path from "node:path";
import { levels, type LogLevel } from "./logger.ts";

export interface Config {
  readonly logLevel: LogLevel;
  readonly pagesFolder: string;
  readonly version: string;
}

export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const level = levels.find((one) => one === env["TILLMESH_LOG"]);
  return Object.freeze({
    logLevel: level ?? "info",
    pagesFolder: path.join(import.meta.dirname, "..", "ui", "dist"),
    version,
  });
}

const version = "0.1.0";
