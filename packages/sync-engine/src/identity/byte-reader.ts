/**
 * Exactly so many bytes at a time out of a stream of chunks of any size.
 *
 * Holds at most what was asked for and one chunk.
 *
 * @module
 */

export interface ByteReader {
  /** The next bytes, or fewer if the stream ends before. */
  read(sizeBytes: number): Promise<Uint8Array>;
  /** Lets the source go. */
  close(): Promise<void>;
}

export function createByteReader(source: AsyncIterable<Uint8Array>): ByteReader {
  const chunks = source[Symbol.asyncIterator]();
  let rest = new Uint8Array();

  async function read(sizeBytes: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    let wanted = sizeBytes;
    while (wanted > 0) {
      if (rest.length === 0) {
        const next = await chunks.next();
        if (next.done === true) break;
        rest = new Uint8Array(next.value);
      }
      const piece = rest.subarray(0, wanted);
      rest = rest.subarray(piece.length);
      wanted -= piece.length;
      pieces.push(piece);
    }
    return concat(pieces);
  }

  return {
    read,
    close: async () => {
      await chunks.return?.();
    },
  };
}

export function concat(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
