/**
 * What a passphrase is, and the port that makes a key of it.
 *
 * @module
 */

/** scrypt (RFC 7914) with r = 8 and p = 1; N is `2 ** costLog2`. Answers 32 bytes. */
export type DeriveKey = (
  passphrase: string,
  salt: Uint8Array,
  costLog2: number,
) => Promise<Uint8Array>;

export const passphraseMinLength = 12;

/** As typed on any keyboard: one Unicode form, no spaces around, one between words. */
export function normalPassphrase(text: string): string {
  return text.normalize("NFKC").trim().replaceAll(/\s+/g, " ");
}
