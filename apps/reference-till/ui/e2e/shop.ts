/**
 * A shop for the browser tests: devices made by the command line, each served by its own process.
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { freePort } from "@tillmesh/sync-engine/testing";

export interface Shop {
  readonly pin: string;
  readonly till1: Till;
  readonly till2: Till;
  close(): Promise<void>;
}

export interface Till {
  readonly url: string;
  /** What its service answers to a program. */
  get<T>(path: string): Promise<T>;
  kill(): Promise<void>;
}

/** Two tills that know each other, a few products, nobody signed in. */
export async function openShop(): Promise<Shop> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "tillmesh-pages-"));
  const file = (name: string) => path.join(directory, name);
  const founded = run(
    ["init", "--data", file("one"), "--org", "Harbour Coffee", "--location", "High Street"],
    ["--device", "Till 1", "--currency", "GBP", "--timezone", "Europe/London", "--json"],
  );
  const { manager } = JSON.parse(founded) as { readonly manager: { readonly pin: string } };
  fs.writeFileSync(file("taxes.csv"), taxes);
  fs.writeFileSync(file("catalogue.csv"), catalogue);
  run(["import", "taxes", file("taxes.csv"), "--data", file("one")]);
  run(["import", "catalogue", file("catalogue.csv"), "--data", file("one")]);
  const invitation = run(
    ["invite", "--data", file("one"), "--device", "Till 2", "--role", "till"],
    ["--location", "High Street"],
  );
  fs.writeFileSync(file("invitation"), invitation);
  run(["join", "--data", file("two"), "--invite", file("invitation")]);
  const lan = await freePort();
  const till1 = await serve(file("one"), ["--lan", String(lan)]);
  const till2 = await serve(file("two"), ["--peer", `127.0.0.1:${lan}`]);
  const close = async () => {
    await Promise.all([till1.kill(), till2.kill()]);
    fs.rmSync(directory, { recursive: true, force: true });
  };
  return { pin: manager.pin, till1, till2, close };
}

export interface LoneTill extends Till {
  readonly pin: string;
  /** As a manager's program: `taxes`, `catalogue`, `prices`, `promotions`, `policy`, `staff`. */
  publish(topic: string, body: object): Promise<void>;
  /** Off, changed on its disk, on again at the same address; whoever was signed in is out. */
  restart(change: (directory: string) => void): Promise<void>;
  close(): Promise<void>;
}

export interface LoneTillOptions {
  readonly currency: string;
  readonly timeZone: string;
  /** Fiscal, with test keys; "none" where absent. */
  readonly regime?: string;
  /** Base address of who takes fiscal documents. */
  readonly authority?: string;
}

/** One till that is headquarters as well; nothing is published yet. */
export async function openLoneTill(options: LoneTillOptions): Promise<LoneTill> {
  const { currency, timeZone, regime = "none", authority } = options;
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "tillmesh-pages-"));
  const data = path.join(directory, "one");
  const founded = run(
    ["init", "--data", data, "--org", "Harbour Coffee", "--location", "Seestrasse"],
    ["--device", "Till 1", "--currency", currency, "--timezone", timeZone, "--json"],
    ["--regime", regime, ...(authority === undefined ? [] : ["--authority", authority])],
  );
  const { pin } = (JSON.parse(founded) as { readonly manager: { readonly pin: string } }).manager;
  const port = await freePort();
  let served = await start(data, { port });
  const { url } = served;
  const call = (wanted: string, held: string, body?: object) => asked(url + wanted, held, body);
  let { token = "" } = await call("/sessions", "", { pin });
  const kill = () => ended(served.child);
  return {
    pin,
    url,
    get: async <T>(wanted: string) => (await call(wanted, token)) as T,
    publish: async (topic, body) => void (await call(`/hq/publications/${topic}`, token, body)),
    restart: async (change) => {
      await kill();
      change(data);
      served = await start(data, { port });
      ({ token = "" } = await call("/sessions", "", { pin }));
    },
    kill,
    close: async () => {
      await kill();
      fs.rmSync(directory, { recursive: true, force: true });
    },
  };
}

const taxes = `tax_code,name,rate_percent
standard,VAT,20
zero,VAT zero,0
`;

const catalogue = `sku,barcode,name,department,unit,price,tax_code,opening_stock
FLAT,5012345000017,Flat white,Coffee,each,3.70,standard,40
MOCHA,5012345000024,Mocha,Coffee,each,4.10,standard,40
BUN,5012345000031,Cinnamon bun,Bakery,each,3.20,zero,1
BEANS,5012345000048,House blend beans,Beans,kg,24.00,zero,10
`;

const service = path.resolve(import.meta.dirname, "../../service/main.ts");
const nodeArguments = ["--conditions=@tillmesh/source", "--no-warnings", service];

function run(...args: readonly (readonly string[])[]): string {
  return execFileSync(process.execPath, [...nodeArguments, ...args.flat()], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
}

async function serve(data: string, more: readonly string[]): Promise<Till> {
  const token = run(["token", "--data", data, "--name", "pages-test"]).trim();
  const { url, child } = await start(data, { more });
  return {
    url,
    get: async <T>(wanted: string) => (await asked(url + wanted, token)) as T,
    kill: () => ended(child),
  };
}

interface StartOptions {
  readonly port?: number;
  readonly more?: readonly string[];
}

async function start(data: string, { port: wanted, more = [] }: StartOptions) {
  const port = wanted ?? (await freePort());
  const args = ["serve", "--data", data, "--http", String(port), ...more];
  const child = spawn(process.execPath, [...nodeArguments, ...args], {
    stdio: "ignore",
    env: { ...process.env, TILLMESH_LOG: "error" },
  });
  const url = `http://127.0.0.1:${port}`;
  await healthy(url, child);
  return { url, child };
}

/** Posts a body, gets without one; a refusal is a failure of the test. */
async function asked(
  url: string,
  token: string,
  body?: object,
): Promise<{ readonly token?: string }> {
  const wanted = url.replace(/^(http:\/\/[^/]+)/, "$1/api/v1");
  const authorization = token === "" ? {} : { authorization: `Bearer ${token}` };
  const posted = {
    method: "POST",
    body: JSON.stringify(body),
    headers: {
      ...authorization,
      "content-type": "application/json",
      "idempotency-key": randomUUID(),
    },
  };
  const response = await fetch(wanted, body === undefined ? { headers: authorization } : posted);
  if (!response.ok) throw new Error(`${wanted}: ${await response.text()}`);
  return (await response.json()) as { readonly token?: string };
}

async function healthy(url: string, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`The service ended with ${child.exitCode}.`);
    const response = await fetch(`${url}/api/v1/health`).catch(() => undefined);
    if (response?.ok === true) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("The service did not become healthy.");
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill("SIGKILL");
  });
}
