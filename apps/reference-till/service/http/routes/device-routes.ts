/**
 * The organisation's devices: who there is, who may join, who may no longer.
 *
 * @module
 */

import { ok } from "@tillmesh/kernel";
import { invitationQr } from "@tillmesh/sync-engine/node";
import {
  decisions,
  devicesAnswer,
  invite,
  type DecisionName,
  type DecisionOptions,
  type DeviceHome,
  type LanAddress,
} from "../../till/devices.ts";
import type { Till } from "../../till/till.ts";
import type { RecentAnswers } from "../recent-answers.ts";
import { route, type Handled, type Route } from "../route.ts";
import {
  array,
  bool,
  described,
  integer,
  line,
  literal,
  named,
  nullable,
  object,
  text,
} from "../schema.ts";
import { id, instant, page, who } from "./shapes.ts";
import { callOf } from "./till-routes.ts";

export interface DeviceRoutesOptions {
  readonly home: DeviceHome;
  readonly recent: RecentAnswers;
  readonly lan?: readonly LanAddress[] | undefined;
}

const device = named(
  "Device",
  object(
    {
      id: text(),
      name: text(),
      roles: array(text()),
      location: who,
      state: text({
        examples: ["invited", "pending", "active", "expiring", "expired", "revoked"],
      }),
      check: described(nullable(text()), "To compare on both screens before a device is let in."),
      connectsUntil: described(nullable(instant), "It goes on selling after that."),
      isThis: bool(),
      newest: nullable(
        object({
          incarnation: integer(1, 1e9),
          sequence: integer(0, 1e15),
          at: nullable(instant),
        }),
      ),
    },
    { reason: text() },
  ),
);

const common = { tag: "Devices", right: "devices" } as const;

export function deviceRoutes(till: Till, options: DeviceRoutesOptions): readonly Route[] {
  return [
    route(
      {
        ...common,
        method: "GET",
        path: "/devices",
        summary: "Every device that is known here, with the newest entry held of it",
        answer: { status: 200, schema: page(device) },
      },
      () => ok({ status: 200, body: { items: devicesAnswer(till), next: null } }),
    ),
    decisionRoute(till, options, {
      name: "revoke",
      summary: "Cut a device off for good, at headquarters; what it made before stays",
    }),
    decisionRoute(till, options, {
      name: "approve",
      summary: "Let a device in that asked to join, at headquarters",
    }),
    decisionRoute(till, options, {
      name: "admit",
      summary:
        "Let count what a revoked device recorded after it was cut off, as far as it is here",
    }),
    invitationRoute(till, options),
  ];
}

interface Decision {
  readonly name: DecisionName;
  readonly summary: string;
}

/** Asked twice, it is done once: the second finds it done. */
function decisionRoute(
  till: Till,
  { recent }: DeviceRoutesOptions,
  { name, summary }: Decision,
): Route {
  return route(
    {
      ...common,
      method: "POST",
      path: `/devices/{id}/${name}`,
      summary,
      params: object({ id }),
      body: name === "revoke" ? object({}, { reason: line(200) }) : object({}),
      answer: { status: 200, schema: device },
      problems: ["NotHq", "NotKnownHere", "DecisionFailed"],
    },
    (request) =>
      recent.once(callOf(request).request, async (): Promise<Handled> => {
        const { reason } = request.body as DecisionOptions;
        const decided = await decisions[name](till, request.params.id, { reason });
        return decided.ok ? ok({ status: 200, body: decided.value }) : decided;
      }),
  );
}

function invitationRoute(till: Till, { home, recent, lan = [] }: DeviceRoutesOptions): Route {
  return route(
    {
      ...common,
      method: "POST",
      path: "/invitations",
      summary: "Invite a device, at headquarters. The answer is as secret as a password",
      body: object(
        { name: line(200), role: literal("till", "hq"), location: line(200) },
        { form: literal("file", "text"), isApproved: bool() },
      ),
      answer: {
        status: 201,
        schema: object({
          device: who,
          file: described(nullable(text()), "For join --invite: a file with this content."),
          text: described(nullable(text()), "For join --text: one line."),
          qr: described(nullable(text()), "The text as a picture: SVG."),
        }),
      },
      problems: ["NotHq", "InviteFailed"],
    },
    (request) =>
      recent.once(callOf(request).request, async (): Promise<Handled> => {
        const { form = "file", isApproved = false, ...rest } = request.body;
        const invited = await invite(till, home, { ...rest, form, isApproved, lan });
        if (!invited.ok) return invited;
        const { invitation, device: made } = invited.value;
        const isFile = form === "file";
        return ok({
          status: 201,
          body: {
            device: { id: made.id, name: made.name },
            file: isFile ? invitation : null,
            text: isFile ? null : invitation,
            qr: isFile ? null : invitationQr(invitation, "svg"),
          },
        });
      }),
  );
}
