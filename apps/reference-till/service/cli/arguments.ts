/**
 * Options of the command line, checked: unknown ones are refused, missing ones named.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { UsageError } from "./output.ts";

export interface OptionSpec {
  readonly type: "string" | "boolean";
  readonly multiple?: boolean;
  /** What stands for the value in the usage line. */
  readonly value?: string;
  readonly isRequired?: boolean;
}

export interface Arguments {
  /** The value of a required option. */
  text(name: string): string;
  optional(name: string): string | undefined;
  all(name: string): readonly string[];
  is(name: string): boolean;
  readonly positionals: readonly string[];
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

export function readArguments(
  args: readonly string[],
  options: OptionSpecs,
  positionalNames: readonly string[],
): Arguments {
  const { values, positionals } = parse(args, options);
  for (const [name, { isRequired = false, value = "VALUE" }] of Object.entries(options)) {
    if (isRequired && values[name] === undefined)
      throw new UsageError(`--${name} ${value} is missing.`);
    if (values[name] === "") throw new UsageError(`--${name} is empty.`);
  }
  if (positionals.length < positionalNames.length) {
    throw new UsageError(`${positionalNames[positionals.length]} is missing.`);
  }
  if (positionals.length > positionalNames.length) {
    throw new UsageError(`"${positionals[positionalNames.length]}" is one argument too many.`);
  }
  return {
    text: (name) => String(values[name]),
    optional: (name) => values[name] as string | undefined,
    all: (name) => (values[name] ?? []) as readonly string[],
    is: (name) => values[name] === true,
    positionals,
  };
}

/** `8080`; refused unless it is a port. */
export function readPort(text: string, name: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port < 0 || port > 65_535) throw new UsageError(`--${name} "${text}" is not a port.`);
  return port;
}

/** `till-2.local:7001` or `[::1]:7001`. */
export function readAddress(
  text: string,
  name: string,
): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:\s]+)):(\d{1,5})$/.exec(text);
  if (match === null) throw new UsageError(`--${name} "${text}" is not HOST:PORT.`);
  return { host: match[1] ?? match[2] ?? "", port: readPort(match[3] ?? "", name) };
}

function parse(args: readonly string[], options: OptionSpecs) {
  const specs = Object.fromEntries(
    Object.entries(options).map(([name, { type, multiple = false }]) => [name, { type, multiple }]),
  );
  try {
    const { values, positionals, tokens } = parseArgs({
      args: [...args],
      options: specs,
      allowPositionals: true,
      strict: true,
      tokens: true,
    });
    refuseRepeated(tokens, options);
    return { values: values as Record<string, unknown>, positionals };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(plain(error instanceof Error ? error.message : String(error)));
  }
}

function refuseRepeated(
  tokens: readonly { readonly kind: string; readonly name?: string }[],
  options: OptionSpecs,
): void {
  const seen = new Set<string>();
  for (const { kind, name = "" } of tokens) {
    if (kind !== "option" || options[name]?.multiple === true) continue;
    if (seen.has(name)) throw new UsageError(`--${name} is given twice.`);
    seen.add(name);
  }
}

/** Node's own advice about positional arguments helps nobody here. */
function plain(message: string): string {
  const [first = ""] = message.split(/\. To specify|\n/);
  return first.endsWith(".") ? first : `${first}.`;
}
