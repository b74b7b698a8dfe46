/**
 * Stands between devices and the relay and keeps every byte of every message, as the relay sees them.
 *
 * @module
 */

import { once } from "node:events";
import { WebSocket, WebSocketServer, type RawData } from "ws";

export interface WireTap {
  readonly url: string;
  /** Of both directions, in order. */
  readonly messages: Buffer[];
  close(): Promise<void>;
}

export async function layWireTap(relayUrl: string): Promise<WireTap> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const messages: Buffer[] = [];
  server.on("connection", (device, request) => {
    messages.push(Buffer.from(`${request.url ?? ""} ${JSON.stringify(request.headers)}`));
    const relay = new WebSocket(`${relayUrl}${request.url ?? ""}`);
    const waiting: RawData[] = [];
    device.on("message", (data) => {
      messages.push(Buffer.from(data as Buffer));
      if (relay.readyState === WebSocket.OPEN) relay.send(data);
      else waiting.push(data);
    });
    relay.on("open", () => {
      for (const data of waiting.splice(0)) relay.send(data);
    });
    relay.on("message", (data) => {
      messages.push(Buffer.from(data as Buffer));
      device.send(data);
    });
    relay.on("error", () => device.terminate());
    relay.on("close", () => device.terminate());
    device.on("close", () => relay.terminate());
  });
  const { port } = server.address() as { readonly port: number };
  return {
    url: `ws://127.0.0.1:${port}`,
    messages,
    close: async () => {
      for (const client of server.clients) client.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Where `needle` stands in `hay`: as it is, or in any spelling of its bytes. */
export function spellingsFound(hay: Buffer, needle: string | Uint8Array): readonly string[] {
  const bytes = Buffer.from(needle);
  const spellings: [string, Buffer][] = [["raw", bytes]];
  for (const encoding of ["hex", "base64", "base64url"] as const) {
    if (encoding === "hex") spellings.push(["hex", Buffer.from(bytes.toString("hex"))]);
    // In base64 it depends on what stands before: of each alignment the characters that are its own.
    else {
      for (let shift = 0; shift < 3; shift += 1) {
        const text = Buffer.concat([Buffer.alloc(shift), bytes])
          .toString(encoding)
          .replaceAll("=", "");
        spellings.push([`${encoding}+${shift}`, Buffer.from(text.slice(shift === 0 ? 0 : 4, -2))]);
      }
    }
  }
  spellings.push(["HEX", Buffer.from(bytes.toString("hex").toUpperCase())]);
  spellings.push(["utf-16", Buffer.from(bytes.toString("utf8"), "utf16le")]);
  return spellings.filter(([, one]) => one.length >= 4 && hay.includes(one)).map(([name]) => name);
}
