/**
 * Asks the service that runs on a directory, over loopback.
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import { readRunFile, type RunFile } from "./run-file.ts";
import { CommandError } from "./output.ts";

export interface ControlClient {
  get(path: string): Promise<unknown>;
  /** The answer's JSON; throws what the service said if it refused. */
  post(path: string, body: object): Promise<unknown>;
  /** The answer's bytes as they come. */
  stream(path: string): Promise<AsyncIterable<Uint8Array>>;
}

/** The service that runs on the directory, if any. */
export async function controlOf(directory: string): Promise<ControlClient | undefined> {
  const run = readRunFile(directory);
  return run === undefined ? undefined : connectControl(run);
}

/** Undefined when nobody answers there with this token. */
async function connectControl(run: RunFile): Promise<ControlClient | undefined> {
  const base = `http://127.0.0.1:${run.port}/api/v1`;
  const headers = { authorization: `Bearer ${run.token}` };
  const status = await fetch(`${base}/sessions/current`, { headers }).catch(() => undefined);
  await status?.arrayBuffer();
  if (status?.status !== 200) return undefined;
  const ask = async (path: string, init: RequestInit): Promise<unknown> => {
    const response = await fetch(base + path, init);
    const answer: unknown = await response.json();
    if (!response.ok) throw new CommandError(toldProblem(answer));
    return answer;
  };
  return {
    get: (path) => ask(path, { headers }),
    post: (path, body) =>
      ask(path, {
        method: "POST",
        headers: {
          ...headers,
          "content-type": "application/json",
          "idempotency-key": randomUUID(),
        },
        body: JSON.stringify(body),
      }),
    stream: async (path) => {
      const response = await fetch(base + path, { headers });
      if (!response.ok || response.body === null)
        throw new CommandError(toldProblem(await response.json()));
      return response.body;
    },
  };
}

interface ProblemLike {
  readonly code?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

/** A problem document as lines for a person. */
export function toldProblem(answer: unknown): string {
  const { code = "", detail = "", errors = [] } = (answer ?? {}) as ProblemLike;
  const faults = errors.map((fault) => `  ${fault.pointer}: ${fault.detail}`);
  return [detail === "" ? code : detail, ...faults].join("\n");
}
