/**
 * Server-sent events, as a browser would read them.
 *
 * @module
 */

import http from "node:http";
import { eventually } from "./eventually.ts";

export interface ServerEvent {
  readonly id: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface EventStream {
  readonly status: number;
  readonly events: readonly ServerEvent[];
  /** The first event that fits, come or to come. */
  find(what: string, isWanted: (event: ServerEvent) => boolean): Promise<ServerEvent>;
  close(): void;
}

export function followEvents(options: {
  readonly port: number;
  readonly token: string;
  readonly lastEventId?: string;
}): Promise<EventStream> {
  const { port, token, lastEventId } = options;
  const events: ServerEvent[] = [];
  return new Promise((resolve, reject) => {
    const request = http.get({
      agent: false,
      host: "127.0.0.1",
      port,
      path: "/api/v1/events",
      headers: {
        authorization: `Bearer ${token}`,
        accept: "text/event-stream",
        ...(lastEventId === undefined ? {} : { "last-event-id": lastEventId }),
      },
    });
    request.on("error", reject);
    request.on("response", (response) => {
      let rest = "";
      response.setEncoding("utf8");
      response.on("error", () => undefined);
      response.on("data", (chunk: string) => {
        const frames = (rest + chunk).split("\n\n");
        rest = frames.pop() ?? "";
        for (const frame of frames) events.push(...eventOf(frame));
      });
      resolve({
        status: response.statusCode ?? 0,
        events,
        find: (what, isWanted) =>
          eventually(`event: ${what}`, () => Promise.resolve(events.find(isWanted))),
        close: () => request.destroy(),
      });
    });
  });
}

/** Comments and `retry` lines carry no event. */
function eventOf(frame: string): readonly ServerEvent[] {
  const fields = new Map(
    frame.split("\n").map((line) => {
      const [name = "", ...value] = line.split(": ");
      return [name, value.join(": ")];
    }),
  );
  const data = fields.get("data");
  if (data === undefined) return [];
  return [
    {
      id: fields.get("id") ?? "",
      type: fields.get("event") ?? "message",
      data: JSON.parse(data) as Readonly<Record<string, unknown>>,
    },
  ];
}
