/**
 * Sync: peers, what is only here, how old everything is, what a person should look at.
 *
 * @module
 */

import type { JSX } from "preact";
import type { Ledger, Peer, Status } from "../api/shapes.ts";
import { Fact } from "../parts/fact.tsx";
import { Empty } from "../parts/fields.tsx";
import { useNow } from "../parts/now.ts";
import { useStore } from "../store.ts";
import { useWorkplace } from "../till/workplace.ts";
import { agoText, clockText, dateText } from "../time.ts";
import { ExceptionList } from "./exception-list.tsx";
import { RelayCard } from "./relay-card.tsx";

export function SyncPage(): JSX.Element {
  const workplace = useWorkplace();
  const status = useStore(workplace.status);
  const session = useStore(workplace.session);
  const { isLive, isReached, lostAtMs } = useStore(workplace.link);
  useNow();
  if (status === null) return <div class="page" />;
  return (
    <div class="page">
      <h1>Sync</h1>
      {!isReached && (
        <p class="banner warn-tone">
          This is how it stood at {clockText(lostAtMs ?? 0, status.timeZone)}; it may have changed.
        </p>
      )}
      <div class="columns">
        <DeviceCard status={status} isLive={isLive} />
        <div class="stack">
          <HorizonCard horizon={status.horizon} />
          <PeersCard status={status} isReached={isReached} />
        </div>
      </div>
      {status.relay !== null && <RelayCard relay={status.relay} isReached={isReached} />}
      <LedgersCard status={status} />
      {session?.role === "manager" && (
        <section class="card wide" aria-label="Exceptions">
          <h2>Exceptions</h2>
          <ExceptionList />
        </section>
      )}
    </div>
  );
}

interface CardProps {
  readonly status: Status;
}

function DeviceCard({ status, isLive }: CardProps & { readonly isLive: boolean }): JSX.Element {
  const { device, roles, businessDate, commit, projection, incarnation } = status;
  return (
    <section class="card" aria-label="This device">
      <h2>{device.name}</h2>
      <dl class="facts">
        <Fact name="Roles" value={roles.join(", ")} />
        <Fact name="Business date" value={dateText(businessDate)} />
        <Fact
          name="Commits"
          value={commit.state === "ready" ? "durable, ready" : "stopped: the disk refused a write"}
          isBad={commit.state === "failed"}
        />
        <Fact name="Own ledger" value={entriesText(status.ledgerLength)} />
        <Fact name="Incarnation" value={String(incarnation)} />
        <Fact
          name="Read so far"
          value={projection.isComplete ? "everything" : `${projection.behindEntries} entries to go`}
        />
        <Fact
          name="Free space"
          value={`${Math.floor(commit.freeBytes / 1e9)} GB`}
          isBad={commit.isSpaceLow}
        />
        <Fact name="This page" value={isLive ? "follows live" : "asks every few seconds"} />
      </dl>
    </section>
  );
}

function HorizonCard({ horizon }: Pick<Status, "horizon">): JSX.Element {
  const { entries, onlyHere, peers, relay, hq } = horizon;
  const of = (count: number) => `${count} of ${entriesText(entries)}`;
  return (
    <section class="card" aria-label="How far own entries have got">
      <h2>How far own entries have got</h2>
      <dl class="facts">
        <Fact name="Other tills" value={of(peers)} />
        <Fact name="Relay" value={of(relay)} />
        <Fact name="Headquarters" value={of(hq)} />
        <Fact name="Only here" value={entriesText(onlyHere)} isStrong />
      </dl>
    </section>
  );
}

function PeersCard({
  status,
  isReached,
}: CardProps & { readonly isReached: boolean }): JSX.Element {
  return (
    <section class="card" aria-label="Peers">
      <h2>Peers</h2>
      {status.peers.length === 0 && <Empty>No peers: this device works by itself.</Empty>}
      <ul class="rows">
        {status.peers.map((peer) => (
          <PeerRow key={peer.address} peer={peer} isReached={isReached} />
        ))}
      </ul>
    </section>
  );
}

interface PeerRowProps {
  readonly peer: Peer;
  /** Otherwise nobody knows. */
  readonly isReached: boolean;
}

function PeerRow({ peer, isReached }: PeerRowProps): JSX.Element {
  const { device, address, state, lastExchangeAt } = peer;
  const isConnected = isReached && state === "connected";
  return (
    <li class="row">
      <span class="row-main">
        <strong>{device?.name ?? address}</strong>
        <small>
          {lastExchangeAt === null
            ? "no exchange yet"
            : `last exchange ${agoText(Date.parse(lastExchangeAt), Date.now())}`}
        </small>
      </span>
      <span class={isConnected ? "badge good" : "badge alone"}>
        {isReached ? (isConnected ? "connected" : "not reached") : "not known"}
      </span>
    </li>
  );
}

function LedgersCard({ status }: CardProps): JSX.Element {
  return (
    <section class="card wide" aria-label="Ledgers">
      <h2>Ledgers held here</h2>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">Device</th>
            <th scope="col" class="number">
              Incarnation
            </th>
            <th scope="col" class="number">
              Entries
            </th>
            <th scope="col">Newest entry</th>
          </tr>
        </thead>
        <tbody>
          {status.ledgers.map((ledger) => (
            <LedgerRow key={`${ledger.device.id}/${ledger.incarnation}`} ledger={ledger} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function LedgerRow({ ledger }: { readonly ledger: Ledger }): JSX.Element {
  const { device, incarnation, sequence, at, isForked } = ledger;
  return (
    <tr>
      <td>
        {device.name} {isForked && <span class="badge bad">two branches</span>}
      </td>
      <td class="number" data-label="Incarnation">
        {incarnation}
      </td>
      <td class="number" data-label="Entries">
        {sequence}
      </td>
      <td data-label="Newest entry">{at === null ? "–" : agoText(Date.parse(at), Date.now())}</td>
    </tr>
  );
}

function entriesText(count: number): string {
  return count === 1 ? "1 entry" : `${count} entries`;
}
