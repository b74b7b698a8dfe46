/**
 * The relay's process: `tillmesh relay serve`.
 *
 * @module
 */

import { runRelay } from "./run-relay.ts";

const stopped = new Promise<string>((resolve) => {
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.once(signal, resolve);
});

/** A bug must not leave a relay half alive: what is durable is durable, and a start takes a second. */
function die(event: string): (error: unknown) => void {
  return (error) => {
    const facts = error instanceof Error ? { error: error.message, stack: error.stack } : { error };
    process.stderr.write(`${JSON.stringify({ level: "error", event, ...facts })}\n`);
    process.exit(70);
  };
}
process.on("uncaughtException", die("uncaught-exception"));
process.on("unhandledRejection", die("unhandled-rejection"));

const code = await runRelay(process.argv.slice(2), {
  env: process.env,
  write: (line) => void process.stderr.write(line),
  say: (text) => void process.stderr.write(`${text}\n`),
  stopped,
});
process.stdout.write("", () => process.exit(code));
