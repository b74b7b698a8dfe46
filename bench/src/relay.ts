/**
 * The relay against its peers and its limits: `npm run bench -- relay`.
 *
 * @module
 */

import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { sampleOrganisation, type OrganisationDevice } from "@tillmesh/relay/testing";
import { startServer } from "./relay-child.ts";
import { benchBytes } from "./relay-bytes.ts";
import { benchFanOut } from "./relay-fan-out.ts";
import { benchIdle } from "./relay-idle.ts";
import { benchLanes } from "./relay-lanes.ts";
import { benchPublish } from "./relay-publish.ts";
import { benchSales } from "./relay-sales.ts";

export async function benchRelay(dataDirectory: string): Promise<void> {
  const directory = join(dataDirectory, "relay");
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const organisation = await sampleOrganisation();
  const ca = organisation.ca.certificate;
  const [relay, bare] = await Promise.all([
    startServer({ kind: "relay", directory, ca }),
    startServer({ kind: "bare", directory, ca }),
  ]);
  const devices: OrganisationDevice[] = [];
  while (devices.length < 51) devices.push(await organisation.device());
  await benchPublish({ relay, bare }, devices.slice(0, 8));
  const [first, ...others] = devices;
  if (first) await benchFanOut({ relay, bare }, [first, ...others]);
  const [till] = devices;
  const hq = await organisation.device({ roles: ["hq"] });
  if (till) await benchLanes(relay, { hq, till });
  await benchBytes();
  const automerge = await startServer({ kind: "automerge", directory, ca });
  await benchSales({ relay, automerge }, devices.slice(0, 20));
  await automerge.stop();
  await relay.stop();
  const fresh = await startServer({ kind: "relay", directory, ca });
  await benchIdle(fresh, organisation);
  await fresh.stop();
  await bare.stop();
}
