/**
 * An invitation's text as a QR code: on a page, or in a terminal. SPEC.md [IT5].
 *
 * @module
 */

import { encodeQR } from "qr";

/** `svg`: markup for a page. `terminal`: text in two colours. */
export function invitationQr(text: string, form: "svg" | "terminal"): string {
  // Byte mode; medium correction reads from a screen at an angle. A border of four is the standard's.
  const options = { ecc: text.length > mediumMaxLength ? "low" : "medium", border: 4 } as const;
  return encodeQR(text, form === "svg" ? "svg" : "term", options);
}

/** Above this a code of medium correction would be too fine to read from a small screen. */
const mediumMaxLength = 1_600;
