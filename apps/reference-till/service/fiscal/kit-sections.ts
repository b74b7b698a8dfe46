/**
 * Real fiscal keys of this device in a recovery kit. Test keys are left out: those are made anew.
 *
 * What comes back is kept for exports, for what still waits, and to be activated again; the device that has it now is another till.
 *
 * @module
 */

import fs from "node:fs";
import path from "node:path";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { assert } from "@tillmesh/kernel";
import { writePrivateFile } from "../identity/private-file.ts";
import {
  keyFolderOf,
  readActivations,
  writeRestoredActivations,
  type Activation,
} from "./key-files.ts";

/** By names that no other part of a kit has; none where there is nothing secret. */
export function fiscalSections(directory: string): Readonly<Record<string, string>> {
  const files: Record<string, string> = {};
  const activations = readActivations(directory).filter(({ isTest }) => !isTest);
  for (const folder of new Set(activations.map(keyFolderOf))) {
    const home = path.join(directory, "fiscal", folder);
    const names = fs.existsSync(home) ? fs.readdirSync(home) : [];
    for (const name of names.filter((one) => !one.endsWith(".tmp"))) {
      files[`${folder}/${name}`] = fs.readFileSync(path.join(home, name), "utf8");
    }
  }
  if (Object.keys(files).length === 0) return {};
  const kept: Kept = { v: 1, activations, files };
  // Paper is short, and certificates stand in both.
  const text = deflateRawSync(JSON.stringify(kept)).toString("base64");
  const count = Math.ceil(text.length / sectionLength);
  const pieces = Array.from({ length: count }, (_, at) => [
    nameOf(at),
    text.slice(at * sectionLength, (at + 1) * sectionLength),
  ]);
  return Object.fromEntries(pieces) as Readonly<Record<string, string>>;
}

/** Into the directory of the new device, readable by its user alone. */
export function restoreFiscal(
  directory: string,
  sections: Readonly<Record<string, string>>,
): readonly Activation[] {
  let text = "";
  for (let at = 0; sections[nameOf(at)] !== undefined; at += 1) text += sections[nameOf(at)];
  if (text === "") return [];
  const options = { maxOutputLength: contentMaxBytes };
  const content = inflateRawSync(Buffer.from(text, "base64"), options).toString("utf8");
  const { activations, files } = JSON.parse(content) as Kept;
  for (const [name, secret] of Object.entries(files)) {
    const [folder = "", ...rest] = name.split("/");
    const file = path.join(directory, "fiscal", plain(folder), plain(rest.join("/")));
    fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    writePrivateFile(file, secret);
  }
  return writeRestoredActivations(directory, activations);
}

/** This version writes and reads it; whoever has the passphrase made it. */
interface Kept {
  readonly v: 1;
  readonly activations: readonly Activation[];
  /** By folder and name. */
  readonly files: Readonly<Record<string, string>>;
}

/** As `encodeURIComponent` leaves it behind a regime's id: one name, and never a way out of the folder. */
function plain(name: string): string {
  assert(/^[a-z][^/\\]*$/.test(name), `a file of keys: ${name}`);
  return name;
}

function nameOf(at: number): string {
  return `fiscal-${at}`;
}

/** A kit takes 8,192 characters a section. */
const sectionLength = 8_000;
const contentMaxBytes = 1_048_576;
