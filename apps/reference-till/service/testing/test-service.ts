/**
 * A service on a socket of its own, over a replica in memory, with a shop to sell from.
 *
 * @module
 */

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Clock } from "@tillmesh/kernel";
import { nodeCrypto, systemClock } from "@tillmesh/kernel/node";
import { addMachineToken } from "../identity/machine-tokens.ts";
import type { Right } from "../identity/actor.ts";
import { createLogger } from "../logger.ts";
import type { DeliveryPace } from "../fiscal/delivery-loop.ts";
import { startService, type Service } from "../service.ts";
import { FakeReplica, type FakeReplicaOptions } from "./fake-replica.ts";

export interface TestService {
  readonly service: Service;
  readonly replica: FakeReplica;
  readonly directory: string;
  readonly logs: readonly string[];
  readonly url: string;
  readonly api: TestApi;
  /** The same API as somebody else. */
  as(rights: readonly Right[]): TestApi;
  stop(): Promise<void>;
}

export interface TestApi {
  readonly token: string;
  get(path: string): Promise<TestAnswer>;
  /** With a new key unless one is given. */
  post(path: string, body?: unknown, key?: string): Promise<TestAnswer>;
}

export interface TestAnswer {
  readonly status: number;
  // The tests say what they expect of it.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
  readonly headers: Headers;
}

export interface TestServiceOptions extends Partial<FakeReplicaOptions> {
  readonly clock?: Clock;
  readonly directory?: string;
  readonly replica?: FakeReplica;
  readonly delivery?: DeliveryPace;
}

export const gbp = (minor: number): { readonly minor: number; readonly currency: string } => {
  return { minor, currency: "GBP" };
};

export const cash = (minor: number): readonly object[] => [{ kind: "cash", amount: gbp(minor) }];

export async function startTestService(options: TestServiceOptions = {}): Promise<TestService> {
  const { clock = systemClock(), delivery, ...rest } = options;
  const crypto = nodeCrypto();
  const directory =
    options.directory ?? fs.mkdtempSync(path.join(os.tmpdir(), "tillmesh-service-"));
  const replica = options.replica ?? new FakeReplica({ ...rest, clock });
  const logs: string[] = [];
  const logger = createLogger({ level: "debug", clock, write: (line) => void logs.push(line) });
  const started = await startService({
    replica,
    directory,
    clock,
    crypto,
    logger,
    version: "test",
    port: 0,
    host: "127.0.0.1",
    names: [],
    pagesFolder: path.join(directory, "pages"),
    delivery,
  });
  if (!started.ok) throw new Error(JSON.stringify(started.error));
  const service = started.value;
  const url = `http://127.0.0.1:${service.port}`;
  let names = 0;
  const as = (rights?: readonly Right[]) => {
    names += 1;
    const name = `test ${names}`;
    const made = addMachineToken(
      { directory, clock, crypto },
      { name, ...(rights ? { rights } : {}) },
    );
    if (!made.ok) throw new Error(made.error.type);
    return testApi(url, made.value);
  };
  return { service, replica, directory, logs, url, api: as(), as, stop: () => service.stop() };
}

/** Two articles with prices, taxes and a manager with PIN 1234. */
export async function stockShop(api: TestApi): Promise<void> {
  const answers = [
    await api.post("/hq/publications/taxes", {
      taxes: [
        { taxCode: "standard", name: "VAT 20 %", ratePercent: "20" },
        { taxCode: "zero", name: "VAT 0 %", ratePercent: "0" },
      ],
    }),
    await api.post("/hq/publications/catalogue", {
      products: [
        { sku: "C1", name: "Coffee", barcodes: ["2000"], taxCode: "standard" },
        { sku: "T1", name: "Tea, loose", unit: "kg", taxCode: "zero" },
      ],
    }),
    await api.post("/hq/publications/prices", {
      prices: [
        { sku: "C1", price: gbp(290) },
        { sku: "T1", price: gbp(6200) },
      ],
    }),
    await api.post("/hq/publications/staff", {
      staff: [
        { name: "Maya", role: "manager", pin: "1234" },
        { name: "Cal", role: "cashier", pin: "5678" },
      ],
    }),
  ];
  for (const { status, body } of answers) {
    if (status !== 201) throw new Error(JSON.stringify(body));
  }
}

/** A shop with its shift open. */
export async function startSellingService(options: TestServiceOptions = {}): Promise<TestService> {
  const test = await startTestService(options);
  await stockShop(test.api);
  await test.api.post("/shifts", { float: gbp(10_000) });
  return test;
}

export function testApi(url: string, token: string): TestApi {
  let keys = 0;
  const call = async (method: string, path_: string, init: RequestInit) => {
    const response = await fetch(`${url}/api/v1${path_}`, { ...init, method });
    const text = await response.text();
    const body = text === "" ? undefined : (JSON.parse(text) as unknown);
    return { status: response.status, body, headers: response.headers };
  };
  const authorization = `Bearer ${token}`;
  return {
    token,
    get: (path_) => call("GET", path_, { headers: { authorization } }),
    post: (path_, body = {}, key) => {
      keys += 1;
      const headers = {
        authorization,
        "content-type": "application/json",
        "idempotency-key": key ?? `${token.slice(-8)}-${keys}`,
      };
      return call("POST", path_, { headers, body: JSON.stringify(body) });
    },
  };
}
