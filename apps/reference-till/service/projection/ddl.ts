/**
 * Tables of the projection. A change here is a new format version: old files are rebuilt.
 *
 * @module
 */

export const formatVersion = "9";

export const ddl: string = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- How far each ledger has been read. "extras" are entries beyond one per number: branches. A ledger that began with a
-- carry has its last entry in "base"; of those entries "history" have been read since.
CREATE TABLE ledgers (
  device TEXT NOT NULL, incarnation INTEGER NOT NULL,
  location TEXT NOT NULL, sequence INTEGER NOT NULL, hash TEXT NOT NULL, at TEXT NOT NULL,
  extras INTEGER NOT NULL, forked_from INTEGER,
  base INTEGER NOT NULL, history INTEGER NOT NULL,
  PRIMARY KEY (device, incarnation)
) WITHOUT ROWID;

-- "n" numbers entries in the order in which they arrived here.
CREATE TABLE entries (
  n INTEGER PRIMARY KEY,
  device TEXT NOT NULL, incarnation INTEGER NOT NULL, sequence INTEGER NOT NULL,
  hash TEXT NOT NULL, flags TEXT NOT NULL, kind TEXT NOT NULL, entry TEXT NOT NULL
);
CREATE UNIQUE INDEX entries_place ON entries (device, incarnation, sequence, hash);

-- Idempotency keys of this device's own entries.
CREATE TABLE keys (key TEXT PRIMARY KEY, body_hash TEXT NOT NULL, n INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE sales (
  sale TEXT NOT NULL, n INTEGER NOT NULL, receipt TEXT NOT NULL,
  business_date TEXT NOT NULL, at TEXT NOT NULL,
  PRIMARY KEY (sale, n)
) WITHOUT ROWID;
CREATE INDEX sales_date ON sales (business_date, at, n);
CREATE INDEX sales_at ON sales (at, n);
CREATE INDEX sales_receipt ON sales (receipt);

-- Refunds and reversals, by the sale they give back of.
CREATE TABLE refunds (
  sale TEXT NOT NULL, n INTEGER NOT NULL, id TEXT NOT NULL, PRIMARY KEY (sale, n)
) WITHOUT ROWID;

-- What each device's entries did to each level, summed.
CREATE TABLE stock (
  location TEXT NOT NULL, sku TEXT NOT NULL, device TEXT NOT NULL,
  incarnation INTEGER NOT NULL, sequence INTEGER NOT NULL, total_milli INTEGER NOT NULL,
  PRIMARY KEY (location, sku, device)
) WITHOUT ROWID;
CREATE TABLE stock_locations (location TEXT PRIMARY KEY) WITHOUT ROWID;

-- What carries say beyond what their entries, as far as they were read since, add up to: nothing in the end.
CREATE TABLE carry_rests (
  device TEXT NOT NULL, incarnation INTEGER NOT NULL, location TEXT NOT NULL, sku TEXT NOT NULL,
  rest_milli INTEGER NOT NULL, PRIMARY KEY (device, incarnation, location, sku)
) WITHOUT ROWID;

-- Both ends of each transfer, summed. "source" is empty until a movement names it.
CREATE TABLE transfers (
  transfer TEXT NOT NULL, sku TEXT NOT NULL, destination TEXT NOT NULL, source TEXT NOT NULL,
  shipped_milli INTEGER NOT NULL, received_milli INTEGER NOT NULL, shipped_at TEXT, received_at TEXT,
  PRIMARY KEY (transfer, sku, destination)
) WITHOUT ROWID;
CREATE INDEX transfers_destination ON transfers (destination, sku);

-- Counted SKUs, and the counts they were made in.
CREATE TABLE count_lines (
  location TEXT NOT NULL, sku TEXT NOT NULL, count TEXT NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY (location, sku, n)
) WITHOUT ROWID;
CREATE INDEX count_lines_count ON count_lines (count, n);
CREATE TABLE counts (
  count TEXT PRIMARY KEY, opened_n INTEGER, closed_n INTEGER
) WITHOUT ROWID;

-- SKUs that were given an opening stock.
CREATE TABLE opening_stock (
  location TEXT NOT NULL, sku TEXT NOT NULL, PRIMARY KEY (location, sku)
) WITHOUT ROWID;

-- "scope" is what an exception was derived from; it is derived again when that changes.
CREATE TABLE exceptions (
  id TEXT PRIMARY KEY, scope TEXT NOT NULL, type TEXT NOT NULL, n INTEGER NOT NULL,
  at TEXT NOT NULL, facts TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX exceptions_n ON exceptions (n, id);
CREATE INDEX exceptions_scope ON exceptions (scope);

-- Chains of fiscal documents, as they were opened. What a receipt seals belongs to the newest before it of its ledger.
CREATE TABLE fiscal_streams (
  device TEXT NOT NULL, incarnation INTEGER NOT NULL, sequence INTEGER NOT NULL,
  stream TEXT NOT NULL, config TEXT NOT NULL, closed TEXT,
  PRIMARY KEY (device, incarnation, sequence)
) WITHOUT ROWID;
CREATE INDEX fiscal_streams_id ON fiscal_streams (stream);

-- Documents that go to an authority. "item" is null until the document came: "told" holds what was said of it before.
CREATE TABLE fiscal_outbox (
  stream TEXT NOT NULL, sequence INTEGER NOT NULL, n INTEGER,
  at_ms INTEGER NOT NULL, state TEXT NOT NULL, not_before_ms INTEGER NOT NULL, item TEXT, told TEXT NOT NULL,
  PRIMARY KEY (stream, sequence)
) WITHOUT ROWID;
CREATE INDEX fiscal_outbox_state ON fiscal_outbox (stream, state, sequence);
CREATE INDEX fiscal_outbox_at ON fiscal_outbox (state, at_ms, stream, sequence);

-- How often a receipt was copied on paper, where the regime wants that noted.
CREATE TABLE fiscal_copies (receipt TEXT PRIMARY KEY, copies INTEGER NOT NULL) WITHOUT ROWID;

-- What it takes to deliver a chain, sealed by its own device to another.
CREATE TABLE fiscal_deposits (
  device TEXT NOT NULL, stream TEXT NOT NULL, recipient TEXT NOT NULL, n INTEGER NOT NULL, sealed TEXT NOT NULL,
  PRIMARY KEY (device, stream, recipient)
) WITHOUT ROWID;

-- Full invoices that were made of sales afterwards.
CREATE TABLE fiscal_invoices (sale TEXT PRIMARY KEY, number TEXT NOT NULL, n INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX fiscal_invoices_number ON fiscal_invoices (number);

-- How delivering each chain stands, and who was told to do it.
CREATE TABLE fiscal_deliveries (
  stream TEXT PRIMARY KEY, delivery TEXT, hand_overs TEXT NOT NULL
) WITHOUT ROWID;
`;
