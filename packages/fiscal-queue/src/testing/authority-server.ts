/**
 * A scripted authority behind a real socket.
 *
 * @module
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { WireRequest } from "../ports.ts";
import { dateHeader, type Handled, type ScriptedAuthority } from "./scripted-authority.ts";

export interface AuthorityServer {
  /** `http://127.0.0.1:PORT` */
  readonly baseUrl: string;
  close(): Promise<void>;
}

/** Listens on a free port of this machine only; while the script says `down` every connection is cut unread. */
export async function serveAuthority(
  authority: ScriptedAuthority,
  { nowMs = () => Date.now() }: { readonly nowMs?: () => number } = {},
): Promise<AuthorityServer> {
  const server = createServer((incoming, response) => {
    respond(incoming, { authority, response, nowMs }).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { baseUrl: `http://127.0.0.1:${port}`, close: () => closed(server) };
}

interface Response {
  readonly authority: ScriptedAuthority;
  readonly response: ServerResponse;
  readonly nowMs: () => number;
}

async function respond(incoming: IncomingMessage, to: Response): Promise<void> {
  const outcome = to.authority.handle(await requestFrom(incoming));
  if (outcome.type !== "answer") {
    to.response.socket?.destroy();
    return;
  }
  if (outcome.delayMs > 0) await sleep(outcome.delayMs, undefined, { ref: false });
  write(outcome, to);
}

function write({ answer }: Extract<Handled, { type: "answer" }>, to: Response): void {
  const { body, headers = {}, status } = answer;
  to.response.writeHead(status, { date: dateHeader(to.nowMs()), ...headers });
  to.response.end(body);
}

async function requestFrom(incoming: IncomingMessage): Promise<WireRequest> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Uint8Array);
  const headers = Object.entries(incoming.headers).map(
    ([name, value]) => [name, String(value)] as const,
  );
  return {
    method: (incoming.method ?? "GET") as WireRequest["method"],
    path: incoming.url ?? "/",
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks).toString("utf8"),
  };
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
