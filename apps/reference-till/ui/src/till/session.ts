/**
 * Who is signed in on this page; a reload keeps it, another tab does not have it.
 *
 * @module
 */

import type { Session } from "../api/shapes.ts";

export function readSession(): Session | null {
  try {
    const held = JSON.parse(sessionStorage.getItem(name) ?? "null") as Session | null;
    return typeof held?.token === "string" && Date.parse(held.expiresAt) > Date.now() ? held : null;
  } catch {
    return null;
  }
}

export function writeSession(session: Session | null): void {
  if (session === null) sessionStorage.removeItem(name);
  else sessionStorage.setItem(name, JSON.stringify(session));
}

const name = "tillmesh/session";
