/**
 * Everything a page of the till works with: one of each, made once.
 *
 * @module
 */

import { createContext, type Context } from "preact";
import { useContext } from "preact/hooks";
import { assert } from "@tillmesh/kernel";
import { createApi, newKey, type Answered, type Api } from "../api/client.ts";
import type { StreamEvent } from "../api/event-stream.ts";
import type { Fiscal } from "../api/fiscal-shapes.ts";
import { followEvents } from "../api/live.ts";
import { createOutbox, type Outbox, type Unanswered } from "../api/outbox.ts";
import type { PricingOptions } from "../api/price-shapes.ts";
import type { Sale, Session, Status } from "../api/shapes.ts";
import { createStore, type Store } from "../store.ts";
import { emptyBasket, stepBasket, type Basket, type BasketAction } from "./basket.ts";
import { connectedPeers, linkStart, stepLink, type Link, type LinkAction } from "./link.ts";
import { noNotices, stepNotices, type Notices, type NoticesAction } from "./notices.ts";
import { loadProducts, noProducts, type ProductList } from "./product-list.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { followBasket } from "./quoting.ts";
import { readSession, writeSession } from "./session.ts";
import type { Slot } from "./slots.ts";

export interface Workplace {
  readonly api: Api;
  readonly outbox: Outbox;
  readonly session: Store<Session | null, Session | null>;
  readonly link: Store<Link, LinkAction>;
  readonly status: Store<Status | null, Status>;
  readonly basket: Store<Basket, BasketAction>;
  readonly products: Store<ProductList, ProductList>;
  /** Null: not told yet. */
  readonly options: Store<PricingOptions | null, PricingOptions | null>;
  /** Null: not told yet. */
  readonly fiscal: Store<Fiscal | null, Fiscal | null>;
  readonly revisions: Store<Revisions, readonly Topic[]>;
  readonly notices: Store<Notices, NoticesAction>;
  /** Requests without an answer, as the person sees them. */
  readonly unanswered: Store<readonly Unanswered[], readonly Unanswered[]>;
  /** The sale just made, until the next one begins. */
  readonly receipt: Store<Sale | null, Sale | null>;
  readonly signIn: (pin: string) => Promise<Answered<Session>>;
  readonly signOut: () => void;
  readonly refreshStatus: () => void;
  readonly refreshFiscal: () => void;
}

/** Counts what changed, so that whoever shows it reads again. */
export type Topic = "entries" | "publications" | "exceptions" | "horizon" | "devices";
export type Revisions = Readonly<Record<Topic, number>>;

export function openWorkplace(slot: Slot): Workplace {
  const session = createStore(replace<Session | null>, readSession());
  const link = createStore(stepLink, linkStart);
  const unanswered = createStore(replace<readonly Unanswered[]>, slot.readUnanswered());
  const api = createApi({
    fetch: (input, init) => fetch(input, init),
    token: () => session.get()?.token,
    onUnauthorized: () => session.dispatch(null),
    onReached: (isReached) => link.dispatch({ type: "reached", isReached, atMs: Date.now() }),
  });
  const outbox = createOutbox({
    post: (path, body, key) => api.post(path, body, key),
    newKey,
    read: slot.readUnanswered,
    write: (requests) => {
      slot.writeUnanswered(requests);
      // A request that is under way is no news; one that is settled is.
      const keys = new Set(requests.map(({ key }) => key));
      unanswered.dispatch(unanswered.get().filter(({ key }) => keys.has(key)));
    },
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    onUnknown: () => unanswered.dispatch(slot.readUnanswered()),
  });
  const kept = { lines: slot.readLines(), order: slot.readOrder() };
  const basket = createStore(stepBasket, { ...emptyBasket, ...kept, revision: 1 });
  basket.subscribe(() => {
    slot.writeLines(basket.get().lines);
    slot.writeOrder(basket.get().order);
  });
  session.subscribe(() => writeSession(session.get()));
  const place = {
    api,
    outbox,
    session,
    link,
    unanswered,
    basket,
    status: createStore(replace<Status | null>, null),
    products: createStore(replace<ProductList>, noProducts),
    options: createStore(replace<PricingOptions | null>, null),
    fiscal: createStore(replace<Fiscal | null>, null),
    revisions: createStore(bump, noRevisions),
    notices: createStore(stepNotices, noNotices),
    receipt: createStore(replace<Sale | null>, null),
  };
  return { ...place, ...followService(place) };
}

export const WorkplaceContext: Context<Workplace | null> = createContext<Workplace | null>(null);

export function useWorkplace(): Workplace {
  const workplace = useContext(WorkplaceContext);
  assert(workplace !== null, "a page stands in a workplace");
  return workplace;
}

type Following = "signIn" | "signOut" | "refreshStatus" | "refreshFiscal";
type Place = Omit<Workplace, Following>;

/** While someone is signed in: events, the status every few seconds, products, quotes. */
function followService(place: Place): Pick<Workplace, Following> {
  const { api, session, options, fiscal } = place;
  const refreshers = refreshersOf(place);
  let stop: (() => void) | undefined;
  const update = () => {
    const isIn = session.get() !== null;
    if (isIn) stop ??= startFollowing(place, refreshers);
    else {
      stop?.();
      // Another person may do other things.
      options.dispatch(null);
      fiscal.dispatch(null);
      stop = undefined;
    }
  };
  session.subscribe(update);
  update();
  const { refreshStatus, refreshFiscal } = refreshers;
  return {
    signIn: async (pin) => {
      const answered = await api.post<Session>("/sessions", { pin }, newKey());
      if (answered.ok) session.dispatch(answered.value);
      return answered;
    },
    signOut: () => {
      void api.delete("/sessions");
      session.dispatch(null);
    },
    refreshStatus,
    refreshFiscal,
  };
}

/** Returns how to stop. */
function startFollowing(place: Place, refreshers: Refreshers): () => void {
  const { api, link, revisions } = place;
  const { refreshStatus, refreshProducts, refreshOptions, refreshFiscal } = refreshers;
  const changed = gathered((topics: readonly Topic[]) => {
    revisions.dispatch(topics);
    refreshStatus();
    if (topics.includes("entries")) refreshFiscal();
    if (topics.includes("publications")) {
      refreshProducts();
      refreshOptions();
      place.basket.dispatch({ type: "requote" });
    }
  });
  const unfollow = followEvents({
    api,
    onEvent: (event) => changed(topicsOf(event)),
    onState: (isLive) => {
      link.dispatch({ type: "live", isLive });
      if (!isLive) refreshStatus();
    },
  });
  const timer = setInterval(() => {
    refreshStatus();
    if (!link.get().isLive) revisions.dispatch(allTopics);
  }, statusEveryMs);
  // Deadlines come nearer, and attempts to deliver fail, without an entry.
  const fiscalTimer = setInterval(refreshFiscal, fiscalEveryMs);
  const unquote = followBasket(place);
  for (const refresh of Object.values(refreshers)) refresh();
  return () => {
    unfollow();
    unquote();
    clearInterval(timer);
    clearInterval(fiscalTimer);
  };
}

type Refreshers = Readonly<
  Record<"refreshStatus" | "refreshProducts" | "refreshOptions" | "refreshFiscal", () => void>
>;

function refreshersOf({ api, link, status, products, options, fiscal }: Place): Refreshers {
  const refreshStatus = oneAtATime(async () => {
    const answered = await api.get<Status>("/status");
    if (!answered.ok) return;
    status.dispatch(answered.value);
    const { peers, relay } = answered.value;
    const hasPeer = connectedPeers(peers) > 0 || relay?.state === "connected";
    link.dispatch({ type: "peers", hasPeer, atMs: Date.now() });
  });
  const refreshProducts = oneAtATime(async () => {
    const loaded = await loadProducts(api);
    if (loaded.ok) products.dispatch(loaded.value);
  });
  const refreshOptions = oneAtATime(async () => {
    const answered = await api.get<PricingOptions>("/pricing");
    if (answered.ok) options.dispatch(answered.value);
  });
  const refreshFiscal = oneAtATime(async () => {
    const answered = await api.get<Fiscal>("/fiscal");
    if (answered.ok) fiscal.dispatch(answered.value);
  });
  return { refreshStatus, refreshProducts, refreshOptions, refreshFiscal };
}

const noRevisions: Revisions = {
  entries: 0,
  publications: 0,
  exceptions: 0,
  horizon: 0,
  devices: 0,
};
const allTopics = Object.keys(noRevisions) as readonly Topic[];
const statusEveryMs = 4000;
const fiscalEveryMs = 10_000;
const gatherMs = 120;

function replace<T>(_: T, next: T): T {
  return next;
}

function bump(revisions: Revisions, topics: readonly Topic[]): Revisions {
  const bumped = topics.map((topic) => [topic, revisions[topic] + 1] as const);
  return { ...revisions, ...Object.fromEntries(bumped) };
}

function topicsOf({ type }: StreamEvent): readonly Topic[] {
  if (type === "entry") return ["entries"];
  if (type === "publication") return ["publications", "devices"];
  if (type === "exception") return ["exceptions"];
  if (type === "horizon") return ["horizon"];
  if (type === "relay") return ["devices"];
  if (type === "peers" || type === "failed" || type === "hello") return [];
  return allTopics;
}

/** Calls once for all that came within a moment. */
function gathered(call: (topics: readonly Topic[]) => void): (topics: readonly Topic[]) => void {
  const waiting = new Set<Topic>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (topics) => {
    for (const topic of topics) waiting.add(topic);
    timer ??= setTimeout(() => {
      timer = undefined;
      const all = [...waiting];
      waiting.clear();
      call(all);
    }, gatherMs);
  };
}
