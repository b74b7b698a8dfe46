/**
 * The HTTP server: bounds, guard, bearer, schemas, then the route; every "no" is a problem document.
 *
 * @module
 */

import type { IncomingMessage } from "node:http";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import {
  canonicalJson,
  hex,
  utf8,
  type Crypto,
  type Json,
  type Result,
  err,
  ok,
} from "@tillmesh/kernel";
import type { Actor } from "../identity/actor.ts";
import { errorFacts, type Logger } from "../logger.ts";
import { answerClientError, refusalOfError } from "./faults.ts";
import { isDamage } from "../projection/tables.ts";
import type { Guard } from "./guard.ts";
import { plainFaults } from "./plain-json.ts";
import { problemOf, type Refusal } from "./problem.ts";
import type { Answer, RequestId, Route } from "./route.ts";
import { object, type Schema } from "./schema.ts";
import { createValidators, type Validator } from "./validators.ts";

export const apiPrefix = "/api/v1";

export interface ServerOptions {
  readonly routes: readonly Route[];
  /** Known once the port is. */
  readonly guard: () => Guard;
  readonly findActor: (token: string) => Actor | undefined;
  readonly crypto: Crypto;
  readonly logger: Logger;
  /** The read models' file is damaged. */
  readonly onDamage: (error: unknown) => void;
  /** Anything outside the API: the pages. */
  readonly pages: (request: IncomingMessage, reply: FastifyReply) => FastifyReply;
}

export function createServer(options: ServerOptions): FastifyInstance {
  const server = Fastify({
    logger: false,
    bodyLimit: bodyMaxBytes,
    requestTimeout: 30_000,
    keepAliveTimeout: 30_000,
    http: { headersTimeout: 10_000, maxHeaderSize: 16_384 },
    routerOptions: { maxParamLength: 200 },
    exposeHeadRoutes: false,
    forceCloseConnections: "idle",
    return503OnClosing: false,
    clientErrorHandler: answerClientError,
    frameworkErrors: (_error, _request, reply) => void refuse(reply, { type: "NotFound" }),
  });
  server.server.maxConnections = 512;
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) => {
    const parsed = parseBody(body as Buffer);
    if (parsed.ok) done(null, parsed.value);
    else done(new RefusedError(parsed.error));
  });
  server.addHook("onRequest", (request, reply, next) => {
    const foreign = options.guard().check(request.headers);
    if (foreign === undefined) next();
    else refuse(reply, foreign);
  });
  server.setErrorHandler((error, request, reply) =>
    answerError(options, error, { request, reply }),
  );
  server.setNotFoundHandler((request, reply) =>
    request.url.startsWith("/api/")
      ? refuse(reply, { type: "NotFound" })
      : options.pages(request.raw, reply),
  );
  server.addHook("onResponse", (request, reply, next) => {
    logAnswer(options.logger, request, reply);
    next();
  });
  const validatorOf = createValidators();
  for (const route of options.routes) register(server, route, { options, validatorOf });
  refuseOtherMethods(server, options.routes);
  return server;
}

const bodyMaxBytes = 1_048_576;
/** So much of a body that is too large is taken off the wire before the connection is closed. */
const droppedMaxBytes = 67_108_864;

declare module "fastify" {
  interface FastifyRequest {
    tillActor?: Actor;
    tillToken?: string;
  }
}

/** Carries a refusal through the framework's error handling. */
class RefusedError extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.type);
    this.refusal = refusal;
  }
}

function register(
  server: FastifyInstance,
  route: Route,
  { options, validatorOf }: Registering,
): void {
  const checks: Checks = {
    params: validatorOf(route.params ?? object({})),
    query: validatorOf(route.query ?? object({})),
    body: validatorOf(route.body ?? object({})),
  };
  server.route({
    method: route.method,
    url: fastifyPath(route.path),
    bodyLimit: route.bodyMaxBytes ?? bodyMaxBytes,
    onRequest: (request, reply, next) => {
      const refused = admit(request, route, options);
      if (refused === undefined) next();
      else refuse(reply, refused);
    },
    preHandler: (request, reply, next) => {
      const refused = checkInput(request, route, checks);
      if (refused === undefined) next();
      else refuse(reply, refused);
    },
    handler: (request, reply) => handle(request, reply, { route, crypto: options.crypto }),
  });
}

interface Registering {
  readonly options: ServerOptions;
  readonly validatorOf: (schema: Schema) => Validator;
}

interface Checks {
  readonly params: Validator;
  readonly query: Validator;
  readonly body: Validator;
}

/** Path, then query, then body: each with all its faults. */
function checkInput(request: FastifyRequest, route: Route, checks: Checks): Refusal | undefined {
  const path = checks.params(request.params);
  if (path.length > 0) return { type: "InvalidPath", faults: path };
  if (route.query !== undefined) request.query = withIntegers(request.query, route.query);
  const query = checks.query(request.query);
  if (query.length > 0) return { type: "InvalidQuery", faults: query };
  if (route.method !== "POST") return undefined;
  request.body ??= {};
  const body = checks.body(request.body);
  return body.length > 0 ? { type: "InvalidBody", faults: body } : undefined;
}

function fastifyPath(path: string): string {
  return apiPrefix + path.replaceAll(/\{(\w+)\}/g, ":$1");
}

/** Before the body is read: who asks, may they, and under which key. */
function admit(
  request: FastifyRequest,
  route: Route,
  { findActor }: ServerOptions,
): Refusal | undefined {
  if (route.right !== "anyone") {
    const token = bearer(request.headers.authorization);
    const actor = token === undefined ? undefined : findActor(token);
    if (token === undefined || actor === undefined) return { type: "Unauthorized" };
    if (route.right !== "signed-in" && !actor.rights.has(route.right)) {
      return {
        type: "Forbidden",
        detail: `${actor.name} does not have the right "${route.right}".`,
      };
    }
    request.tillActor = actor;
    request.tillToken = token;
  }
  return route.method === "POST" ? keyFault(request.headers["idempotency-key"]) : undefined;
}

function bearer(header: string | undefined): string | undefined {
  return /^Bearer +([\w.~+/=-]{1,200})$/i.exec(header ?? "")?.[1];
}

function keyFault(key: string | readonly string[] | undefined): Refusal | undefined {
  if (key === undefined) return { type: "IdempotencyKeyMissing" };
  return typeof key === "string" && /^[\x21-\x7e]{1,200}$/.test(key)
    ? undefined
    : { type: "IdempotencyKeyInvalid" };
}

async function handle(
  request: FastifyRequest,
  reply: FastifyReply,
  { route, crypto }: { readonly route: Route; readonly crypto: Crypto },
): Promise<FastifyReply> {
  const handled = await route.handle({
    params: request.params,
    query: request.query,
    body: request.body,
    actor: request.tillActor,
    token: request.tillToken,
    request: route.method === "POST" ? requestId(request, crypto) : undefined,
    lastEventId: singleHeader(request.headers["last-event-id"]),
  });
  return handled.ok ? send(reply, handled.value) : refuse(reply, handled.error);
}

function singleHeader(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function requestId(request: FastifyRequest, crypto: Crypto): RequestId {
  const path = request.url.split("?", 1)[0] ?? "";
  const text = `${request.method} ${path}\n${bodyText(request.body as Json)}`;
  return {
    key: String(request.headers["idempotency-key"]),
    bodyHash: hex(crypto.sha256(utf8(text))),
  };
}

/** What has no canonical text is refused by the call itself, with its faults; nothing of it is recorded. */
function bodyText(body: Json): string {
  return plainFaults(body).length === 0 ? canonicalJson(body) : "";
}

function send(reply: FastifyReply, { status, body, stream }: Answer): FastifyReply {
  if (stream !== undefined) {
    reply.hijack();
    stream(reply.raw);
    return reply;
  }
  reply.code(status).headers(apiHeaders);
  if (body === undefined) return reply.send();
  const json = typeof body === "string" ? body : JSON.stringify(body);
  return reply.type("application/json; charset=utf-8").send(json);
}

function refuse(reply: FastifyReply, refusal: Refusal): FastifyReply {
  const problem = problemOf(refusal);
  reply.code(problem.status).headers(apiHeaders);
  if (problem.status === 401) reply.header("www-authenticate", "Bearer");
  if (refusal.retryAfterS !== undefined) reply.header("retry-after", refusal.retryAfterS);
  // Closed at once, a client that still sends would see a broken connection instead of the answer:
  // the rest is read and dropped.
  if (Number(reply.request.headers["content-length"]) <= droppedMaxBytes)
    reply.removeHeader("connection");
  return reply.type("application/problem+json; charset=utf-8").send(JSON.stringify(problem));
}

export const apiHeaders: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
};

function answerError(
  { logger, onDamage }: ServerOptions,
  error: unknown,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
): FastifyReply {
  if (isDamage(error)) {
    onDamage(error);
    return refuse(reply, { type: "CatchingUp", retryAfterS: 1 });
  }
  const refusal = error instanceof RefusedError ? error.refusal : refusalOfError(error);
  if (refusal.type === "Internal") {
    logger.error("request-failed", { path: request.routeOptions.url, ...errorFacts(error) });
  }
  return refuse(reply, refusal);
}

/** Bytes that are not UTF-8, and an empty body, are told apart from JSON that is wrong. */
function parseBody(bytes: Buffer): Result<unknown, Refusal> {
  if (bytes.length === 0) return ok(undefined);
  try {
    return ok(JSON.parse(utf8Decoder.decode(bytes)));
  } catch (error) {
    const detail = error instanceof SyntaxError ? error.message.slice(0, 200) : "It is not UTF-8.";
    return err({ type: "MalformedBody", detail, faults: [{ pointer: "", code: "json", detail }] });
  }
}

const utf8Decoder = new TextDecoder("utf-8", { fatal: true });

/** Query strings are text; where the schema wants an integer, decimal digits are one. */
function withIntegers(query: unknown, schema: Record<string, unknown>): unknown {
  const properties = (schema["properties"] ?? {}) as Record<string, { readonly type?: unknown }>;
  return Object.fromEntries(
    Object.entries(query as Record<string, unknown>).map(([name, value]) => {
      const isInteger = Object.hasOwn(properties, name) && properties[name]?.type === "integer";
      const isDigits = typeof value === "string" && /^\d{1,9}$/.test(value);
      return [name, isInteger && isDigits ? Number(value) : value];
    }),
  );
}

/** A path that exists takes other methods with 405 instead of 404. */
function refuseOtherMethods(server: FastifyInstance, routes: readonly Route[]): void {
  for (const path of new Set(routes.map((route) => route.path))) {
    const taken = new Set<string>(routes.filter((r) => r.path === path).map((r) => r.method));
    server.route({
      method: ["GET", "POST", "PUT", "PATCH", "DELETE"].filter((method) => !taken.has(method)),
      url: fastifyPath(path),
      onRequest: (_request, reply) =>
        void refuse(reply.header("allow", [...taken].join(", ")), { type: "MethodNotAllowed" }),
      handler: (_request, reply) => refuse(reply, { type: "MethodNotAllowed" }),
    });
  }
}

function logAnswer(logger: Logger, request: FastifyRequest, reply: FastifyReply): void {
  const isQuiet = request.method === "GET" && reply.statusCode < 400;
  const facts = {
    method: request.method,
    path: request.routeOptions.url ?? null,
    status: reply.statusCode,
    ms: Math.round(reply.elapsedTime * 10) / 10,
    by: request.tillActor?.name,
  };
  if (isQuiet) logger.debug("request", facts);
  else logger.info("request", facts);
}
