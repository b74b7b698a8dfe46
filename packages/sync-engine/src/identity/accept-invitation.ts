/**
 * Joining: from an invitation to an identity, on the device that joins.
 *
 * The device makes its own key, which never leaves it, lets the enrolment key
 * sign its certificate and forgets the enrolment key. Rules: SPEC.md
 * [IV1], [IV4]-[IV6].
 *
 * @module
 */

import { assert, err, hex, ok, type Crypto, type Result } from "@tillmesh/kernel";
import { clockToleranceMs, deviceSubject, type IssueContext } from "./certificate-authority.ts";
import { checkIdentity, type Identity, type IdentityError } from "./identity.ts";
import { parseInvitation, type Invitation, type ParseInvitationError } from "./invitation.ts";
import { issueCertificate } from "./issue-certificate.ts";
import type { GivenKeys } from "./key-ring.ts";
import { newPrivateKeyPem, publicKeyOf } from "./keys.ts";
import { readCertificate, type CertificateFacts } from "./read-certificate.ts";

export interface AcceptedInvitation {
  readonly identity: Identity;
  readonly lan: Invitation["lan"];
  readonly publications: Invitation["publications"];
  readonly keys: GivenKeys;
}

export async function acceptInvitation(
  text: string,
  context: IssueContext,
): Promise<Result<AcceptedInvitation, AcceptInvitationError>> {
  const parsed = parseInvitation(text, context.crypto);
  if (!parsed.ok) return parsed;
  const invitation = parsed.value;
  const enrolment = await checkEnrolment(invitation, context);
  if (!enrolment.ok) return enrolment;
  const identity = await makeIdentity(invitation, enrolment.value, context);
  const checked = await checkIdentity(identity, context.crypto);
  if (!checked.ok) return checked;
  const { lan, publications, keys = {} } = invitation;
  return ok({ identity, lan, publications, keys });
}

export type AcceptInvitationError = ParseInvitationError | IdentityError | EnrolmentError;

export type EnrolmentError =
  | { readonly type: "EnrolmentCertificate"; readonly problem: string }
  | { readonly type: "EnrolmentKey" }
  | {
      readonly type: "InvitationExpired" | "InvitationNotYetValid";
      readonly notBeforeMs: number;
      readonly notAfterMs: number;
      readonly nowMs: number;
    };

/** The enrolment certificate is one, its key is here, and its time is now. The rest `checkIdentity` finds. */
async function checkEnrolment(
  invitation: Invitation,
  { crypto, nowMs }: IssueContext,
): Promise<Result<CertificateFacts, EnrolmentError>> {
  const facts = readEnrolment(invitation.enrolmentCertificate, crypto);
  if (!facts.ok) return facts;
  const publicKey = await publicKeyOf(invitation.enrolmentKeyPem);
  if (publicKey === undefined || hex(publicKey) !== hex(facts.value.publicKey)) {
    return err({ type: "EnrolmentKey" });
  }
  const { notBeforeMs, notAfterMs } = facts.value;
  const validity = { notBeforeMs, notAfterMs, nowMs };
  if (nowMs > notAfterMs) return err({ type: "InvitationExpired", ...validity });
  if (nowMs < notBeforeMs) return err({ type: "InvitationNotYetValid", ...validity });
  return facts;
}

function readEnrolment(pem: string, crypto: Crypto): Result<CertificateFacts, EnrolmentError> {
  const facts = readCertificate(pem, crypto);
  if (!facts.ok) return err({ type: "EnrolmentCertificate", problem: facts.error.problem });
  return facts.value.subject.kind === "enrolment"
    ? facts
    : err({ type: "EnrolmentCertificate", problem: "not an enrolment certificate" });
}

async function makeIdentity(
  invitation: Invitation,
  enrolment: CertificateFacts,
  { crypto, nowMs }: IssueContext,
): Promise<Identity> {
  const { organisation, device, caCertificate, enrolmentCertificate } = invitation;
  const privateKeyPem = newPrivateKeyPem(crypto.randomBytes);
  const publicKey = await publicKeyOf(privateKeyPem);
  assert(publicKey !== undefined, "a new key is readable");
  const content = {
    subject: deviceSubject(organisation.id, device),
    publicKey,
    notBeforeMs: Math.max(nowMs - clockToleranceMs, enrolment.notBeforeMs),
    notAfterMs: enrolment.notAfterMs,
  };
  const issuer = {
    subject: enrolment.subject,
    publicKey: enrolment.publicKey,
    privateKeyPem: invitation.enrolmentKeyPem,
  };
  const certificate = await issueCertificate(content, issuer, crypto);
  return {
    organisation,
    device,
    chain: [certificate, enrolmentCertificate],
    caCertificate,
    privateKeyPem,
  };
}
