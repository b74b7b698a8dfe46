/**
 * Errors of the engine as sentences.
 *
 * @module
 */

/** A sentence with the facts; an error nobody wrote a sentence for is told as it is. */
export function toldError(error: { readonly type: string }): string {
  const { type, ...rest } = error;
  const sentence = sentences[type];
  if (sentence !== undefined) return sentence(factTexts(rest));
  const text = JSON.stringify(rest);
  return text === "{}" ? `${type}.` : `${type}: ${text}`;
}

type FactTexts = Readonly<Record<string, string>>;

const sentences: Readonly<Record<string, (facts: FactTexts) => string>> = {
  Locked: ({ path = "" }) => `Another process uses this directory (${path}).`,
  LockFailed: ({ path = "", message = "" }) => `The lock ${path} cannot be taken: ${message}`,
  NoIdentity: () => "There is no device in this directory: make one with init or join.",
  NoCatalogue: ({ directory = "" }) =>
    `There is no device in ${directory}: make one with init or join.`,
  IdentityExists: ({ directory = "" }) =>
    `There is a device in ${directory} already; nothing was changed.`,
  NoCa: () => "This device cannot do that: the organisation's CA key is on another one.",
  OwnDevice: () => "A device cannot revoke itself: do it on another headquarters.",
  UnknownDevice: ({ device = "" }) => `No certificate of ${device} is here: it has not joined yet.`,
  Revoked: () => "The device is revoked: invite a new one in its place.",
  RenewalOlder: () => "This device has that renewal already, or a newer one.",
  NotRevoked: () => "The device is not revoked.",
  NeedsCa: () => "A headquarters device is revoked where the organisation's CA key is.",
  NotLoopback: ({ host = "" }) =>
    `The LAN port is for this machine only: ${host} is not a loopback address.`,
  ListenFailed: ({ host = "", port = "", code = "" }) => listenSentence(`${host}:${port}`, code),
  Listen: ({ port = "", code = "" }) => listenSentence(`port ${port}`, code),
  InvitationExpired: () => "The invitation has expired: ask for a new one.",
  InvitationNotYetValid: () => "The invitation is not valid yet: is this machine's clock right?",
  Full: () => "There is no space left on the disk.",
  Failed: ({ operation = "", code = "" }) => `The disk refused to ${operation} (${code}).`,
  LedgerCutShort: ({ heldThrough = "", expectedThrough = "" }) =>
    `This device's ledger once held ${expectedThrough} entries and now holds ${heldThrough}: its files are ` +
    "damaged beyond repair. Nothing was changed; restore a backup with replace.",
  LogDamaged: ({ segment = "", offset = "" }) =>
    `The change log is damaged in ${segment} at byte ${offset}, before entries that had been answered. ` +
    "Nothing was changed; restore a backup with replace.",
  LogMissing: ({ directory = "" }) =>
    `The change log in ${directory} is gone. Nothing was changed; restore a backup with replace.`,
  OpenFailed: ({ message = "" }) => `The device cannot be opened: ${message}`,
};

function factTexts(facts: object): FactTexts {
  const entries = Object.entries(facts) as readonly (readonly [string, unknown])[];
  return Object.fromEntries(
    entries.map(([name, fact]) => [name, typeof fact === "string" ? fact : JSON.stringify(fact)]),
  );
}

function listenSentence(where: string, code = ""): string {
  if (code === "EADDRINUSE") return `The address is taken: ${where}. Is it running already?`;
  return `Cannot listen on ${where} (${code}).`;
}
