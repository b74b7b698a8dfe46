/**
 * What HQ says to the relay, signed: a device is revoked, log may be let go. PROTOCOL.md §4 (RS), SPEC.md (SV).
 *
 * Any device of the organisation may carry a statement; only what an HQ device signed counts, and not after that
 * device was itself revoked.
 *
 * @module
 */

import {
  isStatementSignedBy,
  readStatement,
  type ClientFrames,
  type refusalCodes,
  type SignedStatement,
  type StatementBody,
} from "@tillmesh/sync-engine/relay-protocol";
import type { VerifiedDevice } from "@tillmesh/sync-engine/identity";
import { refuse, send, type Open, type Session } from "./session.ts";
import { judgeChain } from "./trust.ts";

export async function takeStatement(
  session: Session,
  { device }: Open,
  { number, bytes }: ClientFrames["statement"],
): Promise<void> {
  const statement = new Uint8Array(bytes);
  const code = await faultOf(session, device.organisationId, statement);
  if (code) refuse(session, "statement", { number, code });
  else send(session, { type: "accepted", number });
}

type Code = keyof typeof refusalCodes;

async function faultOf(
  { relay }: Session,
  organisation: string,
  bytes: Uint8Array,
): Promise<Code | undefined> {
  const statement = readStatement(bytes);
  if (!statement.ok || statement.value.says === "unknown") return "malformed";
  const { says } = statement.value;
  const by = says.organisation === organisation && signerOf(relay, organisation, statement.value);
  if (!by) return "forbidden";
  const revoked = await relay.store.revocationOf(organisation, by.deviceId);
  if (!revoked.ok) return "unavailable";
  if (revoked.value) return "forbidden";
  const done = await carryOut(relay.store, says, bytes);
  if (!done.ok) return "unavailable";
  relay.log("info", "statement", { type: says.type, organisation, by: by.deviceId });
  return undefined;
}

/** The HQ device that signed, if one did. Expiry limits connections: what was said in time stays said. */
function signerOf(
  relay: Session["relay"],
  organisation: string,
  statement: SignedStatement,
): VerifiedDevice | undefined {
  const { certificates } = statement;
  const judged = judgeChain({ organisation, certificates }, relay, { ignoreValidity: true });
  if (!judged.ok || !judged.value.roles.includes("hq")) return undefined;
  const { publicKey } = judged.value;
  return isStatementSignedBy(statement, publicKey, relay.crypto) ? judged.value : undefined;
}

function carryOut(
  store: Session["relay"]["store"],
  says: StatementBody,
  statement: Uint8Array,
): ReturnType<typeof store.revoke> {
  const { organisation } = says;
  if (says.type === "revocation") {
    return store.revoke({ organisation, device: says.device, statement });
  }
  const { channel, lane, log, offset } = says;
  return store.release({ organisation, channel: new Uint8Array(channel), lane }, log, offset);
}
