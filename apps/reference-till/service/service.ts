/**
 * The service: one till behind one HTTP port.
 *
 * @module
 */

import type { AddressInfo } from "node:net";
import { err, ok, type Clock, type Crypto, type Result } from "@tillmesh/kernel";
import { createServerCloser } from "./http/close-server.ts";
import {
  createDeliveryLoop,
  startDelivery,
  type DeliveryLoop,
  type DeliveryPace,
} from "./fiscal/delivery-loop.ts";
import { createGuard, type Guard } from "./http/guard.ts";
import type { EventHub } from "./http/event-hub.ts";
import { openApiDocument } from "./http/openapi.ts";
import { readPages } from "./http/pages.ts";
import { createRecentAnswers } from "./http/recent-answers.ts";
import type { Route } from "./http/route.ts";
import { auditRoutes } from "./http/routes/audit-routes.ts";
import { deviceRoutes } from "./http/routes/device-routes.ts";
import { fiscalRoutes } from "./http/routes/fiscal-routes.ts";
import { hqPricingRoutes } from "./http/routes/hq-pricing-routes.ts";
import { hqRoutes } from "./http/routes/hq-routes.ts";
import { linkRoutes } from "./http/routes/link-routes.ts";
import { priceRoutes } from "./http/routes/price-routes.ts";
import { productRoutes } from "./http/routes/product-routes.ts";
import { refundRoutes } from "./http/routes/refund-routes.ts";
import { saleRoutes } from "./http/routes/sale-routes.ts";
import { stockRoutes } from "./http/routes/stock-routes.ts";
import { systemRoutes } from "./http/routes/system-routes.ts";
import { tillRoutes } from "./http/routes/till-routes.ts";
import { sendPage } from "./http/send-page.ts";
import { createServer } from "./http/server.ts";
import { createLiveEvents, type LiveEvents } from "./live-events.ts";
import { createMachineTokens } from "./identity/machine-tokens.ts";
import { createSessions } from "./identity/sessions.ts";
import type { Actor } from "./identity/actor.ts";
import type { Logger } from "./logger.ts";
import { startCheckpointer } from "./projection/checkpointer.ts";
import type { LanAddress } from "./till/devices.ts";
import type { Replica } from "./till/replica.ts";
import { openTill, projectionFileOf, type Till } from "./till/till.ts";
import { startTransferPublisher, type TransferPublisher } from "./till/transfer-publisher.ts";

export interface ServiceOptions {
  readonly replica: Replica;
  /** The device's directory. */
  readonly directory: string;
  readonly clock: Clock;
  readonly crypto: Crypto;
  readonly logger: Logger;
  readonly version: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly host: string;
  /** Further names under which this service may be addressed. */
  readonly names: readonly string[];
  readonly pagesFolder: string;
  /** Where this device listens, as invitations tell it. */
  readonly lan?: readonly LanAddress[] | undefined;
  /** Of fiscal documents. By itself unless told otherwise. */
  readonly delivery?: DeliveryPace | undefined;
  /** For the CLI on this machine. */
  readonly control?: {
    readonly token: string;
    readonly actor: Actor;
    readonly routes: (till: Till, delivery: DeliveryLoop) => readonly Route[];
  };
}

export interface Service {
  readonly till: Till;
  readonly delivery: DeliveryLoop;
  readonly port: number;
  /** Finishes the requests under way. The replica is the caller's to close. */
  stop(): Promise<void>;
}

export async function startService(options: ServiceOptions): Promise<Result<Service, ListenError>> {
  const { clock, crypto, logger } = options;
  const { till, hub, delivery, close: closeTill } = openLiveTill(options);
  const tokens = createMachineTokens({ directory: options.directory, clock, crypto });
  const sessions = createSessions({
    clock,
    crypto,
    staff: () => till.books.staff.all().map(({ value }) => value),
  });
  const findActor = (token: string) => {
    if (options.control !== undefined && token === options.control.token)
      return options.control.actor;
    return sessions.find(token) ?? tokens.find(token);
  };
  const recent = createRecentAnswers();
  let openApi = "";
  const routes: readonly Route[] = [
    ...systemRoutes({ till, sessions, recent, openApi: () => openApi }),
    ...tillRoutes(till),
    ...saleRoutes(till, recent),
    ...refundRoutes(till, recent),
    ...stockRoutes(till),
    ...productRoutes(till),
    ...priceRoutes(till),
    ...hqRoutes(till),
    ...hqPricingRoutes(till),
    ...linkRoutes(till, recent),
    ...fiscalRoutes(till, delivery),
    ...deviceRoutes(till, { home: options, recent, lan: options.lan }),
    ...auditRoutes(till, hub, (token) => findActor(token) !== undefined),
  ];
  openApi = JSON.stringify(openApiDocument(routes, options.version));
  const pages = readPages(options.pagesFolder);
  let guard: Guard = createGuard(options.port, options.names);
  const server = createServer({
    routes: [...routes, ...(options.control?.routes(till, delivery) ?? [])],
    guard: () => guard,
    findActor,
    crypto,
    logger,
    onDamage: (error) => till.rebuild(error),
    pages: (request, reply) => sendPage(pages, request, reply),
  });
  const closer = createServerCloser(server);
  const heartbeat = setInterval(() => hub.heartbeat(), heartbeatMs);
  const checkpointer = startCheckpointer(projectionFileOf(options.directory));
  const stop = async () => {
    clearInterval(heartbeat);
    hub.close();
    await closer.close();
    await checkpointer.stop();
    closeTill();
  };
  try {
    await server.listen({ port: options.port, host: options.host });
  } catch (error) {
    await stop();
    return err(listenError(error, options.port));
  }
  const { port } = server.server.address() as AddressInfo;
  guard = createGuard(port, options.names);
  return ok({ till, delivery, port, stop });
}

/** What happens while the till opens was there before anybody could follow. */
function openLiveTill({
  replica,
  directory,
  clock,
  crypto,
  logger,
  delivery: pace,
}: ServiceOptions): {
  readonly till: Till;
  readonly hub: EventHub;
  readonly delivery: DeliveryLoop;
  readonly close: () => void;
} {
  let live: LiveEvents | undefined;
  let transfers: TransferPublisher | undefined;
  let delivery: DeliveryLoop | undefined;
  const till = openTill({
    replica,
    directory,
    clock,
    random: crypto.randomBytes,
    logger,
    onEvent: (event) => {
      live?.tell(event);
      transfers?.see(event);
      delivery?.see(event);
      if (event.type === "failed") logger.error("disk-failed", { code: event.code });
    },
  });
  live = createLiveEvents(till, crypto);
  transfers = startTransferPublisher(till, logger);
  const startLoop = pace === "when-asked" ? createDeliveryLoop : startDelivery;
  delivery = startLoop(till, logger);
  const close = () => {
    live.close();
    transfers.close();
    delivery.close();
    till.close();
  };
  return { till, hub: live.hub, delivery, close };
}

export interface ListenError {
  readonly type: "Listen";
  readonly port: number;
  readonly code: string;
}

const heartbeatMs = 15_000;

function listenError(error: unknown, port: number): ListenError {
  const code = (error as NodeJS.ErrnoException).code ?? "unknown";
  return { type: "Listen", port, code };
}
