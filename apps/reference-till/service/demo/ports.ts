/**
 * The demo's ports: defaults that the environment may change.
 *
 * @module
 */

import net from "node:net";
import { err, ok, type Result } from "@tillmesh/kernel";

export type DemoPort = keyof typeof variables;
export type DemoPorts = Readonly<Record<DemoPort, number>>;

const variables = {
  relay: ["TILLMESH_DEMO_RELAY", 7100],
  httpHq: ["TILLMESH_DEMO_HTTP_HQ", 8100],
  http1: ["TILLMESH_DEMO_HTTP_1", 8101],
  http2: ["TILLMESH_DEMO_HTTP_2", 8102],
  http3: ["TILLMESH_DEMO_HTTP_3", 8103],
  lan1: ["TILLMESH_DEMO_LAN_1", 7101],
  lan2: ["TILLMESH_DEMO_LAN_2", 7102],
} as const;

const names = Object.keys(variables) as DemoPort[];

export function readDemoPorts(
  env: Readonly<Record<string, string | undefined>>,
): Result<DemoPorts, { readonly type: "Ports"; readonly detail: string }> {
  const ports = new Map<string, number>();
  for (const name of names) {
    const [variable, byDefault] = variables[name];
    const text = env[variable] ?? String(byDefault);
    const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
    if (port < 1 || port > 65_535)
      return err({ type: "Ports", detail: `${variable}="${text}" is not a port.` });
    ports.set(name, port);
  }
  if (new Set(ports.values()).size < names.length) {
    return err({ type: "Ports", detail: `The demo needs ${names.length} different ports.` });
  }
  return ok(Object.fromEntries(ports) as unknown as DemoPorts);
}

/** The first port that something else listens on. */
export async function portsTaken(
  ports: DemoPorts,
): Promise<{ readonly port: number; readonly variable: string } | undefined> {
  for (const name of names) {
    const port = ports[name];
    if (await isTaken(port)) return { port, variable: variables[name][0] };
  }
  return undefined;
}

function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once("error", () => resolve(true));
    server.listen({ port, host: "127.0.0.1" }, () => server.close(() => resolve(false)));
  });
}
