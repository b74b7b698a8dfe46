/**
 * One call of the API: what it takes, what it answers, who may use it, and what does it.
 *
 * The same values register the call, check its input and write its documentation.
 *
 * @module
 */

import type { ServerResponse } from "node:http";
import type { Result } from "@tillmesh/kernel";
import type { Actor, Right } from "../identity/actor.ts";
import type { ProblemCode, Refusal } from "./problem.ts";
import type { Schema, TypeOf } from "./schema.ts";

export interface Route {
  readonly method: "GET" | "POST" | "DELETE";
  /** Below /api/v1, parameters in braces: `/sales/{id}`. */
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  /** The right it needs; "anyone" needs no token, "signed-in" any token. */
  readonly right: Right | "anyone" | "signed-in";
  readonly params?: Schema;
  readonly query?: Schema;
  readonly body?: Schema;
  readonly bodyMaxBytes?: number;
  /** What a POST or GET answers when all is well. */
  readonly answer: { readonly status: number; readonly schema?: Schema; readonly media?: string };
  /** Beyond those of every call. */
  readonly problems?: readonly ProblemCode[];
  readonly handle: (request: ApiRequest) => Handled | Promise<Handled>;
}

export type Handled = Result<Answer, Refusal>;

/** A body is JSON already when it is a string. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  /** Takes over the socket: for events. */
  readonly stream?: (response: ServerResponse) => void;
}

export interface ApiRequest<Params = unknown, Query = unknown, Body = unknown> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** Present but for calls that anyone may make. */
  readonly actor: Actor | undefined;
  readonly token: string | undefined;
  /** Present for every POST. */
  readonly request: RequestId | undefined;
  readonly lastEventId: string | undefined;
}

/** What makes a repeated request the same request. */
export interface RequestId {
  readonly key: string;
  /** Hex SHA-256 over method, path and canonical body. */
  readonly bodyHash: string;
}

interface RouteSchemas {
  readonly params?: Schema;
  readonly query?: Schema;
  readonly body?: Schema;
}

type RequestOf<S extends RouteSchemas> = ApiRequest<
  TypeOf<S["params"]>,
  TypeOf<S["query"]>,
  TypeOf<S["body"]>
>;

/** Ties the handler's types to the schemas; the server checks input before it calls. */
export function route<const S extends RouteSchemas>(
  definition: Omit<Route, "params" | "query" | "body" | "handle"> & S,
  handle: (request: RequestOf<S>) => Handled | Promise<Handled>,
): Route {
  return { ...definition, handle: handle as Route["handle"] };
}
