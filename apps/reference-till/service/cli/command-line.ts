/**
 * Reads the command line and carries the command out.
 *
 * Exit codes: 0 done, 1 could not be done, 2 wrong command line, 70 an error of the program itself.
 *
 * @module
 */

import { readArguments } from "./arguments.ts";
import { usageOf, type Command } from "./command.ts";
import {
  backupCommand,
  initCommand,
  inviteCommand,
  joinCommand,
  kitCommand,
  recoverCommand,
  replaceCommand,
  tokenCommand,
} from "./device-commands.ts";
import {
  fiscalActivateCommand,
  fiscalConfirmClockCommand,
  fiscalDeliverCommand,
  fiscalExportCommand,
  fiscalStatusCommand,
  fiscalVerifyCommand,
} from "./fiscal-commands.ts";
import {
  admitCommand,
  approveCommand,
  devicesCommand,
  orgCaCommand,
  revokeCommand,
} from "./organisation-commands.ts";
import { CommandError, UsageError, type Output } from "./output.ts";
import { renewInstallCommand, renewIssueCommand, renewRequestCommand } from "./renew-commands.ts";
import { serveCommand } from "./serve-command.ts";
import {
  importCatalogueCommand,
  importPromotionsCommand,
  importTaxesCommand,
  verifyCommand,
} from "./shop-commands.ts";
import { readConfig } from "../config.ts";

const commands: readonly Command[] = [
  initCommand,
  inviteCommand,
  joinCommand,
  serveCommand,
  devicesCommand,
  approveCommand,
  revokeCommand,
  admitCommand,
  renewRequestCommand,
  renewIssueCommand,
  renewInstallCommand,
  orgCaCommand,
  tokenCommand,
  importCatalogueCommand,
  importTaxesCommand,
  importPromotionsCommand,
  verifyCommand,
  fiscalStatusCommand,
  fiscalActivateCommand,
  fiscalConfirmClockCommand,
  fiscalDeliverCommand,
  fiscalExportCommand,
  fiscalVerifyCommand,
  backupCommand,
  replaceCommand,
  kitCommand,
  recoverCommand,
];

/** The exit code. */
export async function runCommandLine(args: readonly string[], output: Output): Promise<number> {
  const [first] = args;
  if (first === undefined || first === "help" || first === "--help" || first === "-h") {
    output.out(help());
    return first === undefined ? 2 : 0;
  }
  if (first === "version" || first === "--version") {
    output.out(`${readConfig(process.env).version}\n`);
    return 0;
  }
  const command = commands.find(({ name }) => name.split(" ").every((word, i) => args[i] === word));
  if (command === undefined) {
    output.say(`tillmesh: there is no command "${args.slice(0, 2).join(" ")}". Try: tillmesh help`);
    return 2;
  }
  return runCommand(command, args.slice(command.name.split(" ").length), output);
}

async function runCommand(
  command: Command,
  args: readonly string[],
  output: Output,
): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    output.out(`${command.summary}.\n\n  ${usageOf(command)}\n`);
    return 0;
  }
  try {
    return await command.run(
      readArguments(args, command.options, command.positionals ?? []),
      output,
    );
  } catch (error) {
    if (error instanceof UsageError) {
      output.say(`tillmesh: ${error.message}\n\n  ${usageOf(command)}`);
      return 2;
    }
    if (error instanceof CommandError) {
      output.say(`tillmesh: ${error.message}`);
      return 1;
    }
    output.say(
      `tillmesh: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
    return 70;
  }
}

function help(): string {
  const lines = commands.map((command) => `  ${usageOf(command)}\n      ${command.summary}.`);
  return [
    "Tillmesh: a till that sells offline.",
    "",
    ...lines,
    "  tillmesh relay serve --data DIR --port PORT --trust ORG_CA.pem ...",
    "      Run a relay: a program of its own, which needs no device here. --help says more.",
    "",
    "  tillmesh help | version",
    "",
  ].join("\n");
}
