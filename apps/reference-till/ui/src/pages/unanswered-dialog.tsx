/**
 * A request got no answer: nothing else happens until it is known what became of it.
 *
 * @module
 */

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { sentenceOf } from "../api/problem.ts";
import type { Unanswered } from "../api/outbox.ts";
import type { Sale } from "../api/shapes.ts";
import { Dialog } from "../parts/dialog.tsx";
import { goTo } from "../route.ts";
import { useWorkplace, type Workplace } from "../till/workplace.ts";

export function UnansweredDialog({
  requests,
}: {
  readonly requests: readonly Unanswered[];
}): JSX.Element {
  const workplace = useWorkplace();
  const askAll = () => {
    for (const request of requests) void settle(workplace, request);
  };
  useEffect(() => {
    askAll();
    const timer = setInterval(askAll, askEveryMs);
    return () => clearInterval(timer);
  }, [requests]);
  return (
    <Dialog title="Waiting for an answer">
      <p>
        The service has not answered yet. It may have been recorded or not; it is asked again with
        the same key, so nothing is recorded twice.
      </p>
      <ul class="plain-list">
        {requests.map(({ key, label }) => (
          <li key={key}>
            <strong>{label}</strong>
          </li>
        ))}
      </ul>
      <div class="dialog-actions">
        <button type="button" class="main-button" onClick={askAll}>
          Ask again now
        </button>
      </div>
    </Dialog>
  );
}

const askEveryMs = 3000;

async function settle(workplace: Workplace, request: Unanswered): Promise<void> {
  const { outbox, notices, basket, receipt } = workplace;
  // Whoever sent it waits for the answer too, and tells it.
  if (outbox.isAsking(request.key)) return;
  const answered = await outbox.resolve<unknown>(request);
  if (answered.ok) {
    notices.dispatch({ type: "tell", tone: "done", text: `Recorded: ${request.label}.` });
    if (request.path === "/sales") {
      basket.dispatch({ type: "sold" });
      receipt.dispatch(answered.value as Sale);
      goTo("/");
    }
  } else if (!outbox.waiting().some(({ key }) => key === request.key)) {
    const text = `Not recorded: ${request.label}. ${sentenceOf(answered.error)}`;
    notices.dispatch({ type: "tell", tone: "fault", text });
  }
}
