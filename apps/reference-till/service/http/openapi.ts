/**
 * The API's description, made from the routes themselves.
 *
 * OpenAPI 3.1 takes JSON Schema as it is, so what is documented is what is checked. Schemas with a title
 * are shared components.
 *
 * @module
 */

import { faultsMax, problems, type ProblemCode } from "./problem.ts";
import type { Route } from "./route.ts";
import type { Schema } from "./schema.ts";

export function openApiDocument(routes: readonly Route[], version: string): object {
  const components = new Map<string, unknown>();
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = (paths[route.path] ??= {});
    path[route.method.toLowerCase()] = operation(route, components);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Tillmesh reference till",
      version,
      description:
        "Money is integer minor units with a currency, quantities are decimal text, times are UTC. " +
        "Every POST takes an Idempotency-Key: the same key and body give the first answer with 200.",
    },
    servers: [{ url: "/api/v1" }],
    security: [{ bearer: [] }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        bearer: {
          type: "http",
          scheme: "bearer",
          description: "A staff session or a machine token.",
        },
      },
      parameters: { IdempotencyKey: idempotencyKey },
      schemas: { Problem: problemSchema, ...Object.fromEntries(components) },
    },
  };
}

const idempotencyKey = {
  name: "Idempotency-Key",
  in: "header",
  required: true,
  description: "1 to 200 visible ASCII characters, new for each new intention.",
  schema: { type: "string", minLength: 1, maxLength: 200, pattern: "^[!-~]+$" },
};

const problemSchema = {
  type: "object",
  description:
    "RFC 9457. `code` is stable; `retryable` says whether the same request may succeed later.",
  required: ["type", "title", "status", "code", "detail", "retryable", "errors"],
  properties: {
    type: { type: "string" },
    title: { type: "string" },
    status: { type: "integer" },
    code: { type: "string", enum: Object.keys(problems) },
    detail: { type: "string" },
    retryable: { type: "boolean" },
    errors: {
      type: "array",
      maxItems: faultsMax,
      items: {
        type: "object",
        required: ["pointer", "code", "detail"],
        properties: {
          pointer: { type: "string", description: "JSON pointer into the body." },
          code: { type: "string" },
          detail: { type: "string" },
        },
      },
    },
  },
  additionalProperties: true,
};

function operation(route: Route, components: Map<string, unknown>): object {
  const { method, path, summary, tag, right, body, answer } = route;
  return {
    operationId: operationId(method, path),
    summary,
    tags: [tag],
    ...(right === "anyone" ? { security: [] } : {}),
    ...(right === "anyone" || right === "signed-in"
      ? {}
      : { description: `Needs the right \`${right}\`.` }),
    parameters: [
      ...(method === "POST" ? [{ $ref: "#/components/parameters/IdempotencyKey" }] : []),
      ...parameters(route.params, "path"),
      ...parameters(route.query, "query"),
    ],
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { "application/json": { schema: shared(body, components) } },
          },
        }),
    responses: {
      ...answers(route, components),
      ...problemAnswers(problemsOf(route)),
    },
    ...(answer.media === "text/event-stream" ? { "x-events": eventTypes } : {}),
  };
}

const eventTypes = [
  "hello",
  "entry",
  "publication",
  "exception",
  "peers",
  "horizon",
  "relay",
  "devices",
  "revoked",
  "failed",
  "refresh",
  "reset",
];

function operationId(method: string, path: string): string {
  const words = path.split("/").filter((word) => word !== "");
  const name = words.map((word) => word.replace(/^\{(.*)\}$/, "by-$1")).join("-");
  return `${method.toLowerCase()}-${name}`;
}

function parameters(schema: Schema | undefined, place: "path" | "query"): readonly object[] {
  const properties = (schema?.["properties"] ?? {}) as Readonly<Record<string, unknown>>;
  const required = (schema?.["required"] ?? []) as readonly string[];
  return Object.entries(properties).map(([name, of]) => {
    return { name, in: place, required: place === "path" || required.includes(name), schema: of };
  });
}

function answers({ method, answer }: Route, components: Map<string, unknown>): object {
  const { status, schema, media = "application/json" } = answer;
  const content =
    schema === undefined ? {} : { content: { [media]: { schema: shared(schema, components) } } };
  const made = {
    [status]: { description: status === 201 ? "Recorded, and durable." : "Done.", ...content },
  };
  if (method !== "POST" || status === 200) return made;
  return {
    ...made,
    200: { description: "The same request was answered before; nothing new.", ...content },
  };
}

const everyCall: readonly ProblemCode[] = ["ForeignHost", "ForeignOrigin", "Internal"];
const everyPost: readonly ProblemCode[] = [
  "IdempotencyKeyMissing",
  "IdempotencyKeyInvalid",
  "IdempotencyKeyReused",
  "MalformedBody",
  "InvalidBody",
  "BodyTooLarge",
  "UnsupportedMediaType",
  "RequestTimeout",
  "CommitFailed",
  "StorageFull",
  "CatchingUp",
  "EntryMalformed",
];

function problemsOf(route: Route): readonly ProblemCode[] {
  return [
    ...everyCall,
    ...(route.right === "anyone" ? [] : (["Unauthorized"] as const)),
    ...(route.right === "anyone" || route.right === "signed-in" ? [] : (["Forbidden"] as const)),
    ...(route.method === "POST" ? everyPost : []),
    ...(route.params === undefined ? [] : (["InvalidPath"] as const)),
    ...(route.query === undefined ? [] : (["InvalidQuery", "CatchingUp"] as const)),
    ...(route.problems ?? []),
  ];
}

function problemAnswers(codes: readonly ProblemCode[]): object {
  const byStatus = Map.groupBy(new Set(codes), (code) => problems[code][0]);
  return Object.fromEntries(
    [...byStatus].map(([status, ofStatus]) => [
      status,
      {
        description: ofStatus.map((code) => `${code}: ${problems[code][1]}`).join(" "),
        content: {
          "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } },
        },
      },
    ]),
  );
}

/** Titled schemas move into the components and are referred to. */
function shared(schema: unknown, components: Map<string, unknown>): unknown {
  if (Array.isArray(schema)) return schema.map((item) => shared(item, components));
  if (typeof schema !== "object" || schema === null) return schema;
  const { title } = schema as Schema;
  const inner = Object.fromEntries(
    Object.entries(schema).map(([name, value]) => [name, shared(value, components)]),
  );
  if (typeof title !== "string") return inner;
  if (!components.has(title)) components.set(title, inner);
  return { $ref: `#/components/schemas/${title}` };
}
