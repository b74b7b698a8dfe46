/**
 * Runs the till, until it is told to stop: `serve`.
 *
 * @module
 */

import { carryRule } from "../till/carry-rule.ts";
import { base64url } from "@tillmesh/kernel";
import { openReplica } from "@tillmesh/sync-engine/node";
import { readConfig } from "../config.ts";
import { controlRoutes } from "../http/routes/control-routes.ts";
import type { Actor, Right } from "../identity/actor.ts";
import { allRights } from "../identity/actor.ts";
import { createLogger, errorFacts, type Logger } from "../logger.ts";
import { startService, type Service } from "../service.ts";
import { toldError } from "../told-errors.ts";
import type { DeviceHome } from "../till/devices.ts";
import type { Replica } from "../till/replica.ts";
import { readPort, type Arguments } from "./arguments.ts";
import { dataOption, type Command } from "./command.ts";
import { CommandError } from "./output.ts";
import { removeRunFile, writeRunFile } from "./run-file.ts";
import { addressesOf, linkOptions, readLinks, type ServeLinks } from "./serve-links.ts";
import { deviceHome } from "./with-till.ts";

export const serveCommand: Command = {
  name: "serve",
  summary:
    "Run the till: HTTP for its pages and programs, LAN for its peers, a relay for those elsewhere",
  options: {
    ...dataOption,
    http: { type: "string", value: "PORT", isRequired: true },
    ...linkOptions,
    host: { type: "string", value: "ADDRESS" },
    "allow-host": { type: "string", value: "NAME", multiple: true },
  },
  run: serve,
};

async function serve(args: Arguments): Promise<number> {
  const config = readConfig(process.env);
  const home = deviceHome(args.text("data"));
  const logger = createLogger({
    level: config.logLevel,
    clock: home.clock,
    write: (line) => void process.stderr.write(line),
  });
  catchStray(logger);
  const port = readPort(args.text("http"), "http");
  const links = readLinks(args);
  const replica = await open(home, logger, links);
  const token = `tmc_${base64url(home.crypto.randomBytes(32))}`;
  const started = await startService({
    replica,
    ...home,
    logger,
    version: config.version,
    port,
    host: args.optional("host") ?? "127.0.0.1",
    names: [...args.all("allow-host"), ...namesOf(args.optional("host"))],
    pagesFolder: config.pagesFolder,
    lan: addressesOf(links),
    control: { token, actor: controlActor(replica), routes: controlRoutes },
  });
  if (!started.ok) {
    await replica.close();
    throw new CommandError(toldError(started.error));
  }
  const service = started.value;
  writeRunFile(home.directory, { pid: process.pid, port: service.port, token });
  logger.info("serving", {
    url: `http://127.0.0.1:${service.port}/`,
    lanPort: links.lan?.listen?.port,
    relay: links.relay?.url,
    device: replica.device.id,
  });
  const signal = await stopSignal();
  logger.info("stopping", { signal });
  await stop(home, { service, replica, logger });
  return 0;
}

async function open(home: DeviceHome, logger: Logger, links: ServeLinks): Promise<Replica> {
  const opened = await openReplica({
    ...home,
    ...links,
    carryRule,
    logger: ({ level, event, ...facts }) => logger[level](event, facts as Record<string, string>),
  });
  if (!opened.ok) throw new CommandError(toldError(opened.error));
  return opened.value;
}

function controlActor({ device }: Replica): Actor {
  const rights = new Set<Right>([...allRights, "control"]);
  return { by: { device: device.id }, name: "command line", rights };
}

/** An address that is listened on is a name to be called by; the wildcards are none. */
function namesOf(host: string | undefined): readonly string[] {
  if (host === undefined || host === "0.0.0.0" || host === "::") return [];
  return [host.includes(":") ? `[${host}]` : host];
}

interface Running {
  readonly service: Service;
  readonly replica: Replica;
  readonly logger: Logger;
}

/** Requests under way are finished; then documents are saved, so that the next start is quick. */
async function stop(home: DeviceHome, { service, replica, logger }: Running): Promise<void> {
  const late = setTimeout(() => {
    logger.error("stop-late", { ms: stopMaxMs });
    process.exit(1);
  }, stopMaxMs);
  await service.stop();
  await replica.checkpoint();
  await replica.close();
  removeRunFile(home.directory);
  clearTimeout(late);
  logger.info("stopped");
}

const stopMaxMs = 20_000;

function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.once(signal, resolve);
  });
}

/** A bug must not leave a till half alive: what is durable is durable, and a start takes a second. */
function catchStray(logger: Logger): void {
  const die = (event: string) => (error: unknown) => {
    logger.error(event, errorFacts(error));
    process.exit(70);
  };
  process.on("uncaughtException", die("uncaught-exception"));
  process.on("unhandledRejection", die("unhandled-rejection"));
}
