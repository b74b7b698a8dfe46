/**
 * The relay: is it reached, what waits for it, and how far its logs are known and read.
 *
 * @module
 */

import type { JSX } from "preact";
import type { Relay } from "../api/shapes.ts";
import { Fact } from "../parts/fact.tsx";
import { bytesText, laneText, relayStateText } from "../till/relay-text.ts";
import { agoText } from "../time.ts";

export interface RelayCardProps {
  readonly relay: Relay;
  /** Otherwise nobody knows. */
  readonly isReached: boolean;
}

export function RelayCard({ relay, isReached }: RelayCardProps): JSX.Element {
  const { state, url, lastError, sentBytes, receivedBytes, channels } = relay;
  const isConnected = isReached && state === "connected";
  return (
    <section class="card wide" aria-label="Relay">
      <h2>
        Relay{" "}
        <span class={isConnected ? "badge good" : "badge alone"}>
          {isReached ? relayStateText(state) : "not known"}
        </span>
      </h2>
      <div class="columns">
        <dl class="facts">
          <Fact name="Address" value={<code>{url}</code>} />
          <Fact name="Sent" value={bytesText(sentBytes)} />
          <Fact name="Received" value={bytesText(receivedBytes)} />
          {lastError !== null && (
            <Fact
              name="Last error"
              value={`${lastError.detail}, ${agoText(Date.parse(lastError.at), Date.now())}`}
              isBad={!isConnected}
            />
          )}
        </dl>
        <dl class="facts" aria-label="Waiting for the relay">
          {relay.pending.map(({ lane, envelopes, bytes }) => (
            <Fact
              key={lane}
              name={laneText(lane)}
              value={envelopes === 0 ? "nothing waits" : `${envelopes} wait, ${bytesText(bytes)}`}
            />
          ))}
        </dl>
      </div>
      {channels.length > 0 && <ChannelTable channels={channels} />}
    </section>
  );
}

function ChannelTable({ channels }: Pick<Relay, "channels">): JSX.Element {
  return (
    <details>
      <summary>Channels</summary>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">Channel</th>
            <th scope="col">Lane</th>
            <th scope="col" class="number">
              At the relay
            </th>
            <th scope="col" class="number">
              Read here
            </th>
          </tr>
        </thead>
        <tbody>
          {channels.map(({ channel, title, lane, storedOffset, readOffset, silentSince }) => (
            <tr key={`${channel} ${lane}`}>
              <td>
                {title}
                {silentSince !== null && (
                  <small class="sku">newest {agoText(Date.parse(silentSince), Date.now())}</small>
                )}
              </td>
              <td>{laneText(lane)}</td>
              <td class="number">{storedOffset}</td>
              <td class="number">{readOffset}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
