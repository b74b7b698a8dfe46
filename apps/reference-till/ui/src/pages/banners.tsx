/**
 * What everybody must know at once, with what still works.
 *
 * @module
 */

import type { JSX } from "preact";
import type { Status } from "../api/shapes.ts";
import { useStore } from "../store.ts";
import { enrolmentText } from "../till/enrolment-text.ts";
import { fiscalAlarms } from "../till/fiscal-text.ts";
import { useWorkplace } from "../till/workplace.ts";
import { clockText } from "../time.ts";

export function Banners(): JSX.Element {
  const workplace = useWorkplace();
  const link = useStore(workplace.link);
  const status = useStore(workplace.status);
  return (
    <div class="banners" role="status" aria-live="assertive">
      {link.isReached ? (
        <>
          <DiskBanner status={status} />
          <EnrolmentBanner status={status} />
          <FiscalBanners timeZone={status?.timeZone ?? "UTC"} />
        </>
      ) : (
        <LostBanner atMs={link.lostAtMs ?? 0} timeZone={status?.timeZone} />
      )}
    </div>
  );
}

interface LostBannerProps {
  readonly atMs: number;
  readonly timeZone: string | undefined;
}

function LostBanner({ atMs, timeZone }: LostBannerProps): JSX.Element {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <p class="banner fault-tone">
      <strong>The till’s service does not answer</strong> since {clockText(atMs, timeZone ?? own)}.
      Nothing can be sold until it is back; the basket is kept. Trying again.
    </p>
  );
}

function DiskBanner({ status }: { readonly status: Status | null }): JSX.Element | null {
  if (status?.commit.state === "failed") {
    return (
      <p class="banner fault-tone">
        <strong>The disk refused a write.</strong> Nothing is recorded until the service is started
        again. What was acknowledged is safe.
      </p>
    );
  }
  if (status?.commit.isSpaceLow !== true) return null;
  return (
    <p class="banner warn-tone">
      <strong>The disk is almost full.</strong> Selling goes on; make space soon.
    </p>
  );
}

/** A device that may not link any more goes on selling, and says why nobody hears of it. */
function EnrolmentBanner({ status }: { readonly status: Status | null }): JSX.Element | null {
  const told = enrolmentText(status?.enrolment.state ?? "active");
  if (told === undefined) return null;
  return (
    <p class={told.isOver ? "banner fault-tone" : "banner warn-tone"}>
      <strong>{told.title}</strong> {told.text}
    </p>
  );
}

/** What a cashier has to know of sealing and the authority's deadlines. */
function FiscalBanners({ timeZone }: { readonly timeZone: string }): JSX.Element | null {
  const fiscal = useStore(useWorkplace().fiscal);
  if (fiscal === null) return null;
  return (
    <>
      {fiscalAlarms(fiscal, { timeZone, nowMs: Date.now() }).map(({ title, text, isOver }) => (
        <p key={title} class={isOver ? "banner fault-tone" : "banner warn-tone"}>
          <strong>{title}</strong> {text}
        </p>
      ))}
    </>
  );
}
