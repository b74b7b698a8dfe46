/**
 * CRC-32C (Castagnoli), eight bytes per step.
 *
 * Source: RFC 3720 appendix B.4 (polynomial and test vectors); slicing by eight after
 * Kounavis and Berry, "A Systematic Approach to Building High Performance Software-Based CRC
 * Generators" (2005).
 *
 * @module
 */

/** The checksum of `bytes`, or of what `seed` is the checksum of followed by `bytes`. */
export function crc32c(bytes: Uint8Array, seed = 0): number {
  let crc = ~seed;
  let at = 0;
  for (const end = bytes.length - 7; at < end; at += 8) {
    crc ^= byte(bytes, at) | (byte(bytes, at + 1) << 8);
    crc ^= (byte(bytes, at + 2) << 16) | (byte(bytes, at + 3) << 24);
    crc =
      entry(7, crc) ^
      entry(6, crc >>> 8) ^
      entry(5, crc >>> 16) ^
      entry(4, crc >>> 24) ^
      entry(3, byte(bytes, at + 4)) ^
      entry(2, byte(bytes, at + 5)) ^
      entry(1, byte(bytes, at + 6)) ^
      entry(0, byte(bytes, at + 7));
  }
  for (; at < bytes.length; at += 1) crc = entry(0, crc ^ byte(bytes, at)) ^ (crc >>> 8);
  return ~crc >>> 0;
}

const table: Uint32Array = slicingTable(0x82f63b78);

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] as number;
}

function entry(slice: number, index: number): number {
  return table[(slice << 8) | (index & 0xff)] as number;
}

function slicingTable(polynomial: number): Uint32Array {
  const slices = new Uint32Array(8 * 256);
  for (let index = 0; index < 256; index += 1) {
    let crc = index;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    slices[index] = crc;
  }
  for (let at = 256; at < slices.length; at += 1) {
    const previous = slices[at - 256] as number;
    slices[at] = (previous >>> 8) ^ (slices[previous & 0xff] as number);
  }
  return slices;
}
