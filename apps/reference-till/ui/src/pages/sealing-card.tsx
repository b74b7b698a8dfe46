/**
 * What seals this device's receipts, and where its chain stands.
 *
 * @module
 */

import type { JSX } from "preact";
import type { Fiscal, FiscalStream, SignerOutage } from "../api/fiscal-shapes.ts";
import { Fact } from "../parts/fact.tsx";
import { Fault } from "../parts/fields.tsx";
import { useTimeZone } from "../parts/time-zone.ts";
import { closingText, documentsText, keyText, regimeText } from "../till/fiscal-text.ts";
import { agoText, dayText, momentText } from "../time.ts";

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
  const { head, stream, outage, keys, closings } = fiscal;
  return (
    <>
      {isPlain && (
        <p class="hint">Receipts are numbered without a gap and chained; no authority is told.</p>
      )}
      <dl class="facts">
        <HeadFacts head={head} />
        {stream !== null && !isPlain && <StreamFacts stream={stream} />}
        <OutageFacts outage={outage} />
        {closings.map((closing) => (
          <Fact key={closing.period} name="Closing owed" value={closingText(closing)} isBad />
        ))}
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

function HeadFacts({ head }: Pick<Fiscal, "head">): JSX.Element {
  const { number = null, sequence = 0, sealedAt = null } = head ?? {};
  return (
    <>
      <Fact name="Last receipt" value={number ?? "none yet"} />
      <Fact name="Sealed" value={documentsText(sequence)} />
      {sealedAt !== null && (
        <Fact name="Newest" value={agoText(Date.parse(sealedAt), Date.now())} />
      )}
    </>
  );
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
