/**
 * A till that serves: started, asked until it can sell, stopped or killed.
 *
 * @module
 */

import { createApi, type Answer, type Api } from "./api.ts";
import { eventually } from "./eventually.ts";
import { startTillmesh, type Ending, type Program } from "./programs.ts";

export interface Device {
  readonly directory: string;
  readonly httpPort: number;
  readonly lanPort: number;
  readonly token: string;
}

export interface Serving {
  readonly api: Api;
  /** Gracefully; the ending of a process that was asked to stop. */
  stop(): Promise<Ending>;
  /** As a power cut would, and returns when nothing of it runs any more. */
  kill(): Promise<Ending>;
}

export interface ServeOptions {
  /** Ports of peers, or of cables to them; none: cut off from everybody. */
  readonly peers?: readonly number[];
  /** The relay's port. */
  readonly relay?: number;
  readonly onAnswer?: (answer: Answer) => void;
}

export async function serve(device: Device, options: ServeOptions = {}): Promise<Serving> {
  const { peers, relay, onAnswer } = options;
  const lan = peers === undefined ? ["--no-lan"] : ["--lan", String(device.lanPort)];
  const uplink = relay === undefined ? [] : ["--relay", `ws://127.0.0.1:${relay}`];
  const dialled = (peers ?? []).flatMap((port) => ["--peer", `127.0.0.1:${port}`]);
  const { directory, httpPort } = device;
  const where = ["--data", directory, "--http", String(httpPort)];
  const args = ["serve", ...where, ...lan, ...dialled, ...uplink];
  const program = startTillmesh(args, { timeMaxMs: servingMaxMs });
  const api = createApi({
    port: httpPort,
    token: device.token,
    ...(onAnswer === undefined ? {} : { onAnswer }),
  });
  await untilHealthy(api, program);
  return {
    api,
    stop: () => end(program, api, "SIGTERM"),
    kill: () => end(program, api, "SIGKILL"),
  };
}

/** Connected to that many other devices. */
export async function untilConnected({ api }: Serving, devices = 1): Promise<void> {
  await eventually(`${devices} connected`, async () => {
    const { body } = await api.get<{ readonly peers: readonly Peer[] }>("/status");
    const connected = body.peers.filter(({ state }) => state === "connected");
    const names = new Set(connected.flatMap(({ device }) => (device === null ? [] : [device.id])));
    return names.size >= devices ? true : undefined;
  });
}

interface Peer {
  readonly device: { readonly id: string } | null;
  readonly state: string;
}

const servingMaxMs = 3_600_000;
const startMaxMs = 60_000;
const stopMaxMs = 30_000;

async function untilHealthy(api: Api, program: Program): Promise<void> {
  let ending: Ending | undefined;
  void program.ended.then((found) => (ending = found)).catch(() => undefined);
  const healthy = eventually(
    "health 200",
    async () => {
      if (ending !== undefined) return false;
      const { status } = await api.send({ method: "GET", path: "/api/v1/health" });
      return status === 200 ? true : undefined;
    },
    { withinMs: startMaxMs, everyMs: 20 },
  );
  const isHealthy = await healthy.catch((error: unknown) => {
    program.signal("SIGKILL");
    throw new Error(`It does not answer.\n${program.log()}`, { cause: error });
  });
  if (!isHealthy) throw new Error(`It ended instead of serving.\n${program.log()}`);
}

async function end(program: Program, api: Api, signal: "SIGTERM" | "SIGKILL"): Promise<Ending> {
  program.signal(signal);
  const timer = setTimeout(() => program.signal("SIGKILL"), stopMaxMs);
  const ending = await program.ended;
  clearTimeout(timer);
  api.close();
  return ending;
}
