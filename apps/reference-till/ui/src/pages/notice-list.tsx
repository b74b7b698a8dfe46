/**
 * Short messages, read out by screen readers; what was done goes away by itself.
 *
 * @module
 */

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useStore } from "../store.ts";
import type { Notice } from "../till/notices.ts";
import { useWorkplace } from "../till/workplace.ts";

export function NoticeList(): JSX.Element {
  const { shown } = useStore(useWorkplace().notices);
  return (
    <div class="notices" role="log" aria-live="polite">
      {shown.map((notice) => (
        <NoticeItem key={notice.number} notice={notice} />
      ))}
    </div>
  );
}

function NoticeItem({ notice }: { readonly notice: Notice }): JSX.Element {
  const { notices } = useWorkplace();
  const { number, tone, text } = notice;
  const dismiss = () => notices.dispatch({ type: "dismiss", number });
  useEffect(() => {
    const timer = setTimeout(dismiss, tone === "done" ? doneMs : faultMs);
    return () => clearTimeout(timer);
  }, [number]);
  return (
    <p class={`notice ${tone}`}>
      <span>{text}</span>
      <button type="button" class="icon-button" aria-label="Dismiss" onClick={dismiss}>
        ✕
      </button>
    </p>
  );
}

const doneMs = 4000;
const faultMs = 12_000;
