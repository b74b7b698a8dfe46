/**
 * The parts of @peculiar/x509 in use, loaded after what it needs to be loaded after.
 *
 * @module
 */

// oxlint-disable-next-line import/no-unassigned-import -- the library's container needs it first
import "reflect-metadata";

export {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  type Extension,
} from "@peculiar/x509";
