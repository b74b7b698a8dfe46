import type { ChannelName } from "@tillmesh/sync-engine/relay-protocol";
import { afterAll, expect, onTestFinished, test as plainTest } from "vitest";
import {
  connect,
  nextEnvelope,
  publish,
  read,
  sampleOrganisation,
  say,
  startChain,
  startTestRelay,
  store,
} from "../testing/index.ts";
import { createNatsTrial } from "./testing/nats-trial.ts";
import { testServer } from "./testing/test-server.ts";

const { url = "", dispose } = await testServer();
afterAll(dispose);
const test = plainTest.skipIf(url === "");

test("[LS7] what a till gives one relay, headquarters reads from another; a revocation reaches both", async () => {
  const organisation = await sampleOrganisation();
  const till = await organisation.device();
  const hq = await organisation.device({ roles: ["hq"] });
  const home = `location/${till.location}` as ChannelName;
  const trial = await createNatsTrial(url);
  onTestFinished(trial.dispose);
  const one = await startTestRelay({ trust: [organisation], store: trial.store });
  onTestFinished(one.dispose);
  const two = await startTestRelay({ trust: [organisation], store: await trial.second() });
  onTestFinished(two.dispose);

  const seller = await connect(one.url, till);
  const reader = await connect(two.url, hq);
  const { next } = await read(reader, hq, { channel: home });
  const chain = startChain(till, home);
  const item = await store(seller, chain, "first");
  expect((await next()).at).toBe(item.offset);

  const { bytes } = nextEnvelope(chain, new TextEncoder().encode("second"));
  publish(seller, { bytes });
  expect((await next()).bytes).toEqual(bytes);

  await say(reader, { type: "revocation", organisation: till.organisation, device: till.id }, hq);
  expect((await seller.closed).bye?.statement.length).toBeGreaterThan(0);
  await expect(connect(one.url, till)).rejects.toThrow();
});
