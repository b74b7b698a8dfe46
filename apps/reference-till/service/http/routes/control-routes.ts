/**
 * What the command line asks of a service that runs. Not part of the API: it takes the token in run.json.
 *
 * @module
 */

import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";
import { err, ok } from "@tillmesh/kernel";
import { activateFiscal, type ActivateRequest } from "../../fiscal/activate.ts";
import { takeUpActivation } from "../../fiscal/rekeying.ts";
import type { DeliveryLoop } from "../../fiscal/delivery-loop.ts";
import { verifyFiscal } from "../../fiscal/verify-fiscal.ts";
import { importFile } from "../../till/import.ts";
import type { Till } from "../../till/till.ts";
import { verifyTill } from "../../till/verify.ts";
import { toldError } from "../../told-errors.ts";
import { route, type Route } from "../route.ts";
import { anything, literal, object, record, text, type Schema } from "../schema.ts";
import { callOf } from "./till-routes.ts";

const common = {
  tag: "Control",
  right: "control",
  answer: { status: 200, schema: anything() },
} as const;

export function controlRoutes(till: Till, delivery: DeliveryLoop): readonly Route[] {
  return [
    route(
      {
        ...common,
        method: "POST",
        path: "/control/import",
        summary: "Import a file",
        bodyMaxBytes: 16_777_216,
        body: object({
          kind: literal("catalogue", "taxes", "promotions"),
          text: text(),
          map: record(text()),
        }),
      },
      async (request) => {
        const imported = await importFile(till, callOf(request), request.body);
        return imported.ok ? ok({ status: 200, body: imported.value }) : err(imported.error);
      },
    ),
    route(
      { ...common, method: "POST", path: "/control/verify", summary: "Verify", body: object({}) },
      async () => ok({ status: 200, body: await verifyTill(till) }),
    ),
    ...renewalRoutes(till),
    ...fiscalRoutes(till, delivery),
    route({ ...common, method: "GET", path: "/control/backup", summary: "Backup" }, () =>
      ok({
        status: 200,
        stream: (response) => {
          response.writeHead(200, { "content-type": "application/octet-stream" });
          // A reader that goes away ends the stream; it sees that its file is not whole.
          pipeline(Readable.from(till.replica.backup()), response).catch(() => response.destroy());
        },
      }),
    ),
  ];
}

function fiscalRoutes(till: Till, delivery: DeliveryLoop): readonly Route[] {
  return [
    route(
      {
        ...common,
        method: "POST",
        path: "/control/fiscal/deliver",
        summary: "Deliver what may be sent now",
        body: object({}),
      },
      async () => ok({ status: 200, body: await delivery.deliver() }),
    ),
    route(
      {
        ...common,
        method: "POST",
        path: "/control/fiscal/verify",
        summary: "Verify fiscal chains",
        body: object({}),
      },
      async () => ok({ status: 200, body: await verifyFiscal(till) }),
    ),
    route(
      {
        ...common,
        method: "POST",
        path: "/control/fiscal/activate",
        summary: "Activate",
        // The command line of this very version made it, and it is checked as a whole.
        body: anything() as Schema<ActivateRequest>,
      },
      async ({ body }) => {
        const activated = activateFiscal(till, body);
        const done = activated.ok ? await takeUpActivation(till) : activated;
        return done.ok ? ok({ status: 200, body: {} }) : done;
      },
    ),
  ];
}

function renewalRoutes({ replica }: Till): readonly Route[] {
  return [
    route(
      {
        ...common,
        method: "POST",
        path: "/control/renewal-request",
        summary: "Ask",
        body: object({}),
      },
      () => ok({ status: 200, body: { text: replica.renewalRequest() } }),
    ),
    route(
      {
        ...common,
        method: "POST",
        path: "/control/renew",
        summary: "Renew a device",
        body: object({ request: text() }),
      },
      async ({ body }) => {
        const renewed = await replica.renew(body.request);
        return renewed.ok
          ? ok({ status: 200, body: { text: renewed.value } })
          : err({ type: "DecisionFailed", detail: toldError(renewed.error) });
      },
    ),
    route(
      {
        ...common,
        method: "POST",
        path: "/control/take-renewal",
        summary: "Take a renewal",
        body: object({ renewal: text() }),
      },
      ({ body }) => {
        const taken = replica.takeRenewal(body.renewal);
        return taken.ok
          ? ok({ status: 200, body: {} })
          : err({ type: "DecisionFailed", detail: toldError(taken.error) });
      },
    ),
  ];
}
