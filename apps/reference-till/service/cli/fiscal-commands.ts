/**
 * The fiscal regime of this device: status, activation, delivery, exports, verification.
 *
 * @module
 */

import { activateFiscal, type ActivateRequest, type KeyFile } from "../fiscal/activate.ts";
import { confirmClock } from "../fiscal/clock-check.ts";
import { createDeliveryLoop, type Delivered } from "../fiscal/delivery-loop.ts";
import { takeUpActivation } from "../fiscal/rekeying.ts";
import { takeOver } from "../fiscal/take-over.ts";
import { exportFiscal } from "../fiscal/export.ts";
import { fiscalStatusAnswer } from "../fiscal/status.ts";
import { verifyFiscal, type FiscalVerified } from "../fiscal/verify-fiscal.ts";
import { problemOf } from "../http/problem.ts";
import { createLogger } from "../logger.ts";
import type { DeviceHome } from "../till/devices.ts";
import { present } from "../till/present.ts";
import type { Till } from "../till/till.ts";
import type { Arguments } from "./arguments.ts";
import { dataOption, required, type Command } from "./command.ts";
import { controlOf, toldProblem, type ControlClient } from "./control-client.ts";
import { CommandError, UsageError, type Output } from "./output.ts";
import { readJson, readText } from "./read-file.ts";
import { withTill } from "./with-till.ts";

export const fiscalStatusCommand: Command = {
  name: "fiscal status",
  summary: "The fiscal stream of this device: where it stands, what waits, what is wrong",
  options: { ...dataOption, json: { type: "boolean" } },
  run: async (args, output) => {
    const control = await controlOf(args.text("data"));
    const status =
      control === undefined
        ? await withTill(args.text("data"), (till) => Promise.resolve(fiscalStatusAnswer(till)))
        : await control.get("/fiscal");
    if (args.is("json")) output.out(`${JSON.stringify(status)}\n`);
    else tellStatus(status as Status, output);
    return (status as Status).stopped === null ? 0 : 1;
  },
};

export const fiscalActivateCommand: Command = {
  name: "fiscal activate",
  summary: "Seal with real keys from a date on; also while it serves",
  options: {
    ...dataOption,
    regime: required("at-rksv|es-verifactu|es-no-verifactu|sa-zatca|no-saft|none"),
    taxpayer: required("NUMBER"),
    till: required("NAME"),
    from: required("YYYY-MM-DD"),
    settings: { type: "string", value: "FILE.json" },
    key: { type: "string", value: "KEYID=FILE.pem", multiple: true },
    certificate: { type: "string", value: "KEYID=FILE.pem", multiple: true },
    secret: { type: "string", value: "NAME=FILE", multiple: true },
    authority: { type: "string", value: "URL" },
    "client-certificate": { type: "string", value: "FILE.pem" },
    "client-key": { type: "string", value: "FILE.pem" },
    header: { type: "string", value: "NAME=VALUE", multiple: true },
    test: { type: "boolean" },
  },
  run: async (args, output) => {
    const request = readRequest(args);
    const control = await controlOf(args.text("data"));
    if (control === undefined) {
      await withTill(args.text("data"), async (till) => {
        const activated = activateFiscal(till, request);
        const done = activated.ok ? await takeUpActivation(till) : activated;
        if (!done.ok) throw new CommandError(toldProblem(problemOf(done.error)));
      });
    } else await control.post("/control/fiscal/activate", request);
    const { till, regime, from, isTest } = request;
    output.say(`${till} seals by ${regime} from ${from} on${isTest ? ", with TEST keys" : ""}.`);
    return 0;
  },
};

export const fiscalDeliverCommand: Command = {
  name: "fiscal deliver",
  summary: "Send what waits to the authority, as far as it may be sent now; also while it serves",
  options: {
    ...dataOption,
    for: { type: "string", value: "DEVICE" },
    json: { type: "boolean" },
  },
  run: async (args, output) => {
    const control = await controlOf(args.text("data"));
    const device = args.optional("for");
    const delivered =
      control === undefined
        ? await withTill(args.text("data"), (till, home) => deliverOnce(till, home, device))
        : await deliverServing(control, device);
    if (args.is("json")) output.out(`${JSON.stringify(delivered)}\n`);
    else tellDelivered(delivered, output);
    return 0;
  },
};

async function deliverOnce(till: Till, { clock }: DeviceHome, device: string | undefined) {
  const loop = createDeliveryLoop(till, createLogger({ level: "warn", clock, write: warn }));
  try {
    if (device !== undefined) {
      const done = await takeOver(till, { device });
      if (!done.ok) throw new CommandError(toldProblem(problemOf(done.error)));
    }
    return await loop.deliver();
  } finally {
    loop.close();
  }
}

function warn(line: string): void {
  process.stderr.write(line);
}

async function deliverServing(control: ControlClient, device: string | undefined) {
  if (device !== undefined) await control.post("/fiscal/hand-overs", { device });
  return (await control.post("/control/fiscal/deliver", {})) as Delivered;
}

function tellDelivered({ answered, streams }: Delivered, output: Output): void {
  output.out(`${answered} documents have an answer\n`);
  for (const { stream, state } of streams) output.out(`${stream}: ${state}\n`);
}

export const fiscalExportCommand: Command = {
  name: "fiscal export",
  summary: "What an authority may ask for, on stdout; also while it serves",
  options: {
    ...dataOption,
    kind: required("dep7|saft-cr|verifactu-xml|journal"),
    from: { type: "string", value: "YYYY-MM-DD" },
    to: { type: "string", value: "YYYY-MM-DD" },
    stream: { type: "string", value: "ID" },
  },
  run: async (args) => {
    const [kind, control] = [args.text("kind"), await controlOf(args.text("data"))];
    const range = present({
      from: args.optional("from"),
      to: args.optional("to"),
      stream: args.optional("stream"),
    });
    if (control !== undefined) {
      const query = new URLSearchParams(range as Record<string, string>).toString();
      const path = `/fiscal/exports/${encodeURIComponent(kind)}?${query}`;
      await writeAll(await control.stream(path));
      return 0;
    }
    await withTill(args.text("data"), async (till) => {
      const found = exportFiscal(till, { kind, ...range });
      if (!found.ok) throw new CommandError(toldProblem(problemOf(found.error)));
      await writeAll(found.value.pieces);
    });
    return 0;
  },
};

export const fiscalVerifyCommand: Command = {
  name: "fiscal verify",
  summary: "Check every fiscal chain held here from its first document; exit code 1 on a finding",
  options: { ...dataOption, json: { type: "boolean" } },
  run: async (args, output) => {
    const control = await controlOf(args.text("data"));
    const answer =
      control === undefined
        ? await withTill(args.text("data"), verifyFiscal)
        : ((await control.post("/control/fiscal/verify", {})) as FiscalVerified);
    if (args.is("json")) output.out(`${JSON.stringify(answer)}\n`);
    else tellVerified(answer, output);
    return answer.ok ? 0 : 1;
  },
};

export const fiscalConfirmClockCommand: Command = {
  name: "fiscal confirm-clock",
  summary: "The clock was looked at and is right: seal the next document by it",
  options: { ...dataOption },
  run: async (args, output) => {
    const control = await controlOf(args.text("data"));
    const { clock } =
      control === undefined
        ? await withTill(args.text("data"), confirmHere)
        : ((await control.post("/fiscal/clock/confirm", {})) as Confirmed);
    output.say(
      clock === null
        ? "Nothing was in doubt."
        : `Confirmed for the next document: it is ${clock.shows}, after ${clock.last}.`,
    );
    return 0;
  },
};

interface Confirmed {
  readonly clock: { readonly shows: string; readonly last: string } | null;
}

async function confirmHere(till: Till): Promise<Confirmed> {
  const confirmed = await confirmClock(till, { device: till.replica.device.id });
  if (!confirmed.ok) throw new CommandError(toldProblem(problemOf(confirmed.error)));
  return { clock: confirmed.value as Confirmed["clock"] };
}

function readRequest(args: Arguments): ActivateRequest {
  const pairs = (name: string) => args.all(name).map((text) => readPair(name, text));
  const keys = new Map<string, KeyFile>();
  const put = (keyId: string, more: Omit<KeyFile, "keyId">) =>
    keys.set(keyId, { ...(keys.get(keyId) ?? { keyId }), ...more });
  for (const [id, file] of pairs("certificate")) put(id, { certificate: readText(file) });
  for (const [id, file] of pairs("key")) put(id, { privateKey: readText(file).trim() });
  const settings = args.optional("settings");
  const [cert, key] = [args.optional("client-certificate"), args.optional("client-key")];
  if ((cert === undefined) !== (key === undefined))
    throw new UsageError("--client-certificate and --client-key go together.");
  const client =
    cert === undefined ? undefined : { cert: readText(cert), key: readText(key ?? "") };
  const headers = pairs("header");
  return {
    regime: args.text("regime"),
    taxpayer: args.text("taxpayer"),
    till: args.text("till"),
    from: args.text("from"),
    settings: settings === undefined ? {} : readJson(settings),
    keys: [...keys.values()],
    secrets: Object.fromEntries(
      pairs("secret").map(([name, file]) => [name, readText(file).trim()]),
    ),
    isTest: args.is("test"),
    ...present({
      address: args.optional("authority"),
      client,
      headers: headers.length === 0 ? undefined : Object.fromEntries(headers),
    }),
  };
}

/** `KEYID=FILE`; a key id may hold `=`, a file here does not. */
function readPair(name: string, text: string): readonly [string, string] {
  const at = name === "header" ? text.indexOf("=") : text.lastIndexOf("=");
  if (at < 1 || at === text.length - 1) throw new UsageError(`--${name} "${text}" has no "=".`);
  return [text.slice(0, at), text.slice(at + 1)];
}

interface Status {
  readonly regime: string | null;
  readonly isTest: boolean;
  readonly stopped: string | null;
  readonly activation: { readonly regime: string; readonly from: string } | null;
  readonly stream: { readonly id: string } | null;
  readonly head: { readonly sequence: number; readonly number: string | null } | null;
  readonly outage: { readonly since: string; readonly ended: string | null } | null;
  readonly refusedTaxes: readonly { readonly taxCode: string; readonly detail: string }[];
  readonly keys: readonly { readonly keyId: string; readonly daysLeft: number }[];
  readonly delivery: Readonly<Record<"waiting" | "parked" | "rejected" | "accepted", number>> & {
    readonly isSent: boolean;
    readonly lastError: string | null;
    readonly paused: { readonly detail: string } | null;
  };
}

function tellStatus(status: Status, output: Output): void {
  const { activation, stopped } = status;
  const lines = [
    ...streamLines(status),
    ...(activation === null ? [] : [`Activated: ${activation.regime} from ${activation.from}`]),
    ...(stopped === null ? [] : [`STOPPED: ${stopped}`]),
    ...status.refusedTaxes.map(
      ({ taxCode, detail }) => `Tax code ${taxCode} CANNOT be sealed: ${detail}`,
    ),
    ...deliveryLines(status),
  ];
  output.out(`${lines.join("\n")}\n`);
}

function streamLines({ regime, isTest, stream, head, outage, keys }: Status): readonly string[] {
  if (stream === null || head === null) return ["Nothing is sealed here yet."];
  return [
    `Regime: ${regime}${isTest ? " (TEST keys: no fiscal receipts)" : ""}`,
    `Stream: ${stream.id}`,
    `Documents: ${head.sequence}, last receipt ${head.number ?? "none"}`,
    ...(outage?.ended === null ? [`SIGNER OUT since ${outage.since}`] : []),
    ...keys.map(({ keyId, daysLeft }) => `Key ${keyId} ends in ${daysLeft} days`),
  ];
}

function deliveryLines({ delivery }: Status): readonly string[] {
  const { isSent, waiting, accepted, rejected, parked, lastError, paused } = delivery;
  if (!isSent) return [];
  return [
    `Delivery: ${waiting} waiting, ${accepted} accepted, ${rejected} rejected, ${parked} parked`,
    ...(paused === null ? [] : [`Delivery PAUSED: ${paused.detail}`]),
    ...(lastError === null ? [] : [`Last error: ${lastError}`]),
  ];
}

function tellVerified({ ok, streams, documents, findings }: FiscalVerified, output: Output): void {
  const verdict = ok ? "all chains hold" : "FINDINGS";
  output.out(`${documents} fiscal documents in ${streams} streams: ${verdict}\n`);
  for (const { stream, number, code, detail } of findings) {
    output.out(`${stream} ${number} ${code}: ${detail}\n`);
  }
}

async function writeAll(chunks: AsyncIterable<string | Uint8Array>): Promise<void> {
  for await (const chunk of chunks) {
    if (!process.stdout.write(chunk)) {
      await new Promise((resolve) => process.stdout.once("drain", resolve));
    }
  }
}
