/**
 * Sends a request that records something, once, and says what came of it.
 *
 * @module
 */

import { useRef, useState } from "preact/hooks";
import type { Answered } from "../api/client.ts";
import { sentenceOf } from "../api/problem.ts";
import { useWorkplace } from "../till/workplace.ts";

export interface Recording {
  readonly isBusy: boolean;
  /** Why the last one was not recorded. */
  readonly fault: string | undefined;
  /** Undefined while another one is under way. */
  readonly record: <T>(
    path: string,
    body: object,
    label: string,
  ) => Promise<Answered<T> | undefined>;
  readonly clear: () => void;
}

export function useRecording(): Recording {
  const { outbox, refreshFiscal } = useWorkplace();
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<string>();
  // A second click comes before the first one has been painted.
  const busy = useRef(false);
  const record = async <T>(
    path: string,
    body: object,
    label: string,
  ): Promise<Answered<T> | undefined> => {
    if (busy.current) return undefined;
    busy.current = true;
    setBusy(true);
    setFault(undefined);
    const answered = await outbox.submit<T>({ path, body, label });
    busy.current = false;
    setBusy(false);
    if (!answered.ok) {
      setFault(sentenceOf(answered.error));
      if (answered.error.code.startsWith("Fiscal")) refreshFiscal();
    }
    return answered;
  };
  return { isBusy, fault, record, clear: () => setFault(undefined) };
}
