/**
 * PEM, read strictly: one text for one value (RFC 7468, strict form).
 *
 * Certificates and keys are PEM texts wherever they are kept or sent, so that
 * any tool can look at them. A text that is not exactly what `toPem` writes is
 * refused: the same certificate never appears under two spellings.
 *
 * @module
 */

export type PemLabel = "CERTIFICATE" | "PRIVATE KEY";

export function toPem(label: PemLabel, der: Uint8Array): string {
  const lines = encodeBase64(der).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/** The DER inside, or undefined if `text` is not exactly one block with this label. */
export function fromPem(label: PemLabel, text: string): Uint8Array | undefined {
  const begin = `-----BEGIN ${label}-----\n`;
  const end = `\n-----END ${label}-----\n`;
  if (text.length > pemMaxLength || !text.startsWith(begin) || !text.endsWith(end)) {
    return undefined;
  }
  const body = text.slice(begin.length, -end.length).replaceAll("\n", "");
  const der = decodeBase64(body);
  return der !== undefined && toPem(label, der) === text ? der : undefined;
}

/** Ours have about 700; a bound for what strangers send. */
export const pemMaxLength = 4_096;

/** The blocks of a file that holds one certificate after another. */
export function splitPem(text: string): readonly string[] {
  return text.split(/(?<=-----END [A-Z ]+-----\n)/).filter((block) => block !== "");
}

export function encodeBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

/** Undefined unless `text` is exactly what `encodeBase64` writes. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return undefined;
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return encodeBase64(bytes) === text ? bytes : undefined;
}
