/**
 * A file of the service, whole or not at all.
 *
 * @module
 */

import { err, ok } from "@tillmesh/kernel";
import type { Answered, Api } from "./client.ts";
import { lostAnswer, readProblem } from "./problem.ts";

export interface Download {
  readonly name: string;
  readonly content: Blob;
}

/** `fallbackName` where the service names none. */
export async function download(
  api: Pick<Api, "stream">,
  path: string,
  fallbackName: string,
): Promise<Answered<Download>> {
  try {
    const response = await api.stream(path, {}, new AbortController().signal);
    if (!response.ok) return err(readProblem(response.status, await bodyOf(response)));
    const name = nameIn(response.headers.get("content-disposition") ?? "") ?? fallbackName;
    // A connection that breaks in the middle throws here: half a file is none.
    return ok({ name, content: await response.blob() });
  } catch {
    return err(lostAnswer);
  }
}

function nameIn(disposition: string): string | undefined {
  return /filename="([^"/\\]+)"/.exec(disposition)?.[1];
}

async function bodyOf(response: Response): Promise<unknown> {
  try {
    return (await response.json()) as unknown;
  } catch {
    return undefined;
  }
}
