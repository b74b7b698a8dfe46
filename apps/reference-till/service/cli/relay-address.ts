/**
 * Where the relay is: `wss://…`, or `ws://` on this machine, where nobody else listens in.
 *
 * @module
 */

import { UsageError } from "./output.ts";

/** The address as given; refused with what is wrong. */
export function readRelayAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["ws:", "wss:"].includes(url.protocol))
    throw new UsageError(`--relay "${text}" is not an address such as wss://relay.example.`);
  if (url.username !== "" || url.password !== "" || url.hash !== "" || url.search !== "")
    throw new UsageError(`--relay "${text}": a relay's address has no user, query or fragment.`);
  if (url.protocol === "ws:" && !isLoopback(url.hostname)) {
    throw new UsageError(
      `--relay "${text}": ws:// is for a relay on this machine only. Across a network it is wss://, ` +
        "with TLS at the relay's proxy.",
    );
  }
  return text;
}

/** As the URL parser writes them. */
function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(host);
}
