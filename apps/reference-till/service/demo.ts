/**
 * A café with headquarters and two shops on this machine, joined by a relay: `npm start`.
 *
 * @module
 */

import fs from "node:fs";
import path from "node:path";
import {
  caFile,
  demoDevices,
  foundDemo,
  readDemo,
  type Demo,
  type DemoDevice,
} from "./demo/found-demo.ts";
import { portsTaken, readDemoPorts, type DemoPorts } from "./demo/ports.ts";
import { startProgram, type Program } from "./demo/program.ts";

const root = path.join(import.meta.dirname, "..", "..", "..");
const folder = path.join(root, ".data");

const code = await main(process.argv.slice(2));
// A connection kept for a next question to a till must not keep this alive.
process.exit(code);

async function main(args: readonly string[]): Promise<number> {
  const unknown = args.find((arg) => arg !== "--fresh");
  if (unknown !== undefined)
    return fail(`"${unknown}" is not known. There is: npm start -- --fresh`);
  const ports = readDemoPorts(process.env);
  if (!ports.ok) return fail(ports.error.detail);
  const taken = await portsTaken(ports.value);
  if (taken !== undefined) {
    return fail(
      `Port ${taken.port} is taken: is the demo running already? Choose another with ${taken.variable}=…`,
    );
  }
  if (args.includes("--fresh")) fs.rmSync(folder, { recursive: true, force: true });
  const demo = readDemo(folder) ?? (await foundDemo(folder, say));
  return run(demo, ports.value);
}

async function run(demo: Demo, ports: DemoPorts): Promise<number> {
  const programs = [startRelay(ports), ...demoDevices.map((device) => startDevice(device, ports))];
  const stopped = untilStopped(programs);
  const ready = Promise.all(programs.map((program) => program.ready)).then(() => "ready" as const);
  const outcome = await Promise.race([ready, stopped]);
  if (outcome === "ready") tell(demo, ports);
  return outcome === "ready" ? await stopped : outcome;
}

function startRelay({ relay }: DemoPorts): Program {
  const data = path.join(folder, "relay");
  const trust = path.join(folder, caFile);
  return startProgram({
    name: "relay",
    logFile: `${data}.log`,
    script: "relay/src/main.ts",
    args: ["serve", "--data", data, "--port", `${relay}`, "--trust", trust],
    readyUrl: `http://127.0.0.1:${relay}/readyz`,
  });
}

function startDevice(device: DemoDevice, ports: DemoPorts): Program {
  const data = path.join(folder, device.folder);
  const http = ports[device.http];
  return startProgram({
    name: device.name,
    logFile: `${data}.log`,
    script: "reference-till/service/main.ts",
    args: serveArguments(data, { http, relay: ports.relay, lan: lanOf(device, ports) }),
    readyUrl: `http://127.0.0.1:${http}/api/v1/health`,
  });
}

interface Serving {
  readonly http: number;
  readonly relay: number;
  readonly lan: readonly string[];
}

function serveArguments(data: string, { http, relay, lan }: Serving): readonly string[] {
  const uplink = `ws://127.0.0.1:${relay}`;
  return ["serve", "--data", data, "--http", `${http}`, "--relay", uplink, ...lan];
}

/** The two tills of one shop see each other; everybody else meets at the relay. */
function lanOf({ folder: name }: DemoDevice, { lan1, lan2 }: DemoPorts): readonly string[] {
  const [own, other] = name === "till-1" ? [lan1, lan2] : [lan2, lan1];
  const isInShop = name === "till-1" || name === "till-2";
  return isInShop ? ["--lan", `${own}`, "--peer", `127.0.0.1:${other}`] : ["--no-lan"];
}

/** Ends when all have; one that ends by itself takes the others along. */
async function untilStopped(programs: readonly Program[]): Promise<number> {
  let isAsked = false;
  const stop = () => {
    isAsked = true;
    for (const program of programs) program.stop();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  const codes = await Promise.all(
    programs.map(async (program) => {
      const ended = await program.ended;
      if (!isAsked)
        fail(
          `${program.name} ended with code ${ended}; the last lines of ${program.logFile}:\n${program.lastLines()}`,
        );
      if (!isAsked) stop();
      return ended;
    }),
  );
  return Math.max(...codes);
}

function tell(demo: Demo, ports: DemoPorts): void {
  const placed = demoDevices.map(({ name, location, http }) => {
    return { title: `${location}: ${name}`, url: `http://127.0.0.1:${ports[http]}/` };
  });
  const width = Math.max(...placed.map(({ title }) => title.length));
  const lines = [
    "",
    `  ${demo.organisation}: headquarters and two shops, joined by a relay`,
    "",
    ...placed.map(({ title, url }) => `  ${title.padEnd(width)}  ${url}`),
    `  ${"Relay".padEnd(width)}  http://127.0.0.1:${ports.relay}/metrics`,
    "",
    ...demo.staff.map(({ name, role, pin }) => `  ${name} (${role}): PIN ${pin}`),
    "",
    "  Three bakes, a lunch with a cold drink, the coupon WELCOME, more than 25.00, weekday afternoons: see what comes off and why.",
    "  A manager's pages have two switches, LAN and Uplink: cut them, sell, and watch what is only here;",
    "  mend them, and watch the shops agree again.",
    "",
    `  Data and logs are in ${path.relative(process.cwd(), folder) || "."}. Start over with: npm start -- --fresh`,
    "  Stop with Ctrl-C.",
    "",
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

function say(text: string): void {
  process.stderr.write(`tillmesh: ${text}\n`);
}

function fail(text: string): number {
  say(text);
  return 1;
}
