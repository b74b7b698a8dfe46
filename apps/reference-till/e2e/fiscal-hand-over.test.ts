/**
 * POS-F3: a till is gone for good; headquarters sends what it sealed, with credentials that nobody else could read on the way.
 *
 * @module
 */

import fs from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { createFakeAeat, serveAuthority } from "@tillmesh/fiscal-queue/testing";
import { afterAll, beforeEach, expect, test } from "vitest";
import type { Sale, Shift } from "./harness/answers.ts";
import { must } from "./harness/api.ts";
import { catalogueCsv, priceMap } from "./harness/corner-shop.ts";
import { eventually, pause } from "./harness/eventually.ts";
import { tellOnFailure } from "./harness/failure-log.ts";
import { makeFolder, writeText } from "./harness/folders.ts";
import { tillmeshDone } from "./harness/programs.ts";
import { moneyOf, regimeShops } from "./harness/regimes.ts";
import { serve, untilConnected, type Device, type Serving } from "./harness/serving.ts";
import { foundShop, joinShop } from "./harness/shop.ts";

const shop = regimeShops["es-verifactu"];
const token = "Bearer s3cret-of-till-2";
const nowMs = () => Date.now();
const aeat = createFakeAeat({ nowMs });
/** Requests without the credentials. */
let refused = 0;
let isOpen = false;
const closing: (() => Promise<unknown>)[] = [];

beforeEach(tellOnFailure);

afterAll(async () => {
  for (const close of closing.toReversed()) await close();
}, 60_000);

test("POS-F3: killed with what it sealed unsent: headquarters delivers it all, once, with the till's own credentials", async () => {
  const { hq, till, address } = await twoDevices();
  await activate(till, address);
  const office = await serving(hq, [till.lanPort]);
  const counter = await serving(till, [hq.lanPort]);
  await untilConnected(office);
  await eventually("staff and prices at the till", async () => {
    const price = await counter.api.get("/prices/COF");
    if (price.status !== 200) return undefined;
    const { status } = await counter.api.post<Shift>("/shifts", { float: moneyOf(shop)(0) });
    return status === 201 ? true : undefined;
  });
  for (let i = 0; i < 3; i += 1) await sell(counter);
  // By the time the last sale has come, so have the credentials.
  await pause(1_000);
  const last = await sell(counter);
  await eventually("the last sale at headquarters", async () => {
    const { status } = await office.api.get(`/sales/${last.saleId}`);
    return status === 200 ? true : undefined;
  });
  const device = must(await counter.api.get<Status>("/status"), 200).device.id;
  await counter.kill();
  expect(aeat.accepted()).toHaveLength(0);
  isOpen = true;
  await tillmeshDone("fiscal", "deliver", "--data", hq.directory, "--for", device);
  await eventually("four documents accepted", async () =>
    Promise.resolve(aeat.accepted().length === 4 ? true : undefined),
  );
  expect(refused).toBe(0);
  // It was not gone after all, and knows nothing of it: what it sends is what is there.
  const back = await serving(till);
  await back.api.get("/fiscal");
  await tillmeshDone("fiscal", "deliver", "--data", till.directory);
  expect(aeat.accepted()).toHaveLength(4);
  await office.stop();
  expect(filesWith(token, till.directory).length).toBeGreaterThan(0);
  expect(filesWith(token, hq.directory)).toEqual([]);
}, 120_000);

interface Status {
  readonly device: { readonly id: string };
}

async function twoDevices() {
  const folder = makeFolder("fiscal-hand-over");
  const taxes = writeText(folder, "taxes.csv", shop.taxesCsv);
  const catalogue = writeText(folder, "catalogue.csv", catalogueCsv);
  const hq = await foundShop(folder, { taxes, catalogue, map: priceMap, regime: shop });
  const till = await joinShop(hq, { folder, name: "Till 2" });
  aeat.setWait(0);
  const authority = await serveAuthority(aeat.authority, { nowMs });
  closing.push(() => authority.close());
  return { hq, till, address: await guarded(authority.baseUrl) };
}

async function serving(device: Device, peers?: readonly number[]): Promise<Serving> {
  const started = await serve(device, peers === undefined ? {} : { peers });
  closing.push(() => started.stop());
  return started;
}

/** Lets nobody through without the credentials, and nobody at all while it is shut. */
async function guarded(target: string): Promise<string> {
  const server: Server = createServer((incoming, response) => {
    const isKnown = incoming.headers.authorization === token;
    if (!isOpen) response.socket?.destroy();
    else if (isKnown) pass(target, incoming, response).catch(() => response.destroy());
    else {
      refused += 1;
      response.writeHead(401).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function pass(target: string, incoming: IncomingMessage, response: ServerResponse) {
  const body = Buffer.concat(await incoming.toArray());
  const headers = { "content-type": incoming.headers["content-type"] ?? "" };
  const { method = "POST", url = "/" } = incoming;
  const answer = await fetch(`${target}${url}`, { method, headers, body });
  const text = await answer.text();
  const type = answer.headers.get("content-type") ?? "";
  response.writeHead(answer.status, { "content-type": type }).end(text);
}

async function activate({ directory }: Device, address: string): Promise<void> {
  const software = {
    producerName: "Tillmesh",
    producerNif: "89890001K",
    name: "Tillmesh",
    id: "TM",
    version: "0.1.0",
  };
  const said = { sellerName: "Corner Shops", environment: "test", software };
  const settings = writeText(path.dirname(directory), "settings.json", JSON.stringify(said));
  const from = new Intl.DateTimeFormat("sv-SE", { timeZone: shop.timeZone }).format();
  const who = ["--regime", shop.regime, "--taxpayer", "89890001K", "--till", "CAJA-2"];
  const what = ["--from", from, "--settings", settings];
  const where = ["--authority", address, "--header", `authorization=${token}`];
  await tillmeshDone("fiscal", "activate", "--data", directory, ...who, ...what, ...where);
}

async function sell({ api }: Serving): Promise<Sale> {
  const total = moneyOf(shop)(290);
  const tenders = [{ kind: "cash", amount: total }];
  return must(await api.post<Sale>("/sales", { lines: [{ sku: "COF" }], tenders }), 201);
}

function filesWith(text: string, directory: string): readonly string[] {
  return fs
    .readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => path.join(one.parentPath, one.name))
    .filter((file) => fs.readFileSync(file).includes(text));
}
