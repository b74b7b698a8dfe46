import { expect, test } from "vitest";
import { download } from "./download.ts";

const from = (response: Response | Error) => ({
  stream: () => (response instanceof Error ? Promise.reject(response) : Promise.resolve(response)),
});

test("a file comes with the name that the service gives it", async () => {
  const headers = { "content-disposition": 'attachment; filename="dep7-K7QF.json"' };
  const answered = await download(from(new Response("{}", { headers })), "/x", "dep7");
  expect(answered).toMatchObject({ ok: true, value: { name: "dep7-K7QF.json" } });
  if (answered.ok) expect(await answered.value.content.text()).toBe("{}");
  expect(await download(from(new Response("")), "/x", "dep7")).toMatchObject({
    value: { name: "dep7" },
  });
});

test("a no is a problem, silence is silence", async () => {
  const no = Response.json({ code: "Forbidden" }, { status: 403 });
  expect(await download(from(no), "/x", "f")).toMatchObject({ error: { code: "Forbidden" } });
  const plain = new Response("<html>", { status: 502 });
  expect(await download(from(plain), "/x", "f")).toMatchObject({ error: { status: 502 } });
  expect(await download(from(new Error("cut")), "/x", "f")).toMatchObject({
    error: { code: "NoAnswer" },
  });
});

test("half a file is none", async () => {
  const body = new ReadableStream({
    start: (controller) => {
      controller.enqueue(new TextEncoder().encode("{"));
      controller.error(new Error("cut"));
    },
  });
  expect(await download(from(new Response(body)), "/x", "f")).toMatchObject({
    error: { code: "NoAnswer" },
  });
});
