/**
 * How the device is, who signs in, and the API's own description.
 *
 * @module
 */

import { err, ok } from "@tillmesh/kernel";
import type { Sessions } from "../../identity/sessions.ts";
import { statusAnswer } from "../../till/status.ts";
import type { Till } from "../../till/till.ts";
import type { RecentAnswers } from "../recent-answers.ts";
import { route, type Handled, type Route } from "../route.ts";
import { anything, line, object, text } from "../schema.ts";
import { callOfAnyone } from "./anyone.ts";
import { statusShape } from "./link-routes.ts";
import { instant, who } from "./shapes.ts";

export interface SystemOptions {
  readonly till: Till;
  readonly sessions: Sessions;
  readonly recent: RecentAnswers;
  /** The OpenAPI document as text. */
  readonly openApi: () => string;
}

export function systemRoutes({ till, sessions, recent, openApi }: SystemOptions): readonly Route[] {
  return [
    route(
      {
        method: "GET",
        path: "/health",
        tag: "System",
        summary: "Can this device sell?",
        right: "anyone",
        answer: { status: 200, schema: object({ status: text() }) },
        problems: ["CatchingUp", "CommitFailed"],
      },
      () => health(till),
    ),
    route(
      {
        method: "GET",
        path: "/status",
        tag: "System",
        summary: "Device, ledger, peers, relay, and what is only here",
        right: "read",
        answer: { status: 200, schema: statusShape },
      },
      () => ok({ status: 200, body: statusAnswer(till) }),
    ),
    ...sessionRoutes(sessions, recent),
    route(
      {
        method: "GET",
        path: "/openapi.json",
        tag: "System",
        summary: "This description",
        right: "signed-in",
        answer: { status: 200, schema: anything() },
      },
      () => ok({ status: 200, body: openApi() }),
    ),
  ];
}

function health(till: Till): Handled {
  if (till.replica.status().state === "failed") {
    return err({
      type: "CommitFailed",
      detail: "The disk refused a write: nothing is recorded until the service is started again.",
    });
  }
  return till.isOwnRead
    ? ok({ status: 200, body: { status: "ok" } })
    : err({ type: "CatchingUp", retryAfterS: 1 });
}

function sessionRoutes(sessions: Sessions, recent: RecentAnswers): readonly Route[] {
  return [
    route(
      {
        method: "POST",
        path: "/sessions",
        tag: "System",
        summary: "Sign in with a PIN",
        right: "anyone",
        body: object({ pin: text({ pattern: "^[0-9]{4,12}$" }) }, { staff: line(200) }),
        answer: {
          status: 201,
          schema: object({ token: text(), staff: who, role: text(), expiresAt: instant }),
        },
        problems: ["WrongPin", "TooManyAttempts"],
      },
      (request) =>
        recent.once(callOfAnyone(request), async (): Promise<Handled> => {
          const opened = await sessions.open(request.body);
          if (!opened.ok) return opened;
          const { token, staff, expiresAtMs } = opened.value;
          const expiresAt = new Date(expiresAtMs).toISOString();
          const { id, name, role } = staff;
          return ok({ status: 201, body: { token, staff: { id, name }, role, expiresAt } });
        }),
    ),
    route(
      {
        method: "GET",
        path: "/sessions/current",
        tag: "System",
        summary: "Who is asking, and what they may do",
        right: "signed-in",
        answer: { status: 200, schema: anything() },
      },
      ({ actor }) =>
        ok({
          status: 200,
          body: { name: actor?.name, by: actor?.by, rights: [...(actor?.rights ?? [])] },
        }),
    ),
    route(
      {
        method: "DELETE",
        path: "/sessions",
        tag: "System",
        summary: "Sign out",
        right: "signed-in",
        answer: { status: 204 },
      },
      ({ token }) => {
        if (token !== undefined) sessions.close(token);
        return ok({ status: 204 });
      },
    ),
  ];
}
