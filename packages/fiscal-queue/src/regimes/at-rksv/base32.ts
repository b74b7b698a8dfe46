/**
 * Bytes as base32 with padding, RFC 4648 section 6: the receipt's form for readers of letters. SPEC.md §9 (RAT).
 *
 * @module
 */

export function base32(bytes: Uint8Array): string {
  let text = "";
  let pending = 0;
  let pendingBits = 0;
  for (const byte of bytes) {
    pending = ((pending << 8) | byte) & 0xfff;
    pendingBits += 8;
    for (; pendingBits >= 5; pendingBits -= 5) text += letterOf(pending >> (pendingBits - 5));
  }
  if (pendingBits > 0) text += letterOf(pending << (5 - pendingBits));
  return text.padEnd(Math.ceil(text.length / 8) * 8, "=");
}

const base32Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function letterOf(bits: number): string {
  return base32Letters.charAt(bits & 31);
}
