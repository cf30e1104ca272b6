/** The outbox's table in the SQLite of its Durable Object, and its alarm. */

/** What of `SqlStorage` is used. */
interface Sql {
  exec(query: string, ...bindings: unknown[]): { raw(): Iterable<unknown[]> };
}

/** What of `DurableObjectStorage` is used. */
export interface SqlStorage {
  readonly sql: Sql;
  transactionSync<T>(action: () => T): T;
  setAlarm(time: number): Promise<void>;
  deleteAlarm(): Promise<void>;
  sync(): Promise<void>;
}

/** The table as the program uses it. */
export interface Rows {
  get(key: string): Uint8Array | undefined;
  list(from: string, to: string, limit: number, maxBytes: number): [string, Uint8Array][];
  commit(writes: readonly (readonly [string, Uint8Array | null])[], alarm: number | null): Promise<void>;
  /** Resolves once all that was committed is durable. */
  sync(): Promise<void>;
  /** The alarm has rung: what was set is over. */
  rung(): void;
}

/** A statement of a Durable Object takes at most 100 values. */
const ROWS_AT_ONCE = 50;

export function rowsOf(storage: SqlStorage): Rows {
  const { sql } = storage;
  // Without a row id the key is the table, and a row that is written counts once.
  sql.exec("CREATE TABLE IF NOT EXISTS pb_outbox (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID");
  /** What the alarm is set to, as far as it is known. */
  let current: number | null | undefined;

  function write(writes: readonly (readonly [string, Uint8Array | null])[]): void {
    // The last for each key.
    const last = [...new Map(writes)];
    const [puts, deletes] = [last.filter(([, value]) => value), last.filter(([, value]) => !value)];
    for (let at = 0; at < puts.length; at += ROWS_AT_ONCE) {
      const rows = puts.slice(at, at + ROWS_AT_ONCE);
      sql.exec(`INSERT OR REPLACE INTO pb_outbox VALUES ${rows.map(() => "(?, ?)").join()}`, ...rows.flat());
    }
    for (let at = 0; at < deletes.length; at += ROWS_AT_ONCE) {
      const keys = deletes.slice(at, at + ROWS_AT_ONCE).map(([key]) => key);
      sql.exec(`DELETE FROM pb_outbox WHERE key IN (${keys.map(() => "?").join()})`, ...keys);
    }
  }

  return {
    get(key) {
      for (const [value] of sql.exec("SELECT value FROM pb_outbox WHERE key = ?", key).raw()) return bytes(value);
      return undefined;
    },
    list(from, to, limit, maxBytes) {
      const found = sql.exec("SELECT key, value FROM pb_outbox WHERE key >= ? AND key < ? ORDER BY key LIMIT ?", from, to, limit);
      const rows: [string, Uint8Array][] = [];
      let size = 0;
      for (const [key, value] of found.raw()) {
        const row = bytes(value);
        size += row.length;
        if (rows.length > 0 && size > maxBytes) break;
        rows.push([key as string, row]);
      }
      return rows;
    },
    async commit(writes, alarm) {
      try {
        storage.transactionSync(() => write(writes));
        // In the same turn as the rows, and so as durable as they are.
        const alarmed = alarm === current ? undefined : alarm === null ? storage.deleteAlarm() : storage.setAlarm(alarm);
        current = alarm;
        await alarmed;
      } catch (error) {
        current = undefined;
        throw error;
      }
    },
    sync: () => storage.sync(),
    rung() {
      current = undefined;
    },
  };
}

const bytes = (value: unknown): Uint8Array => new Uint8Array(value as ArrayBuffer);
