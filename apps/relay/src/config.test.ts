import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { readRelayConfig, type Environment, type RelayConfig } from "./config.ts";

const needed = ["--data", "d", "--port", "7080", "--trust", "ca.pem"];

function config(args: readonly string[], env: Environment = {}): RelayConfig {
  const read = readRelayConfig(args, env);
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
}

function fault(args: readonly string[], env: Environment = {}): string {
  const read = readRelayConfig(args, env);
  return read.ok ? "" : read.error.message;
}

function withFile<T>(value: unknown, body: (file: string) => T): T {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "tillmesh-config-"));
  const file = path.join(directory, "relay.json");
  fs.writeFileSync(file, typeof value === "string" ? value : JSON.stringify(value));
  try {
    return body(file);
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
}

test("[SV12] loopback, files and all limits unless told otherwise", () => {
  const { host, port, backend, limits, quotas, logLevel } = config(needed);
  expect([host, port, backend, logLevel]).toEqual(["127.0.0.1", 7080, "files", "info"]);
  for (const value of [...Object.values(limits), ...Object.values(quotas)]) {
    expect(Number.isSafeInteger(value) && value > 0).toBe(true);
  }
});

test("[SV12] flags before environment before file", () => {
  const file = {
    data: "of-file",
    port: 1,
    host: "10.0.0.1",
    trust: ["a.pem", "b.pem"],
    limits: { connectionsMax: 7 },
    files: { ageMaxMs: 86_400_000 },
  };
  withFile(file, (name) => {
    const env = {
      TILLMESH_RELAY_CONFIG: name,
      TILLMESH_RELAY_DATA: "of-env",
      TILLMESH_RELAY_PORT: "2",
    };
    const { data, port, host, trust, limits, files } = config(["--port", "3"], env);
    expect([data, port, host, trust]).toEqual(["of-env", 3, "10.0.0.1", ["a.pem", "b.pem"]]);
    expect([limits.connectionsMax, limits.pingMs, files.ageMaxMs]).toEqual([7, 20_000, 86_400_000]);
  });
});

test("[SV12] what is wrong or not known is refused", () => {
  expect(fault([])).toContain("--trust is missing");
  expect(fault(["--trust", "a"])).toContain("--data is missing");
  expect(fault(["--trust", "a", "--data", "d"])).toContain("--port is missing");
  expect(fault([...needed, "--port", "70000"])).toContain("not a port");
  expect(fault([...needed, "--backend", "tape"])).toContain("files or nats");
  expect(fault([...needed, "--backend", "nats"])).toContain("--nats-url");
  expect(fault([...needed, "--nonsense"])).toContain("nonsense");
  expect(fault([...needed, "--config", "nowhere.json"])).toContain("nowhere.json");
  for (const [value, message] of [
    ["{", "JSON"],
    ["[]", "an object"],
    [{ dta: "x" }, '"dta"'],
    [{ limits: { connectionMax: 1 } }, '"connectionMax"'],
    [{ limits: { connectionsMax: -1 } }, "whole number"],
    [{ limits: { connectionsMax: "many" } }, "whole number"],
    [{ limits: 5 }, "an object"],
    [{ trust: "a.pem" }, "a list"],
  ] as const) {
    withFile(value, (name) => {
      const args = typeof value === "object" && "trust" in value ? needed.slice(0, 4) : needed;
      expect(fault([...args, "--config", name])).toContain(message);
    });
  }
});
