/**
 * One request to an authority over HTTP, bounded in time and size. SPEC.md §4 (FPO).
 *
 * What matters is the difference between a request that never left (`unsent`) and one whose answer is missing (`lost`):
 * until the connection stands nothing can have been read by the other side.
 *
 * @module
 */

import { request as httpRequest, type ClientRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Transport, WireAnswer, WireRequest } from "../ports.ts";

export interface HttpTransportOptions {
  /** Paths of requests are put behind it. */
  readonly baseUrl: string;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** PEM texts. */
  readonly clientCertificate?: { readonly cert: string; readonly key: string };
  /** PEM texts of authorities to trust instead of the system's. */
  readonly ca?: string;
  /** Credentials of the installation; sent with every request, over those of the request. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Throws on an address that is none. Redirects are not followed: they are the answer. A new connection for each request, so that a dropped one is never reused. */
export function createHttpTransport(options: HttpTransportOptions): Transport {
  const base = new URL(options.baseUrl).href.replace(/\/+$/, "");
  return {
    send: (wire) =>
      new Promise((resolve) => {
        try {
          const exchange = openExchange(new URL(`${base}${wire.path}`), wire, options);
          followExchange(exchange, options, resolve);
          exchange.end(wire.body);
        } catch (cause) {
          // A header or path that HTTP cannot carry: nothing was opened.
          resolve({ type: "unsent", reason: reasonOf(cause) });
        }
      }),
  };
}

function openExchange(url: URL, wire: WireRequest, options: HttpTransportOptions): ClientRequest {
  const { ca, clientCertificate, headers, timeoutMs } = options;
  const length = { "content-length": String(Buffer.byteLength(wire.body)) };
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  return send(url, {
    method: wire.method,
    headers: { ...wire.headers, ...headers, ...length },
    agent: false,
    signal: AbortSignal.timeout(timeoutMs),
    ...clientCertificate,
    ...(ca === undefined ? {} : { ca }),
  });
}

function followExchange(
  exchange: ClientRequest,
  { maxBytes }: HttpTransportOptions,
  resolve: (answer: WireAnswer) => void,
): void {
  let isConnected = false;
  const over = (cause: Error): void =>
    resolve({ type: isConnected ? "lost" : "unsent", reason: reasonOf(cause) });
  exchange.on("socket", (socket) => {
    const event = "encrypted" in socket ? "secureConnect" : "connect";
    socket.once(event, () => {
      isConnected = true;
    });
  });
  exchange.on("error", over);
  exchange.on("response", (response) => {
    readAnswer(response, maxBytes).then(resolve, over);
  });
}

async function readAnswer(response: IncomingMessage, maxBytes: number): Promise<WireAnswer> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of response) {
    const piece = chunk as Uint8Array;
    sizeBytes += piece.length;
    if (sizeBytes > maxBytes) {
      response.destroy();
      return { type: "lost", reason: `the answer is over ${maxBytes} bytes` };
    }
    chunks.push(piece);
  }
  return {
    type: "answer",
    status: response.statusCode ?? 0,
    headers: headersOf(response),
    body: Buffer.concat(chunks).toString("utf8"),
  };
}

function headersOf({ headers }: IncomingMessage): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : (value ?? ""),
    ]),
  );
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return "failed";
  const { code, message } = cause as NodeJS.ErrnoException;
  return code === undefined ? message : `${code} ${message}`.trim();
}
