/**
 * Renewal by files, for a device whose connections have ended: it asks, headquarters issues, it installs.
 *
 * @module
 */

import { toldError } from "../told-errors.ts";
import { dataOption, required, type Command } from "./command.ts";
import { controlOf } from "./control-client.ts";
import { ended } from "./device-commands.ts";
import { readText } from "./read-file.ts";
import { CommandError } from "./output.ts";
import { withTill } from "./with-till.ts";

export const renewRequestCommand: Command = {
  name: "renew request",
  summary: "What this device asks headquarters with when its certificate has ended, on stdout",
  options: { ...dataOption },
  run: async (args, output) => {
    const control = await controlOf(args.text("data"));
    const request =
      control === undefined
        ? await withTill(args.text("data"), async ({ replica }) => replica.renewalRequest())
        : textIn(await control.post("/control/renewal-request", {}));
    output.out(ended(request));
    return 0;
  },
};

export const renewIssueCommand: Command = {
  name: "renew issue",
  summary: "The answer to a request, on the headquarters device that holds the CA, on stdout",
  options: { ...dataOption, request: required("FILE") },
  run: async (args, output) => {
    const request = readText(args.text("request"));
    const control = await controlOf(args.text("data"));
    if (control !== undefined) {
      output.out(ended(textIn(await control.post("/control/renew", { request }))));
      return 0;
    }
    const renewed = await withTill(args.text("data"), ({ replica }) => replica.renew(request));
    if (!renewed.ok) throw new CommandError(toldError(renewed.error));
    output.out(ended(renewed.value));
    return 0;
  },
};

export const renewInstallCommand: Command = {
  name: "renew install",
  summary: "Take headquarters' answer, on the device that asked",
  options: { ...dataOption, renewal: required("FILE") },
  run: async (args, output) => {
    const renewal = readText(args.text("renewal"));
    const control = await controlOf(args.text("data"));
    if (control === undefined) {
      const taken = await withTill(args.text("data"), async ({ replica }) =>
        replica.takeRenewal(renewal),
      );
      if (!taken.ok) throw new CommandError(toldError(taken.error));
    } else await control.post("/control/take-renewal", { renewal });
    output.say("The device is renewed.");
    return 0;
  },
};

function textIn(answer: unknown): string {
  return (answer as { readonly text: string }).text;
}
