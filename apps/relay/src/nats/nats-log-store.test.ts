import { afterAll, describe, expect, test } from "vitest";
import { logStoreSuite } from "../testing/index.ts";
import { createNatsTrial } from "./testing/nats-trial.ts";
import { testServer } from "./testing/test-server.ts";

const { url = "", dispose } = await testServer();
afterAll(dispose);

logStoreSuite("NATS JetStream", async () => createNatsTrial(url), {
  describe,
  test: test.skipIf(url === ""),
  expect,
});
