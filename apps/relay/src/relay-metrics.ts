/**
 * What the relay counts.
 *
 * @module
 */

import { createMetrics, type Counter, type Histogram, type Metrics } from "./metrics.ts";

export interface RelayMetrics {
  readonly registry: Metrics;
  readonly connections: Counter;
  readonly turnedAway: (why: string) => Counter;
  readonly welcomes: Counter;
  readonly bye: (reason: string) => Counter;
  readonly refused: (what: string, code: string) => Counter;
  readonly framesIn: Counter;
  readonly framesOut: Counter;
  readonly bytesIn: Counter;
  readonly bytesOut: Counter;
  readonly stored: Counter;
  readonly storedBytes: Counter;
  readonly duplicates: Counter;
  readonly delivered: Counter;
  readonly deliveredBytes: Counter;
  readonly appendSeconds: Histogram;
}

export function createRelayMetrics(): RelayMetrics {
  const registry = createMetrics("tillmesh_relay_");
  const counter = (name: string, help: string): Counter => registry.counter(`${name}_total`, help);
  return {
    registry,
    connections: counter("connections_accepted", "WebSocket connections accepted."),
    turnedAway: (why) =>
      registry.counter("turned_away_total", "Connections not accepted.", `why="${why}"`),
    welcomes: counter("welcomes", "Devices that proved who they are."),
    bye: (reason) =>
      registry.counter("byes_total", "Connections the relay ended.", `reason="${reason}"`),
    refused: (what, code) =>
      registry.counter("refused_total", "Requests refused.", `what="${what}",code="${code}"`),
    framesIn: counter("frames_in", "Frames from devices."),
    framesOut: counter("frames_out", "Frames to devices."),
    bytesIn: counter("bytes_in", "Bytes of frames from devices."),
    bytesOut: counter("bytes_out", "Bytes of frames to devices."),
    stored: counter("envelopes_stored", "Envelopes that became durable."),
    storedBytes: counter("envelope_bytes_stored", "Bytes of envelopes that became durable."),
    duplicates: counter("envelopes_duplicate", "Envelopes that had been stored before."),
    delivered: counter("envelopes_delivered", "Envelopes sent to readers."),
    deliveredBytes: counter("envelope_bytes_delivered", "Bytes of envelopes sent to readers."),
    appendSeconds: registry.histogram(
      "append_seconds",
      "From an envelope's last fragment until it is durable.",
      [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5],
    ),
  };
}
