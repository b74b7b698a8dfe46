/**
 * Live events for those who follow: server-sent, resumable, bounded.
 *
 * An id is `<projection>.<arrival>.<run>.<number>`. Within one run of the service the ring gives
 * back exactly what was missed. After a restart the entries that arrived since are read from the
 * projection and a `refresh` says that the rest must be read again; who was away for longer than
 * that gets a `reset`.
 *
 * @module
 */

import type { ServerResponse } from "node:http";

export interface LiveEvent {
  readonly type: string;
  readonly data: unknown;
}

export interface EventHub {
  publish(event: LiveEvent): void;
  /** Undefined when there are too many; otherwise takes the response over. */
  follow(client: ClientOptions): ((response: ServerResponse) => void) | undefined;
  /** Comment lines to the idle, farewell to those whose token has ended. */
  heartbeat(): void;
  readonly clients: number;
  close(): void;
}

export interface EventHubOptions {
  /** Names this run of the service. */
  readonly run: string;
  readonly position: () => { readonly epoch: string; readonly arrival: number };
  /** Entry events after an arrival number; undefined when they are too many. */
  readonly eventsAfter: (arrival: number) => readonly ArrivedEvent[] | undefined;
  readonly clientsMax?: number;
}

export interface ArrivedEvent extends LiveEvent {
  readonly arrival: number;
}

export interface ClientOptions {
  readonly lastEventId: string | undefined;
  readonly isAllowed: () => boolean;
  /** Bytes that may wait for a client before it is cut off. */
  readonly waitingMaxBytes?: number;
}

interface Client {
  readonly response: ServerResponse;
  readonly isAllowed: () => boolean;
  readonly waitingMaxBytes: number;
}

interface Ring {
  readonly run: string;
  next: number;
  readonly frames: string[];
}

export function createEventHub(options: EventHubOptions): EventHub {
  const { clientsMax = 64 } = options;
  const clients = new Set<Client>();
  const ring: Ring = { run: options.run, next: 1, frames: [] };
  const drop = (client: Client) => {
    clients.delete(client);
    client.response.destroy();
  };
  const write = (client: Client, text: string) => {
    client.response.write(text);
    if (client.response.writableLength > client.waitingMaxBytes) drop(client);
  };
  return {
    publish: (event) => {
      const frame = frameOf(event, idOf(options, ring.run, ring.next));
      ring.next += 1;
      ring.frames.push(frame);
      if (ring.frames.length > ringMax) ring.frames.shift();
      for (const client of clients) write(client, frame);
    },
    follow: ({ lastEventId, isAllowed, waitingMaxBytes = 1_048_576 }) => {
      if (clients.size >= clientsMax) return undefined;
      return (response) => {
        response.writeHead(200, streamHeaders);
        const client = { response, isAllowed, waitingMaxBytes };
        clients.add(client);
        response.on("close", () => clients.delete(client));
        write(client, greeting(options, ring, lastEventId));
      };
    },
    heartbeat: () => {
      for (const client of clients) {
        if (client.isAllowed()) write(client, ": still here\n\n");
        else client.response.end();
      }
    },
    get clients() {
      return clients.size;
    },
    close: () => {
      for (const { response } of clients) {
        response.end();
        // What has been written still goes out; a client that reads nothing more holds nobody up.
        response.socket?.destroySoon();
      }
    },
  };
}

const ringMax = 1000;

const streamHeaders = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  connection: "close",
  "x-content-type-options": "nosniff",
  "x-accel-buffering": "no",
};

function frameOf({ type, data }: LiveEvent, id: string): string {
  return `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}

function idOf({ position }: EventHubOptions, run: string, number: number): string {
  const { epoch, arrival } = position();
  return `${epoch}.${arrival}.${run}.${number}`;
}

/** What a client missed, and where it stands now. */
function greeting(options: EventHubOptions, ring: Ring, lastEventId: string | undefined): string {
  const here = idOf(options, ring.run, ring.next - 1);
  const stand = (type: string) => frameOf({ type, data: {} }, here);
  if (lastEventId === undefined) return `retry: 2000\n${stand("hello")}`;
  const last = parseId(lastEventId);
  if (last === undefined) return stand("reset");
  if (last.run === ring.run) return fromRing(ring, last.number) ?? stand("reset");
  const missed = fromProjection(options, last);
  return missed === undefined ? stand("reset") : missed + stand("refresh");
}

interface EventId {
  readonly epoch: string;
  readonly arrival: number;
  readonly run: string;
  readonly number: number;
}

function parseId(text: string): EventId | undefined {
  const match = /^([\w-]{1,40})\.(\d{1,15})\.([\w-]{1,40})\.(\d{1,15})$/.exec(text);
  if (match === null) return undefined;
  const [, epoch = "", arrival, run = "", number] = match;
  return { epoch, arrival: Number(arrival), run, number: Number(number) };
}

/** Entries only: what else happened while the service was off, `refresh` stands for. */
function fromProjection(options: EventHubOptions, { epoch, arrival }: EventId): string | undefined {
  if (epoch !== options.position().epoch) return undefined;
  return options
    .eventsAfter(arrival)
    ?.map((event) => frameOf(event, `${epoch}.${event.arrival}.-.0`))
    .join("");
}

function fromRing({ next, frames }: Ring, last: number): string | undefined {
  const missed = next - 1 - last;
  if (missed < 0 || missed > frames.length) return undefined;
  return missed === 0 ? ": nothing missed\n\n" : frames.slice(-missed).join("");
}
