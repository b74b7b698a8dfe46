/**
 * Documents that need a person: parked, rejected, in conflict, or accepted with remarks.
 *
 * @module
 */

import type { JSX } from "preact";
import { sentenceOf } from "../api/problem.ts";
import type { Fiscal, FiscalDocument } from "../api/fiscal-shapes.ts";
import type { Page } from "../api/shapes.ts";
import { Empty, Fault } from "../parts/fields.tsx";
import { useRead, type Reading } from "../parts/reading.ts";
import { useRecording } from "../parts/recording.ts";
import { useTimeZone } from "../parts/time-zone.ts";
import { useStore } from "../store.ts";
import {
  canBePutRight,
  canBeSentAgain,
  documentKindText,
  documentReason,
  documentStateText,
} from "../till/fiscal-text.ts";
import { useWorkplace } from "../till/workplace.ts";
import { momentText } from "../time.ts";

/** Nothing where nothing is sent. */
export function FiscalDocuments({ fiscal }: { readonly fiscal: Fiscal }): JSX.Element | null {
  const { refreshFiscal } = useWorkplace();
  const troubled = useTroubled();
  const { isBusy, fault, record } = useRecording();
  const decide = async ({ path, body, label }: Decision) => {
    await record(path, body, label);
    troubled.again();
    refreshFiscal();
  };
  if (troubled.items.length === 0 && !fiscal.delivery.isSent) return null;
  return (
    <>
      <h2>Documents to look at</h2>
      <Fault>{fault ?? troubled.fault}</Fault>
      <DocumentTable
        troubled={troubled}
        ownStream={fiscal.stream?.id}
        isBusy={isBusy}
        onDecide={(decision) => void decide(decision)}
      />
      {!troubled.isWhole && <p class="hint">The oldest {listedMax} of each state are listed.</p>}
    </>
  );
}

/** What a manager has done about a document. */
interface Decision {
  readonly path: string;
  readonly body: object;
  readonly label: string;
}

interface Troubled {
  readonly items: readonly FiscalDocument[];
  readonly fault: string | undefined;
  readonly isRead: boolean;
  readonly isWhole: boolean;
  readonly again: () => void;
}

/** Documents in conflict are among the parked ones. */
function useTroubled(): Troubled {
  const reads = [useDocuments("parked"), useDocuments("rejected"), useDocuments("flagged")];
  const problem = reads.find((read) => read.problem !== undefined)?.problem;
  return {
    items: reads.flatMap(({ value }) => value?.items ?? []),
    fault: problem && sentenceOf(problem),
    isRead: reads.every(({ value }) => value !== undefined),
    isWhole: reads.every(({ value }) => (value?.next ?? null) === null),
    again: () => {
      for (const read of reads) read.again();
    },
  };
}

const listedMax = 100;

function useDocuments(state: string): Reading<Page<FiscalDocument>> {
  const query = { state, limit: listedMax };
  return useRead<Page<FiscalDocument>>("/fiscal/documents", { query, topics: ["entries"] });
}

interface DocumentTableProps {
  readonly troubled: Troubled;
  /** The stream that is sealed into: only there a new document puts an old one right. */
  readonly ownStream: string | undefined;
  readonly isBusy: boolean;
  readonly onDecide: (decision: Decision) => void;
}

function DocumentTable({ troubled, ...rest }: DocumentTableProps): JSX.Element | null {
  const { items, isRead } = troubled;
  if (items.length === 0) {
    return isRead ? <Empty>None.</Empty> : null;
  }
  return (
    <>
      <p class="hint">
        What is sent again is the same document. What is put right is a new document that says the
        same of the sale: for where the fault lay in the settings or at the authority.
      </p>
      <table class="table stacking fiscal-documents">
        <thead>
          <tr>
            <th scope="col">Document</th>
            <th scope="col">State</th>
            <th scope="col">Why</th>
            <th scope="col" class="hidden-head">
              Actions
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((document) => (
            <DocumentRow
              key={`${document.stream} ${document.sequence}`}
              document={document}
              {...rest}
            />
          ))}
        </tbody>
      </table>
    </>
  );
}

interface DocumentRowProps extends Omit<DocumentTableProps, "troubled"> {
  readonly document: FiscalDocument;
}

function DocumentRow({ document, ...rest }: DocumentRowProps): JSX.Element {
  const timeZone = useTimeZone();
  const { number, kind, at, device, state } = document;
  const { tone, text } = documentStateText(state);
  return (
    <tr>
      <td>
        {number}
        <small class="sku">
          {documentKindText(kind)}, {momentText(at, timeZone)}, {device.name}
        </small>
      </td>
      <td data-label="State">
        <span class={`badge ${tone}`}>{text}</span>
      </td>
      <td data-label="Why" class="why">
        {documentReason(document)}
      </td>
      <td class="row-action">
        <DocumentActions document={document} {...rest} />
      </td>
    </tr>
  );
}

/** Of this device's own documents, by a manager. */
function DocumentActions(props: DocumentRowProps): JSX.Element | null {
  const { document, ownStream, isBusy, onDecide } = props;
  const { session, status } = useWorkplace();
  const isManager = useStore(session)?.role === "manager";
  const own = useStore(status)?.device.id;
  const { number, sequence, stream, device } = document;
  const path = `/fiscal/documents/${sequence}`;
  if (!isManager || device.id !== own) return null;
  return (
    <>
      {canBeSentAgain(document) && (
        <button
          type="button"
          class="quiet-button"
          aria-label={`Send ${number} again`}
          disabled={isBusy}
          onClick={() =>
            onDecide({
              path: `${path}/release`,
              body: { stream },
              label: `Sending ${number} again`,
            })
          }
        >
          Send again
        </button>
      )}
      {canBePutRight(document) && stream === ownStream && (
        <button
          type="button"
          class="quiet-button"
          aria-label={`Put ${number} right`}
          disabled={isBusy}
          onClick={() =>
            onDecide({ path: `${path}/correct`, body: {}, label: `Putting ${number} right` })
          }
        >
          Put right
        </button>
      )}
    </>
  );
}
