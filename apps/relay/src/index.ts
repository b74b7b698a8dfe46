/**
 * The relay as a library: to run one in a process, and the port that backends stand behind.
 *
 * @module
 */

export type {
  AppendError,
  LogHead,
  LogName,
  LogStore,
  Place,
  Revocation,
  Span,
  Stored,
  StoreFault,
  StoreHealth,
  Unwatch,
  Usage,
} from "./log-store.ts";
export { readRelayConfig, type ConfigError, type Environment, type RelayConfig } from "./config.ts";
export { openFilesStore, type FilesStore, type OpenFilesError } from "./files/files-store.ts";
export { defaultFilesSettings, type FilesSettings } from "./files/store-state.ts";
export { createLog, type Log, type LogFacts, type LogLevel } from "./logger.ts";
export { relayKey } from "./relay-key.ts";
export { startRelay, type Relay, type RelayOptions } from "./relay.ts";
export { runRelay, type RelayProcess } from "./run-relay.ts";
export { defaultLimits, defaultQuotas, type Limits, type Quotas } from "./settings.ts";
export { readTrust, type TrustedCas, type TrustError } from "./trust.ts";
