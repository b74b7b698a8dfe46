/**
 * What a receipt shows of its fiscal seal: the lines as the service gives them, the code, and the code as letters.
 *
 * @module
 */

import type { JSX } from "preact";
import type { Seal } from "../api/fiscal-shapes.ts";
import type { Receipt } from "../api/shapes.ts";
import { sealParts, type SealParts } from "../till/seal-parts.ts";
import { QrCode } from "./qr-code.tsx";

/** Where a regime wants the code before the contents. */
export function SealAbove({ receipt }: { readonly receipt: Receipt }): JSX.Element | null {
  const parts = receipt.fiscal && sealParts(receipt.fiscal);
  return parts?.isCodeFirst === true ? <Paper parts={parts} /> : null;
}

export function SealBelow({ receipt }: { readonly receipt: Receipt }): JSX.Element | null {
  const { fiscal } = receipt;
  const parts = fiscal && sealParts(fiscal);
  if (fiscal === undefined || parts === undefined) return null;
  return (
    <>
      {!parts.isCodeFirst && <Paper parts={parts} />}
      <SealNotes seal={fiscal} />
    </>
  );
}

function Paper({ parts }: { readonly parts: SealParts }): JSX.Element {
  const { above, code, below } = parts;
  return (
    <section class="seal" aria-label="Fiscal seal">
      <SealLines lines={above} />
      {code !== null && <QrCode code={code} label="Fiscal QR code" />}
      <SealLines lines={below} />
    </section>
  );
}

function SealLines({ lines }: { readonly lines: SealParts["above"] }): JSX.Element {
  return (
    <>
      {lines.map(({ text, isWarning }, index) => (
        <span key={index} dir="auto" class={isWarning ? "seal-warning" : undefined}>
          {text}
        </span>
      ))}
    </>
  );
}

/** For whoever stands at the till: an outage in plain words; the code as letters, on paper only where it is opened. */
function SealNotes({ seal }: { readonly seal: Seal }): JSX.Element {
  const { isDegraded, ocr, qr } = seal;
  return (
    <>
      {isDegraded && (
        <p class="seal-note no-print">
          Sealed while the fiscal signer was out; the receipt says so.
        </p>
      )}
      {ocr !== undefined && qr === null && <code class="seal-letters">{ocr}</code>}
      {ocr !== undefined && qr !== null && (
        <details class="seal-ocr">
          <summary class="no-print">The code as letters</summary>
          <code class="seal-letters">{ocr}</code>
        </details>
      )}
    </>
  );
}
