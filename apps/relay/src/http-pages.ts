/**
 * `/metrics`, `/healthz` and `/readyz`; and where a request came from.
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { RelayContext } from "./session.ts";

export async function answerHttp(
  relay: RelayContext,
  { method, url }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const isRead = method === "GET" || method === "HEAD";
  const page = isRead ? await pageOf(relay, url ?? "").catch(() => failed) : notFound;
  response.writeHead(page.status, {
    "content-type": page.type ?? "text/plain; charset=utf-8",
    "cache-control": "no-store",
  });
  response.end(method === "HEAD" ? undefined : page.text);
}

interface Page {
  readonly status: number;
  readonly text: string;
  readonly type?: string;
}

const failed: Page = { status: 500, text: "failed\n" };
const notFound: Page = { status: 404, text: "not found\n" };

async function pageOf(relay: RelayContext, url: string): Promise<Page> {
  if (url === "/healthz") return healthPage(relay);
  if (url === "/readyz") return readyPage(relay);
  if (url !== "/metrics") return notFound;
  const text = await relay.metrics.registry.page();
  return { status: 200, text, type: "text/plain; version=0.0.4; charset=utf-8" };
}

/** Whether a restart would help. */
async function healthPage({ store }: RelayContext): Promise<Page> {
  const { state, detail } = await store.health();
  return { status: state === "failed" ? 500 : 200, text: `${state} ${detail}`.trimEnd() + "\n" };
}

/** Whether devices should be sent here. */
async function readyPage({ store, isDraining }: RelayContext): Promise<Page> {
  const { state, detail } = await store.health();
  if (isDraining) return { status: 503, text: "draining\n" };
  return { status: state === "ok" ? 200 : 503, text: `${state} ${detail}`.trimEnd() + "\n" };
}

/** The peer's, or what the nearest proxy that is trusted says. */
export function addressOf(
  { socket, headers }: IncomingMessage,
  proxies: readonly string[],
): string {
  const peer = plain(socket.remoteAddress ?? "");
  if (!proxies.includes(peer)) return peer;
  const forwarded = headers["x-forwarded-for"];
  const last = (Array.isArray(forwarded) ? forwarded.join(",") : (forwarded ?? ""))
    .split(",")
    .at(-1);
  return plain(last?.trim() ?? "").slice(0, 64) || peer;
}

/** IPv4 as such, also over an IPv6 socket. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, "");
}
