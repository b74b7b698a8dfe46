/**
 * A shop on this machine: an organisation, its first device, and devices that join by file.
 *
 * @module
 */

import fs from "node:fs";
import path from "node:path";
import { freePorts } from "./ports.ts";
import { tillmeshDone } from "./programs.ts";
import { writeText } from "./folders.ts";
import type { RegimeShop } from "./regimes.ts";
import type { Device } from "./serving.ts";

export interface FirstDevice extends Device {
  /** Of the first manager. */
  readonly pin: string;
}

export interface FirstDeviceOptions {
  readonly location?: string;
  /** CSV files to import, in place of which nothing is imported. */
  readonly taxes?: string;
  readonly catalogue?: string;
  /** For the catalogue's header: `price=price_gbp`. */
  readonly map?: string;
  /** In whose country; without it in London, with the regime that `init` gives of itself. */
  readonly regime?: RegimeShop;
}

/** `init`, imports, a token; nothing serves yet. */
export async function foundShop(
  folder: string,
  { location = "High Street", taxes, catalogue, map, regime }: FirstDeviceOptions = {},
): Promise<FirstDevice> {
  const directory = path.join(folder, "till-1");
  const names = ["--org", "Corner Shops", "--location", location, "--device", "Till 1"];
  const { currency = "GBP", timeZone = "Europe/London" } = regime ?? {};
  const law = regime === undefined ? [] : ["--regime", regime.regime];
  const money = ["--currency", currency, "--timezone", timeZone, ...law];
  const said = await tillmeshDone("init", "--data", directory, ...names, ...money);
  if (taxes !== undefined) await tillmeshDone("import", "taxes", taxes, "--data", directory);
  if (catalogue !== undefined) {
    const mapping = map === undefined ? [] : ["--map", map];
    await tillmeshDone("import", "catalogue", catalogue, "--data", directory, ...mapping);
  }
  return { ...(await equipped(directory)), pin: pinIn(said) };
}

export interface JoinOptions {
  readonly folder: string;
  readonly name: string;
  readonly location?: string;
  readonly role?: "till" | "hq";
}

/** Invited by the first device, which may be serving, and joined by a file. */
export async function joinShop(first: Device, options: JoinOptions): Promise<Device> {
  const { folder, name, location = "High Street", role = "till" } = options;
  const base = name.toLowerCase().replaceAll(" ", "-");
  const invite = await inviteFile(first, { folder, name, location, role });
  const directory = path.join(folder, base);
  await tillmeshDone("join", "--data", directory, "--invite", invite);
  return equipped(directory);
}

/** The invitation, as the shell's `> FILE` writes it. */
export async function inviteFile(
  first: Device,
  { folder, name, location = "High Street", role = "till" }: JoinOptions,
): Promise<string> {
  const place = ["--role", role, "--location", location];
  const text = await tillmeshDone("invite", "--data", first.directory, "--device", name, ...place);
  return writeText(folder, `${name.toLowerCase().replaceAll(" ", "-")}.invite`, text);
}

export async function tokenFor(directory: string, name = "tests"): Promise<string> {
  const said = await tillmeshDone("token", "--data", directory, "--name", name);
  const token = said.trim();
  if (!/^\S{16,}$/.test(token)) throw new Error(`token printed ${JSON.stringify(said)}`);
  return token;
}

/** A copy of everything a device keeps, of one that does not run. */
export function copyDirectory(from: string, to: string): void {
  fs.cpSync(from, to, { recursive: true, preserveTimestamps: true });
}

export async function equipped(directory: string): Promise<Device> {
  const [httpPort = 0, lanPort = 0] = await freePorts(2);
  return { directory, httpPort, lanPort, token: await tokenFor(directory) };
}

function pinIn(said: string): string {
  const pin = /PIN\D{0,40}(\d{4,12})/i.exec(said)?.[1];
  if (pin === undefined) throw new Error(`init prints no manager's PIN:\n${said}`);
  return pin;
}
