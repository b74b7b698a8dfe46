/**
 * A QR code, black on white whatever the colours of the page, sharp on paper.
 *
 * @module
 */

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { SealCode } from "../api/fiscal-shapes.ts";
import { qrPicture, qrSidePx } from "../till/qr-picture.ts";

export interface QrCodeProps {
  readonly code: SealCode;
  readonly label: string;
}

export function QrCode({ code, label }: QrCodeProps): JSX.Element {
  const { text, level, minMm } = code;
  const { size, path } = useMemo(() => qrPicture(text, level), [text, level]);
  const side = qrSidePx(size, minMm);
  return (
    <svg
      class="qr-code"
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      width={side}
      height={side}
      shape-rendering="crispEdges"
    >
      <rect width={size} height={size} fill="#ffffff" />
      <path d={path} fill="#000000" />
    </svg>
  );
}
