/**
 * Sessions of staff: a PIN gives a token for a working day.
 *
 * Sessions live in memory: after a restart everybody signs in again. Attempts are taken one
 * after the other, so that a hundred at once count as a hundred.
 *
 * @module
 */

import {
  base64url,
  err,
  hex,
  ok,
  utf8,
  type Clock,
  type Crypto,
  type Result,
  type StaffId,
} from "@tillmesh/kernel";
import type { Refusal } from "../http/problem.ts";
import { rightsOf, type Actor } from "./actor.ts";
import { afterFailure, noAttempts, waitMs, type Attempts, type AttemptsLimit } from "./attempts.ts";
import { isPin, type PinHash } from "./pin.ts";

export interface StaffMember {
  readonly id: StaffId;
  readonly name: string;
  readonly role: "manager" | "cashier";
  readonly pin: PinHash;
}

export interface Sessions {
  open(request: SessionRequest): Promise<Result<Session, Refusal>>;
  find(token: string): Actor | undefined;
  close(token: string): void;
}

export interface SessionRequest {
  readonly pin: string;
  readonly staff?: string | undefined;
}

export interface Session {
  readonly token: string;
  readonly staff: StaffMember;
  readonly expiresAtMs: number;
}

export interface SessionsOptions {
  readonly clock: Clock;
  readonly crypto: Crypto;
  /** Staff in force now. */
  readonly staff: () => readonly StaffMember[];
}

export function createSessions(options: SessionsOptions): Sessions {
  const { clock, crypto } = options;
  const sessions = new Map<string, { readonly staff: StaffId; readonly expiresAtMs: number }>();
  const attempts = new Map<string, Attempts>();
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();

  const attempt = async (request: SessionRequest): Promise<Result<Session, Refusal>> => {
    const wait = longestWaitMs(attempts, request, clock.nowMs());
    if (wait > 0) return err(tooManyAttempts(wait));
    const staff = await findStaff(options.staff(), request);
    if (staff === undefined) {
      countFailure(attempts, request, clock.nowMs());
      return err({ type: "WrongPin" });
    }
    attempts.delete(staff.id);
    return ok(start(staff));
  };

  const start = (staff: StaffMember): Session => {
    removeExpired(sessions, clock.nowMs());
    const token = `tms_${base64url(crypto.randomBytes(32))}`;
    const expiresAtMs = clock.nowMs() + sessionMs;
    sessions.set(hashOf(crypto, token), { staff: staff.id, expiresAtMs });
    return { token, staff, expiresAtMs };
  };

  return {
    open: (request) => {
      if (waiting >= waitingMax) return Promise.resolve(err(tooManyAttempts(1000)));
      waiting += 1;
      const mine = last.then(() => attempt(request)).finally(() => (waiting -= 1));
      last = mine.catch(() => undefined);
      return mine;
    },
    find: (token) => {
      const session = sessions.get(hashOf(crypto, token));
      if (session === undefined || session.expiresAtMs <= clock.nowMs()) return undefined;
      const staff = options.staff().find(({ id }) => id === session.staff);
      return staff && actorOf(staff);
    },
    close: (token) => void sessions.delete(hashOf(crypto, token)),
  };
}

const sessionMs = 12 * 3_600_000;
const sessionsMax = 200;
const waitingMax = 16;
const attemptsMax = 1000;
const everybody = "*";
const limits: Readonly<Record<"one" | "everybody", AttemptsLimit>> = {
  one: { freeFailures: 4, waitMaxMs: 300_000, forgetMs: 3_600_000 },
  everybody: { freeFailures: 10, waitMaxMs: 60_000, forgetMs: 900_000 },
};

function actorOf({ id, name, role }: StaffMember): Actor {
  return { by: { staff: id }, name, rights: rightsOf(role), staff: id };
}

async function findStaff(
  staff: readonly StaffMember[],
  { pin, staff: wanted }: SessionRequest,
): Promise<StaffMember | undefined> {
  for (const member of staff) {
    const isMeant = wanted === undefined || wanted === member.id || wanted === member.name;
    if (isMeant && (await isPin(pin, member.pin))) return member;
  }
  return undefined;
}

function longestWaitMs(
  attempts: ReadonlyMap<string, Attempts>,
  { staff }: SessionRequest,
  nowMs: number,
): number {
  const all = waitMs(attempts.get(everybody) ?? noAttempts, limits.everybody, nowMs);
  const one = staff === undefined ? noAttempts : (attempts.get(staff) ?? noAttempts);
  return Math.max(all, waitMs(one, limits.one, nowMs));
}

function countFailure(
  attempts: Map<string, Attempts>,
  { staff }: SessionRequest,
  nowMs: number,
): void {
  const count = (name: string, limit: AttemptsLimit) =>
    attempts.set(name, afterFailure(attempts.get(name) ?? noAttempts, limit, nowMs));
  count(everybody, limits.everybody);
  if (staff !== undefined && (attempts.has(staff) || attempts.size < attemptsMax)) {
    count(staff, limits.one);
  }
}

function removeExpired(
  sessions: Map<string, { readonly expiresAtMs: number }>,
  nowMs: number,
): void {
  for (const [token, { expiresAtMs }] of sessions) {
    // Insertion order is age: beyond the limit the oldest session ends.
    if (expiresAtMs <= nowMs || sessions.size >= sessionsMax) sessions.delete(token);
  }
}

function tooManyAttempts(ms: number): Refusal {
  const retryAfterS = Math.ceil(ms / 1000);
  return { type: "TooManyAttempts", retryAfterS, detail: `Try again in ${retryAfterS} s.` };
}

function hashOf(crypto: Crypto, token: string): string {
  return hex(crypto.sha256(utf8(token)));
}
