/**
 * Answers a request outside the API with a file of the pages.
 *
 * @module
 */

import fs from "node:fs";
import type { IncomingMessage } from "node:http";
import type { FastifyReply } from "fastify";
import { pageHeaders, type Pages } from "./pages.ts";

export function sendPage(
  pages: Pages,
  request: IncomingMessage,
  reply: FastifyReply,
): FastifyReply {
  reply.headers(pageHeaders);
  const text = reply.type("text/plain; charset=utf-8");
  if (request.method !== "GET" && request.method !== "HEAD") {
    return text.code(405).header("allow", "GET, HEAD").send("Only GET here.\n");
  }
  const file = pages.find(pathOf(request.url ?? "/"));
  if (file === undefined) return text.code(404).send("There is no such page.\n");
  reply.header("etag", file.etag);
  reply.header(
    "cache-control",
    file.isImmutable ? "public, max-age=31536000, immutable" : "no-cache",
  );
  if (request.headers["if-none-match"] === file.etag) return reply.code(304).send();
  reply.code(200).type(file.type);
  return request.method === "HEAD" ? reply.send() : reply.send(fs.createReadStream(file.path));
}

function pathOf(url: string): string {
  const encoded = url.split("?", 1)[0] ?? "/";
  try {
    return decodeURIComponent(encoded === "/" ? "/index.html" : encoded);
  } catch {
    return "/index.html";
  }
}
