/**
 * What is on its way to the authority, and what holds it up.
 *
 * @module
 */

import type { JSX } from "preact";
import type { Fiscal, FiscalDelivery, FiscalDocument } from "../api/fiscal-shapes.ts";
import type { Page } from "../api/shapes.ts";
import { Fact } from "../parts/fact.tsx";
import { Fault } from "../parts/fields.tsx";
import { useRead } from "../parts/reading.ts";
import { useRecording } from "../parts/recording.ts";
import { useTimeZone } from "../parts/time-zone.ts";
import { useStore } from "../store.ts";
import { isSkewBad, skewText } from "../till/fiscal-text.ts";
import { useWorkplace } from "../till/workplace.ts";
import { agoText, clockText, momentText } from "../time.ts";

export function DeliveryCard({ fiscal }: { readonly fiscal: Fiscal }): JSX.Element {
  const { delivery, activation } = fiscal;
  const { paused, waiting, inflight, deadlines } = delivery;
  return (
    <section class="card" aria-label="Delivery">
      <h2>
        To the authority
        {paused !== null && <span class="badge bad">paused</span>}
      </h2>
      {paused !== null && <PausedNote paused={paused} />}
      {activation?.address === null && (
        <p class="hint">Nothing is sent yet: this till was not told the authority’s address.</p>
      )}
      <dl class="facts">
        <Fact name="Waiting" value={String(waiting + inflight)} isStrong />
        <WaitingFacts delivery={delivery} />
        <Count name="At half of their time" count={deadlines.warning} />
        <Count name="At 80 % of their time" count={deadlines.alarm} isBad />
        <Count name="Late" count={deadlines.late} isBad />
        <Fact name="Accepted" value={String(delivery.accepted)} />
        <Count name="Accepted with remarks" count={delivery.flagged} />
        <Count name="Rejected" count={delivery.rejected} isBad />
        <Count name="Parked" count={delivery.parked} isBad />
        <Count name="Put right by a new one" count={delivery.corrected} />
        <LinkFacts delivery={delivery} />
      </dl>
    </section>
  );
}

interface PausedNoteProps {
  readonly paused: NonNullable<FiscalDelivery["paused"]>;
}

function PausedNote({ paused: { code, detail, since } }: PausedNoteProps): JSX.Element {
  const { session, refreshFiscal } = useWorkplace();
  const isManager = useStore(session)?.role === "manager";
  const timeZone = useTimeZone();
  const { value } = useRead<Page<FiscalDocument>>("/fiscal/documents", {
    query: { state: "waiting", limit: 1 },
    topics: ["entries"],
  });
  const { isBusy, fault, record } = useRecording();
  const [first] = value?.items ?? [];
  const goOn = async ({ sequence, stream }: FiscalDocument) => {
    await record(`/fiscal/documents/${sequence}/release`, { stream }, "Going on with delivery");
    refreshFiscal();
  };
  return (
    <>
      <Fault>
        Nothing is sent since {momentText(since, timeZone)}, until somebody looks; sealing goes on.{" "}
        {code}: {detail}
      </Fault>
      <Fault>{fault}</Fault>
      {isManager && first !== undefined && (
        <button
          type="button"
          class="quiet-button"
          disabled={isBusy}
          onClick={() => void goOn(first)}
        >
          Go on sending
        </button>
      )}
    </>
  );
}

interface CountProps {
  readonly name: string;
  readonly count: number;
  readonly isBad?: boolean;
}

/** None is no news. */
function Count({ count, name, isBad = false }: CountProps): JSX.Element | null {
  return count === 0 ? null : <Fact name={name} value={String(count)} isBad={isBad} />;
}

interface DeliveryProps {
  readonly delivery: FiscalDelivery;
}

function WaitingFacts({ delivery }: DeliveryProps): JSX.Element {
  const timeZone = useTimeZone();
  const { waiting, inflight, oldestWaiting, notBefore, paused } = delivery;
  const isTried = waiting > 0 && paused === null;
  const isHeldUp = notBefore !== null && Date.parse(notBefore) > Date.now();
  return (
    <>
      <Count name="Being sent" count={inflight} />
      {oldestWaiting !== null && (
        <Fact name="Oldest sealed" value={agoText(Date.parse(oldestWaiting), Date.now())} />
      )}
      {isTried && isHeldUp && <Fact name="Next try" value={clockText(notBefore, timeZone)} />}
    </>
  );
}

function LinkFacts({ delivery }: DeliveryProps): JSX.Element {
  const { skewMs, lastError, paused } = delivery;
  return (
    <>
      {skewMs !== null && (
        <Fact name="Its clock" value={skewText(skewMs)} isBad={isSkewBad(skewMs)} />
      )}
      {lastError !== null && lastError !== paused?.detail && (
        <Fact name="Last error" value={lastError} isBad />
      )}
    </>
  );
}
