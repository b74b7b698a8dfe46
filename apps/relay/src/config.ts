/**
 * What an operator sets: flags before environment before the configuration file before defaults. Read once.
 *
 * @module
 */

import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { err, ok, type Result } from "@tillmesh/kernel";
import { defaultFilesSettings, type FilesSettings } from "./files/store-state.ts";
import { logLevels, type LogLevel } from "./logger.ts";
import { defaultLimits, defaultQuotas, type Limits, type Quotas } from "./settings.ts";

export interface RelayConfig {
  /** Everything this relay keeps. */
  readonly data: string;
  readonly host: string;
  readonly port: number;
  readonly backend: "files" | "nats";
  readonly natsUrl: string | undefined;
  /** Files with CA certificates. */
  readonly trust: readonly string[];
  readonly proxies: readonly string[];
  readonly logLevel: LogLevel;
  readonly limits: Limits;
  readonly quotas: Quotas;
  readonly files: FilesSettings;
  readonly nats: Readonly<Record<string, number | string>>;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export function readRelayConfig(
  args: readonly string[],
  env: Environment,
): Result<RelayConfig, ConfigError> {
  try {
    const flags = readFlags(args);
    const file = readFile(flags.config ?? env["TILLMESH_RELAY_CONFIG"]);
    return ok(Object.freeze(merge({ ...file, ...readEnvironment(env), ...defined(flags) }, file)));
  } catch (error) {
    if (error instanceof ConfigFault) return err({ type: "Config", message: error.message });
    throw error;
  }
}

/** The command line, the environment or the file is wrong; a sentence says how. */
export interface ConfigError {
  readonly type: "Config";
  readonly message: string;
}

export const usage: string = [
  "tillmesh relay serve --data DIR --port PORT --trust ORG_CA.pem [--trust ORG_CA.pem]...",
  "                     [--host ADDRESS] [--proxy ADDRESS]... [--backend files|nats --nats-url URL]",
  "                     [--config FILE] [--log debug|info|warn|error]",
].join("\n");

class ConfigFault extends Error {}

interface Settings {
  readonly config?: string;
  readonly data?: string;
  readonly host?: string;
  readonly port?: string | number;
  readonly backend?: string;
  readonly natsUrl?: string;
  readonly trust?: readonly string[];
  readonly proxies?: readonly string[];
  readonly log?: string;
}

interface FileSettings extends Settings {
  readonly limits?: Section;
  readonly quotas?: Section;
  readonly files?: Section;
  readonly nats?: Section;
}

type Section = Readonly<Record<string, unknown>>;

function readFlags(args: readonly string[]): Settings {
  try {
    const { values } = parseArgs({
      args: [...args],
      strict: true,
      options: {
        config: { type: "string" },
        data: { type: "string" },
        host: { type: "string" },
        port: { type: "string" },
        backend: { type: "string" },
        "nats-url": { type: "string" },
        trust: { type: "string", multiple: true },
        proxy: { type: "string", multiple: true },
        log: { type: "string" },
      },
    });
    const { "nats-url": natsUrl, proxy: proxies, ...same } = values;
    return defined({ ...same, natsUrl, proxies });
  } catch (error) {
    throw new ConfigFault(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function readEnvironment(env: Environment): Settings {
  const listOf = (name: string, separator: string): readonly string[] | undefined =>
    env[name]?.split(separator).filter((one) => one !== "");
  return defined({
    data: env["TILLMESH_RELAY_DATA"],
    host: env["TILLMESH_RELAY_HOST"],
    port: env["TILLMESH_RELAY_PORT"],
    backend: env["TILLMESH_RELAY_BACKEND"],
    natsUrl: env["TILLMESH_RELAY_NATS_URL"],
    trust: listOf("TILLMESH_RELAY_TRUST", path.delimiter),
    proxies: listOf("TILLMESH_RELAY_PROXIES", ","),
    log: env["TILLMESH_RELAY_LOG"],
  });
}

const fileKeys: ReadonlySet<string> = new Set([
  "data",
  "host",
  "port",
  "backend",
  "natsUrl",
  "trust",
  "proxies",
  "log",
  "limits",
  "quotas",
  "files",
  "nats",
]);

function readFile(file: string | undefined): FileSettings {
  if (file === undefined) return {};
  let value: unknown;
  try {
    value = JSON.parse(fs.readFileSync(file, "utf8"));
  } catch (error) {
    throw new ConfigFault(`${file}: ${String(error)}`, { cause: error });
  }
  if (!isObject(value)) throw new ConfigFault(`${file}: expected an object`);
  const unknown = Object.keys(value).find((key) => !fileKeys.has(key));
  if (unknown !== undefined) throw new ConfigFault(`${file}: there is no setting "${unknown}"`);
  return value;
}

function merge(settings: Settings, file: FileSettings): RelayConfig {
  const backend = oneOf("backend", settings.backend ?? "files", ["files", "nats"] as const);
  if (backend === "nats" && settings.natsUrl === undefined) {
    throw new ConfigFault("--nats-url is missing: the backend nats needs it");
  }
  const trust = textsOf("trust", settings.trust);
  if (trust.length === 0) throw new ConfigFault("--trust is missing: nobody could connect");
  return {
    data: textOf("data", settings.data),
    host: settings.host === undefined ? "127.0.0.1" : textOf("host", settings.host),
    port: portOf(settings.port),
    backend,
    natsUrl: settings.natsUrl,
    trust,
    proxies: textsOf("proxies", settings.proxies),
    logLevel: oneOf("log", settings.log ?? "info", logLevels),
    limits: numbersOf("limits", defaultLimits, file.limits),
    quotas: numbersOf("quotas", defaultQuotas, file.quotas),
    files: numbersOf("files", defaultFilesSettings, file.files),
    nats: (isObject(file.nats) ? file.nats : {}) as RelayConfig["nats"],
  };
}

function textOf(name: string, value: unknown): string {
  if (typeof value === "string" && value !== "") return value;
  throw new ConfigFault(value === undefined ? `--${name} is missing` : `${name}: expected a text`);
}

function textsOf(name: string, value: unknown): readonly string[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value.map((one) => textOf(name, one));
  throw new ConfigFault(`${name}: expected a list`);
}

function portOf(value: unknown): number {
  if (value === undefined) throw new ConfigFault("--port is missing");
  const text = typeof value === "number" ? `${value}` : textOf("port", value);
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port >= 0 && port <= 65_535) return port;
  throw new ConfigFault(`"${text}" is not a port`);
}

function oneOf<Word extends string>(name: string, value: unknown, words: readonly Word[]): Word {
  const word = words.find((one) => one === value);
  if (word !== undefined) return word;
  throw new ConfigFault(`${name}: expected ${words.join(" or ")}`);
}

/** A section of whole numbers: those that are named replace the defaults. */
function numbersOf<Numbers extends object>(
  name: string,
  defaults: Numbers,
  section: unknown,
): Numbers {
  if (section === undefined) return defaults;
  if (!isObject(section)) throw new ConfigFault(`${name}: expected an object`);
  for (const [key, value] of Object.entries(section)) {
    if (!Object.hasOwn(defaults, key)) throw new ConfigFault(`${name}: there is no "${key}"`);
    if (!Number.isSafeInteger(value) || (value as number) < 0) {
      throw new ConfigFault(`${name}.${key}: expected a whole number`);
    }
  }
  return { ...defaults, ...section };
}

function defined<T extends object>(values: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof T]: Exclude<T[Key], undefined> };
}

function isObject(value: unknown): value is Section {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
