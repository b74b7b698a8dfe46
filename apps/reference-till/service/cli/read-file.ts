/**
 * Files that are named on the command line.
 *
 * @module
 */

import fs from "node:fs";
import type { JsonObject } from "@tillmesh/kernel";
import { CommandError } from "./output.ts";

export function readText(file: string): string {
  try {
    return fs.readFileSync(file, "utf8");
  } catch (error) {
    throw new CommandError(
      `${file} cannot be read: ${error instanceof Error ? error.message : ""}`,
    );
  }
}

/** An object, as settings are. */
export function readJson(file: string): JsonObject {
  try {
    return JSON.parse(readText(file)) as JsonObject;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new CommandError(`${file} is not JSON: ${error.message}`);
  }
}
