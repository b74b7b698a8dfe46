/**
 * A till for the length of one command, without HTTP and without peers.
 *
 * @module
 */

import { carryRule } from "../till/carry-rule.ts";
import { nodeCrypto, systemClock } from "@tillmesh/kernel/node";
import { openReplica } from "@tillmesh/sync-engine/node";
import { createLogger } from "../logger.ts";
import { toldError } from "../told-errors.ts";
import type { DeviceHome } from "../till/devices.ts";
import { openTill, type Till } from "../till/till.ts";
import { CommandError } from "./output.ts";

export function deviceHome(directory: string): DeviceHome {
  return { directory, clock: systemClock(), crypto: nodeCrypto() };
}

/** Opens the device, does `work` with it, and closes it whatever happens. */
export async function withTill<T>(
  directory: string,
  work: (till: Till, home: DeviceHome) => Promise<T>,
): Promise<T> {
  const home = deviceHome(directory);
  const { clock, crypto } = home;
  const logger = createLogger({
    level: "warn",
    clock,
    write: (line) => void process.stderr.write(line),
  });
  const opened = await openReplica({ directory, clock, crypto, carryRule });
  if (!opened.ok) throw new CommandError(toldError(opened.error));
  const replica = opened.value;
  const till = openTill({
    replica,
    directory,
    clock,
    random: crypto.randomBytes,
    logger,
    onEvent: () => undefined,
  });
  try {
    while (!till.isAllRead) await new Promise((resolve) => setTimeout(resolve, 2));
    return await work(till, home);
  } finally {
    till.close();
    await replica.close();
  }
}
