/**
 * Reads server-sent events from pieces of text (WHATWG HTML, section 9.2.6).
 *
 * @module
 */

export interface StreamEvent {
  readonly type: string;
  readonly data: string;
  readonly id: string | undefined;
}

export interface StreamState {
  /** Text after the last blank line. */
  readonly rest: string;
  readonly lastId: string | undefined;
}

export const streamStart: StreamState = { rest: "", lastId: undefined };

export function readStream(
  state: StreamState,
  piece: string,
): { readonly state: StreamState; readonly events: readonly StreamEvent[] } {
  const text = (state.rest + piece).replaceAll("\r\n", "\n");
  const frames = text.split("\n\n");
  const rest = (frames.pop() ?? "").slice(-restMaxLength);
  let { lastId } = state;
  const events = frames.flatMap((frame) => {
    const event = readFrame(frame, lastId);
    lastId = event.id;
    return event.data === "" ? [] : [event];
  });
  return { state: { rest, lastId }, events };
}

const restMaxLength = 4_000_000;

function readFrame(frame: string, lastId: string | undefined): StreamEvent {
  let type = "message";
  let id = lastId;
  const data: string[] = [];
  for (const line of frame.split("\n")) {
    const [, name = "", value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (name === "event") type = value;
    if (name === "id") id = value;
    if (name === "data") data.push(value);
  }
  return { type, id, data: data.join("\n") };
}
