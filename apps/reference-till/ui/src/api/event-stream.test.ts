import { expect, test } from "vitest";
import { readStream, streamStart } from "./event-stream.ts";

test("events are the same however the text is cut", () => {
  const text = ': hello\n\nid: a.1\nevent: entry\ndata: {"n":1}\n\nid: a.2\ndata: x\ndata: y\n\n';
  for (let cut = 0; cut <= text.length; cut += 1) {
    const first = readStream(streamStart, text.slice(0, cut));
    const second = readStream(first.state, text.slice(cut));
    expect([...first.events, ...second.events]).toEqual([
      { type: "entry", id: "a.1", data: '{"n":1}' },
      { type: "message", id: "a.2", data: "x\ny" },
    ]);
    expect(second.state.lastId).toBe("a.2");
  }
});

test("an id stays in force until the next one", () => {
  const { events } = readStream(streamStart, "id: 7\ndata: a\n\ndata: b\n\n");
  expect(events.map(({ id }) => id)).toEqual(["7", "7"]);
});
