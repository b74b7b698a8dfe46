/**
 * Sabotages of the fiscal queue.
 *
 * @module
 */

import type { Sabotage } from "./sabotages.ts";

const queue = "packages/fiscal-queue/src";
const norway = `${queue}/regimes/no-saft`;
const delivery = [`${queue}/deliver.test.ts`, `${queue}/deliver.laws.test.ts`];

export const fiscalSabotages: readonly Sabotage[] = [
  {
    name: "a request leaves before it is in flight on disk",
    file: `${queue}/deliver.ts`,
    find: "  await store.apply({ stream, items, delivery: { ...known, throttle } });\n",
    replace: "",
    tests: delivery,
  },
  {
    name: "what was in flight at the crash stays there",
    file: `${queue}/deliver.ts`,
    find: "await store.apply({ stream, items: items.map((item) => outboxItemAfter(item, event)) });",
    replace: "",
    tests: delivery,
  },
  {
    name: "a duplicate is a success whatever its hash",
    file: `${queue}/settle-duplicates.ts`,
    find: "if (hash !== document.hash) return",
    replace: "if (hash === undefined) return",
    tests: delivery,
  },
  {
    name: "a throttle is forgotten",
    file: `${queue}/deliver.ts`,
    find: "  const { authorityMs, throttle } = interpreted;\n  const skewMs",
    replace:
      "  const { authorityMs } = interpreted;\n  const { throttle } = known;\n  const skewMs",
    tests: delivery,
  },
  {
    name: "a document that cannot be encoded takes its group along",
    file: `${queue}/encode-group.ts`,
    find: "faultOf(document, tryEncode({ ...group, documents: [document] }, delivery, config))",
    replace: "faultOf(document, whole)",
    tests: delivery,
  },
  {
    name: "a group that fails is never taken apart",
    file: `${queue}/deliver.ts`,
    find: "const sizeMax = Math.max(1, Math.floor(pendingMax / 4 ** Math.max(0, first.item.attempts - 1)));",
    replace: "const sizeMax = pendingMax;",
    tests: delivery,
  },
  {
    name: "a late verdict overrules an acceptance",
    file: `${queue}/outbox.ts`,
    find: '    "other-duplicate": "conflict",\n    rejected: "accepted",',
    replace: '    "other-duplicate": "conflict",\n    rejected: "rejected",',
    tests: [`${queue}/outbox.laws.test.ts`],
  },
  {
    name: "a fork goes unseen",
    file: `${queue}/stream-state.ts`,
    find: "if (known !== undefined) return forked(",
    replace: "if (known === undefined && state.closed) return forked(",
    tests: [`${queue}/stream-state.laws.test.ts`],
  },
  {
    name: "a stream begins without an opening",
    file: `${queue}/stream-state.ts`,
    find: 'if (state !== undefined) {\n    return { state, findings: [{ type: "OpenedTwice"',
    replace: 'if (state === null) {\n    return { state, findings: [{ type: "OpenedTwice"',
    tests: [`${queue}/stream-state.laws.test.ts`],
  },
  {
    name: "a refused sale takes a number",
    file: `${queue}/seal.ts`,
    find: "  if (refusal !== undefined) return err(refusal);\n",
    replace: "",
    tests: [`${queue}/seal.test.ts`],
  },
  {
    name: "the number moves by documents that take none",
    file: `${queue}/head.ts`,
    find: "lastNumber: head.lastNumber + (isNextReceipt(document, head) ? 1 : 0),",
    replace: "lastNumber: head.lastNumber + 1,",
    tests: [`${queue}/seal.laws.test.ts`],
  },
  {
    name: "each sale waits for the signer that is out",
    file: `${queue}/sign.ts`,
    find: 'if (breaker.type === "closed" || (isProbe && isProbeDue(breaker, nowMs))) return undefined;',
    replace: "if (isProbe || nowMs > 0) return undefined;",
    tests: [`${queue}/outage.test.ts`],
  },
  {
    name: "a device is asked without an intent on disk",
    file: `${queue}/sign.ts`,
    find: "  await ports.beforeAsking?.();\n",
    replace: "",
    tests: [`${queue}/device.laws.test.ts`],
  },
  {
    name: "the number of what a device signed is used again",
    file: `${queue}/intent.ts`,
    find: 'if (answer.type === "absent") return',
    replace: 'if (answer.type !== "unknown") return',
    tests: [`${queue}/device.laws.test.ts`],
  },
  {
    name: "a clock of 2002 is believed",
    file: `${queue}/clock-guard.ts`,
    find: "if (earlyMs > 0) return",
    replace: "if (earlyMs === 1) return",
    tests: [`${queue}/seal.test.ts`],
  },
  {
    name: "a device delivers what was not handed to it",
    file: `${queue}/hand-over.ts`,
    find: "if (deliverer === device) return ok(true);",
    replace: "if (deliverer !== undefined) return ok(true);",
    tests: [`${queue}/hand-over.test.ts`],
  },
  {
    name: "Norway chains events in place of transactions",
    file: `${norway}/state.ts`,
    find: 'if (record.type === "transaction") return { ...next, signature: record.signature };',
    replace:
      'next.signature = record.signature;\n  if (record.type === "transaction") return next;',
    tests: [`${norway}/export/saft-cr.test.ts`],
  },
  {
    name: "Norway prints any number of copies",
    file: `${norway}/event.ts`,
    find: 'const isCopied = copiesBefore !== 0 || state.copied.includes(transaction ?? "");',
    replace: "const isCopied = copiesBefore !== 0 && state.copied.length > 1e9;",
    tests: [`${norway}/norway-saft.test.ts`],
  },
  {
    name: "Norway counts training as turnover",
    file: `${norway}/totals.ts`,
    find: 'if (kind === "training") return { ...day, counts };\n',
    replace: "",
    tests: [`${norway}/totals.test.ts`],
  },
  {
    name: "a part of a Norwegian export does not say what it chains to",
    file: `${norway}/export/survey.ts`,
    find: "seen.signatureBefore = record.signature;",
    replace: "seen.signatureBefore = noSignature;",
    tests: [`${norway}/export/saft-cr.test.ts`],
  },
  {
    name: "Norway believes any signature",
    file: `${norway}/chain.ts`,
    find: 'return isRight ? "right" : "wrong";',
    replace: 'return isRight ? "right" : "right";',
    tests: [`${norway}/verifier.test.ts`],
  },
];
