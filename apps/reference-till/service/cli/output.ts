/**
 * What commands say: results on stdout, everything else on stderr.
 *
 * @module
 */

export interface Output {
  /** A result. */
  out(text: string): void;
  /** For the person who typed the command. */
  say(text: string): void;
}

export const processOutput: Output = {
  out: (text) => void process.stdout.write(text),
  say: (text) => void process.stderr.write(`${text}\n`),
};

/** The command line itself was wrong: exit code 2. */
export class UsageError extends Error {}

/** The command could not be carried out: exit code 1. */
export class CommandError extends Error {}
