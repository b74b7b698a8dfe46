/**
 * Certificates and chains: who holds a key, and who says so. Without documents and without Automerge.
 *
 * @module
 */

export {
  createCa,
  issueDeviceCertificate,
  type CertificateAuthority,
  type CertifiedDevice,
  type DeviceCertificateRequest,
  type IssueContext,
} from "./certificate-authority.ts";
export { newPrivateKeyPem } from "./keys.ts";
export { fromPem, pemMaxLength, splitPem, toPem } from "./pem.ts";
export {
  readCertificate,
  type CertificateError,
  type CertificateFacts,
} from "./read-certificate.ts";
export type { Role } from "./records.ts";
export {
  isSelfSignedCa,
  verifyChain,
  type ChainError,
  type Trust,
  type Validity,
  type VerifiedDevice,
} from "./verify-chain.ts";
