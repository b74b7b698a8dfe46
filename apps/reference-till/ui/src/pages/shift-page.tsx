/**
 * The shift: open, cash in and out, close by a blind count; the day and its Z.
 *
 * @module
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ClosedShift, DayClosed, Report, Shift } from "../api/shapes.ts";
import { moneyText } from "../money.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Fact } from "../parts/fact.tsx";
import { Fault } from "../parts/fields.tsx";
import { useRecording } from "../parts/recording.ts";
import { useStore } from "../store.ts";
import { useWorkplace } from "../till/workplace.ts";
import { dateText } from "../time.ts";
import { CashDialog, CloseShiftDialog } from "./cash-dialogs.tsx";
import { ReportView } from "./report-view.tsx";
import { ShiftNeeded } from "./shift-needed.tsx";

type Task = "cash" | "close" | undefined;

export function ShiftPage(): JSX.Element {
  const workplace = useWorkplace();
  const status = useStore(workplace.status);
  const session = useStore(workplace.session);
  const [task, setTask] = useState<Task>();
  const [closed, setClosed] = useState<ClosedShift>();
  if (status === null) return <div class="page" />;
  const finish = () => {
    setTask(undefined);
    workplace.refreshStatus();
  };
  return (
    <div class="page columns">
      {closed !== undefined && <ClosedCard closed={closed} onDone={() => setClosed(undefined)} />}
      {status.shift === null ? (
        <ShiftNeeded />
      ) : (
        <OpenShiftCard shift={status.shift} onTask={setTask} />
      )}
      {session?.role === "manager" && <DayCard isShiftOpen={status.shift !== null} />}
      {task === "cash" && <CashDialog onDone={finish} onClose={() => setTask(undefined)} />}
      {task === "close" && (
        <CloseShiftDialog
          onClose={() => setTask(undefined)}
          onDone={(shift) => {
            setClosed(shift);
            finish();
          }}
        />
      )}
    </div>
  );
}

interface OpenShiftCardProps {
  readonly shift: Shift;
  readonly onTask: (task: Task) => void;
}

function OpenShiftCard({ shift, onTask }: OpenShiftCardProps): JSX.Element {
  const { notices } = useWorkplace();
  const { isBusy, fault, record } = useRecording();
  const openDrawer = async () => {
    const answered = await record("/drawer", { reason: "Opened by hand" }, "Opening the drawer");
    if (answered?.ok === true) {
      notices.dispatch({ type: "tell", tone: "done", text: "Opening the drawer was recorded." });
    }
  };
  return (
    <section class="card">
      <h1>Shift of {shift.staff.name}</h1>
      <p>Business date {dateText(shift.businessDate)}.</p>
      <Fault>{fault}</Fault>
      <div class="stack">
        <button type="button" class="quiet-button" onClick={() => onTask("cash")}>
          Cash in, out or drop …
        </button>
        <button
          type="button"
          class="quiet-button"
          disabled={isBusy}
          onClick={() => void openDrawer()}
        >
          Open drawer
        </button>
        <button type="button" class="main-button" onClick={() => onTask("close")}>
          Close shift …
        </button>
      </div>
    </section>
  );
}

interface ClosedCardProps {
  readonly closed: ClosedShift;
  readonly onDone: () => void;
}

/** Only now is it told what should have been in the drawer. */
function ClosedCard({ closed, onDone }: ClosedCardProps): JSX.Element {
  const { counted, expected, difference } = closed;
  return (
    <section class="card" aria-live="polite">
      <h1>Shift closed</h1>
      <dl class="facts">
        <Fact name="Counted" value={moneyText(counted)} />
        <Fact name="Expected" value={moneyText(expected)} />
        <Fact
          name="Difference"
          value={moneyText(difference)}
          isStrong
          isBad={difference.minor !== 0}
        />
      </dl>
      <button type="button" class="quiet-button" onClick={onDone}>
        Done
      </button>
    </section>
  );
}

function DayCard({ isShiftOpen }: { readonly isShiftOpen: boolean }): JSX.Element {
  const workplace = useWorkplace();
  const { isBusy, fault, record } = useRecording();
  const [shown, setShown] = useState<{ readonly title: string; readonly report: Report }>();
  const showX = async () => {
    const answered = await workplace.api.get<Report>("/reports/x");
    if (answered.ok) setShown({ title: "X report", report: answered.value });
  };
  const close = async () => {
    const answered = await record<DayClosed>("/days/close", {}, "Closing of the day");
    if (answered?.ok !== true) return;
    const { zNumber, report } = answered.value;
    setShown({ title: `Z ${zNumber}`, report });
    workplace.refreshStatus();
  };
  return (
    <section class="card">
      <h1>Day</h1>
      <p>
        The Z covers all that happened since the last one. {isShiftOpen && "Close the shift first."}
      </p>
      <Fault>{fault}</Fault>
      <div class="stack">
        <button type="button" class="quiet-button" onClick={() => void showX()}>
          Show X report
        </button>
        <button
          type="button"
          class="main-button"
          disabled={isBusy || isShiftOpen}
          onClick={() => void close()}
        >
          Close day
        </button>
      </div>
      {shown && (
        <Dialog title={shown.title} onClose={() => setShown(undefined)}>
          <ReportView report={shown.report} />
        </Dialog>
      )}
    </section>
  );
}
