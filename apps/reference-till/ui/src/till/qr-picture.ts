/**
 * A QR code as one path of squares, and how large it is shown.
 *
 * @module
 */

import { encodeQR } from "qr";

export interface QrPicture {
  /** Modules along one side, with the white around the code. */
  readonly size: number;
  /** SVG path data; one unit is one module. */
  readonly path: string;
}

export function qrPicture(text: string, level: "L" | "M"): QrPicture {
  const options = { ecc: level === "L" ? "low" : "medium", border: quietModules } as const;
  const rows = encodeQR(text, "raw", options);
  return { size: rows.length, path: rows.flatMap(rowPath).join("") };
}

/**
 * In CSS pixels, which are 1/96 inch on paper too: whole ones for a module, so that no edge blurs. Laws that ask for a least size
 * have an upper bound close by: where whole pixels would make the code a third larger than asked, it gets the size asked.
 */
export function qrSidePx(size: number, minMm?: number): number {
  if (minMm === undefined) {
    const fittingPx = Math.floor(comfortablePx / size);
    return Math.min(moduleMostPx, Math.max(moduleLeastPx, fittingPx)) * size;
  }
  const modules = size - 2 * quietModules;
  const leastPx = (minMm * 96) / 25.4;
  const modulePx = Math.max(moduleLeastPx, Math.ceil(leastPx / modules));
  const isTooLarge = modulePx > moduleLeastPx && modulePx * modules > (leastPx * 4) / 3;
  return isTooLarge ? (leastPx / modules) * size : modulePx * size;
}

/** As the standard has it. */
const quietModules = 4;
/** Half a millimetre: four dots of a common receipt printer. */
const moduleLeastPx = 2;
const moduleMostPx = 4;
/** 53 mm: easily read, and it leaves room on narrow paper. */
const comfortablePx = 200;

function rowPath(row: readonly boolean[], y: number): readonly string[] {
  const runs: string[] = [];
  for (let x = 0; x < row.length; x += 1) {
    if (row[x] !== true) continue;
    const start = x;
    while (row[x + 1] === true) x += 1;
    const length = x + 1 - start;
    runs.push(`M${start} ${y}h${length}v1h-${length}z`);
  }
  return runs;
}
