/**
 * What a command of the command line is.
 *
 * @module
 */

import type { Arguments, OptionSpec, OptionSpecs } from "./arguments.ts";
import type { Output } from "./output.ts";

export interface Command {
  /** The words that choose it: `import catalogue`. */
  readonly name: string;
  readonly summary: string;
  readonly positionals?: readonly string[];
  readonly options: OptionSpecs;
  /** The exit code. */
  readonly run: (args: Arguments, output: Output) => Promise<number>;
}

export const dataOption: OptionSpecs = { data: { type: "string", value: "DIR", isRequired: true } };

export function required(value: string): OptionSpec {
  return { type: "string", value, isRequired: true };
}

export function usageOf({ name, positionals = [], options }: Command): string {
  const words = Object.entries(options).map(
    ([option, { type, value = "VALUE", isRequired, multiple }]) => {
      const text = type === "boolean" ? `--${option}` : `--${option} ${value}`;
      return isRequired === true ? text : `[${text}]${multiple === true ? "..." : ""}`;
    },
  );
  return ["tillmesh", name, ...positionals, ...words].join(" ");
}
