/**
 * Reads from the service, again whenever what it shows may have changed.
 *
 * What was read stays on screen while it is read again, so nothing jumps.
 *
 * @module
 */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Query } from "../api/client.ts";
import { lostAnswer, type Problem } from "../api/problem.ts";
import { useStore } from "../store.ts";
import { useWorkplace, type Topic } from "../till/workplace.ts";

export interface Reading<T> {
  readonly value: T | undefined;
  readonly problem: Problem | undefined;
  readonly isReading: boolean;
  again(): void;
}

export interface ReadOptions {
  readonly query?: Query;
  readonly topics?: readonly Topic[];
  /** Time to wait for more typing. */
  readonly settleMs?: number;
}

/** Nothing is read while the path is undefined. */
export function useRead<T>(path: string | undefined, options: ReadOptions = {}): Reading<T> {
  const { query = {}, topics = [], settleMs = 0 } = options;
  const { api, revisions, link } = useWorkplace();
  const counts = useStore(revisions);
  const { isReached } = useStore(link);
  const [asked, setAsked] = useState(0);
  const [read, setRead] = useState<{ value?: T; problem?: Problem }>({});
  const [isReading, setReading] = useState(path !== undefined);
  const newest = useRef(0);
  const queryKey = JSON.stringify(query);
  const revision = topics.reduce((sum, topic) => sum + counts[topic], 0);
  useEffect(() => {
    if (path === undefined) return undefined;
    newest.current += 1;
    const number = newest.current;
    setReading(true);
    const timer = setTimeout(async () => {
      const answered = await api.get<T>(path, JSON.parse(queryKey) as Query);
      if (number !== newest.current) return;
      setReading(false);
      if (answered.ok) setRead({ value: answered.value });
      else if (answered.error.code !== lostAnswer.code) setRead({ problem: answered.error });
    }, settleMs);
    return () => clearTimeout(timer);
  }, [api, path, queryKey, revision, asked, isReached, settleMs]);
  const again = () => setAsked((count) => count + 1);
  return { value: read.value, problem: read.problem, isReading, again };
}
