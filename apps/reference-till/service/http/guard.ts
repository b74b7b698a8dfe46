/**
 * Who may speak to this port at all: the machine's own programs and the pages served here.
 *
 * A page from elsewhere reaches a loopback port too, by its address or by a name that its owner
 * points at 127.0.0.1. The Host header gives the second away, Origin and Sec-Fetch-Site the first.
 *
 * @module
 */

import type { IncomingHttpHeaders } from "node:http";
import type { Refusal } from "./problem.ts";

export interface Guard {
  /** Undefined when the request may go on. */
  check(headers: IncomingHttpHeaders): Refusal | undefined;
}

/** `names` are host names or addresses without port, beside the loopback ones. */
export function createGuard(port: number, names: readonly string[]): Guard {
  const hosts = new Set([...loopbackNames, ...names].flatMap((name) => withPort(name, port)));
  return {
    check: ({ host, origin, "sec-fetch-site": site }) => {
      if (host === undefined || !hosts.has(host.toLowerCase())) return foreignHost(host);
      if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`) {
        return { type: "ForeignOrigin" };
      }
      return site === undefined || ownSites.has(site) ? undefined : { type: "ForeignOrigin" };
    },
  };
}

const loopbackNames = ["127.0.0.1", "localhost", "[::1]"];
const ownSites: ReadonlySet<string> = new Set(["same-origin", "none"]);

/** Browsers leave the port out where it is HTTP's own. */
function withPort(name: string, port: number): readonly string[] {
  const host = name.toLowerCase();
  return port === 80 ? [host, `${host}:80`] : [`${host}:${port}`];
}

function foreignHost(host: string | undefined): Refusal {
  const found = host === undefined ? "none" : JSON.stringify(host.slice(0, 100));
  return {
    type: "ForeignHost",
    detail: `The Host header is ${found}; this service answers to its own names only.`,
  };
}
