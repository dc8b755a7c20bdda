export type Row = Record<string, any>;
export type Value = string | number | null | Uint8Array | readonly (string | number | null | Uint8Array)[];

/** Where statements are sent: to any connection that is free, or to the one of a transaction. */
export interface Rows {
  all(sql: string, ...values: Value[]): Promise<Row[]>;
  one(sql: string, ...values: Value[]): Promise<Row | undefined>;
  /** Answers how many rows were written. */
  run(sql: string, ...values: Value[]): Promise<number>;
}
