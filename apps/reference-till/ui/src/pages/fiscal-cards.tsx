/**
 * How sealing and delivery stand.
 *
 * @module
 */

import type { JSX } from "preact";
import type { Fiscal, FiscalDelivery, FiscalStream, SignerOutage } from "../api/fiscal-shapes.ts";
import { Fact } from "../parts/fact.tsx";
import { Fault } from "../parts/fields.tsx";
import { useStore } from "../store.ts";
import { documentsText, isSkewBad, keyText, regimeText, skewText } from "../till/fiscal-text.ts";
import { useWorkplace } from "../till/workplace.ts";
import { agoText, clockText, dayText, momentText } from "../time.ts";

export interface SealingCardProps {
  readonly fiscal: Fiscal;
  readonly regime: string;
}

export function SealingCard({ fiscal, regime }: SealingCardProps): JSX.Element {
  const { isTest, stopped, activation } = fiscal;
  return (
    <section class="card" aria-label="Sealing">
      <h2>
        {regimeText(regime)}
        {isTest && <span class="badge alone">test keys</span>}
        {stopped !== null && <span class="badge bad">stopped</span>}
      </h2>
      <Fault>{stopped}</Fault>
      {isTest && (
        <p class="hint">Receipts say that they are not fiscal receipts. Nothing here counts.</p>
      )}
      <SealingFacts fiscal={fiscal} isPlain={regime === "none"} />
      {activation !== null && activation.regime !== regime && (
        <p class="hint">
          From {dayText(activation.from)} on: {regimeText(activation.regime)}.
        </p>
      )}
    </section>
  );
}

interface SealingFactsProps {
  readonly fiscal: Fiscal;
  /** No authority knows of it. */
  readonly isPlain: boolean;
}

function SealingFacts({ fiscal, isPlain }: SealingFactsProps): JSX.Element {
  const { head, stream, outage, keys } = fiscal;
  return (
    <>
      {isPlain && (
        <p class="hint">Receipts are numbered without a gap and chained; no authority is told.</p>
      )}
      <dl class="facts">
        <Fact name="Last receipt" value={head?.number ?? "none yet"} />
        <Fact name="Sealed" value={documentsText(head?.sequence ?? 0)} />
        <NewestFact sealedAt={head?.sealedAt ?? null} />
        {stream !== null && !isPlain && <StreamFacts stream={stream} />}
        <OutageFacts outage={outage} />
        <KeyFacts keys={keys} />
      </dl>
    </>
  );
}

function StreamFacts({ stream }: { readonly stream: FiscalStream }): JSX.Element {
  const { taxpayer, till, series, epoch, closed } = stream;
  return (
    <>
      <Fact name="Taxpayer" value={taxpayer} />
      <Fact name="This till’s name there" value={till} />
      <Fact name="Series" value={series} />
      <Fact name="Epoch" value={String(epoch)} />
      {closed !== null && <Fact name="Closed" value={closed} isBad />}
    </>
  );
}

function NewestFact({ sealedAt }: { readonly sealedAt: string | null }): JSX.Element | null {
  if (sealedAt === null) return null;
  return <Fact name="Newest" value={agoText(Date.parse(sealedAt), Date.now())} />;
}

function OutageFacts({ outage }: { readonly outage: SignerOutage | null }): JSX.Element | null {
  const timeZone = useTimeZone();
  if (outage === null) return null;
  const { since, ended, firstNumber, lastNumber } = outage;
  return (
    <>
      <Fact
        name={ended === null ? "Signer out since" : "Signer was out from"}
        value={momentText(since, timeZone)}
        isBad={ended === null}
      />
      {ended !== null && (
        <Fact name="Until" value={`${momentText(ended, timeZone)}; recovery is being recorded`} />
      )}
      <Fact
        name="Sealed without it"
        value={firstNumber === lastNumber ? firstNumber : `${firstNumber} to ${lastNumber}`}
      />
    </>
  );
}

function KeyFacts({ keys }: Pick<Fiscal, "keys">): JSX.Element {
  const timeZone = useTimeZone();
  return (
    <>
      {keys.map((key) => (
        <Fact
          key={key.keyId}
          name={`Certificate ${key.keyId}`}
          value={keyText(key, timeZone)}
          isBad={key.level === "7-days" || key.level === "ended"}
        />
      ))}
    </>
  );
}

export function DeliveryCard({ fiscal }: { readonly fiscal: Fiscal }): JSX.Element {
  const { delivery, activation } = fiscal;
  const { paused, waiting, inflight, deadlines } = delivery;
  return (
    <section class="card" aria-label="Delivery">
      <h2>
        To the authority
        {paused !== null && <span class="badge bad">paused</span>}
      </h2>
      {paused !== null && (
        <Fault>
          Nothing is sent until somebody looks; sealing goes on. {paused.code}: {paused.detail}
        </Fault>
      )}
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
  const { inflight, oldestWaiting, notBefore } = delivery;
  return (
    <>
      <Count name="Being sent" count={inflight} />
      {oldestWaiting !== null && (
        <Fact name="Oldest sealed" value={agoText(Date.parse(oldestWaiting), Date.now())} />
      )}
      {notBefore !== null && <Fact name="Next try" value={clockText(notBefore, timeZone)} />}
    </>
  );
}

function LinkFacts({ delivery: { skewMs, lastError } }: DeliveryProps): JSX.Element {
  return (
    <>
      {skewMs !== null && (
        <Fact name="Its clock" value={skewText(skewMs)} isBad={isSkewBad(skewMs)} />
      )}
      {lastError !== null && <Fact name="Last error" value={lastError} isBad />}
    </>
  );
}

function useTimeZone(): string {
  return useStore(useWorkplace().status)?.timeZone ?? "UTC";
}
