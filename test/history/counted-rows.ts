import Database from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import type { Db } from '../../main/history/history.ts';

/** An open database, and how many rows have been read from it so far. */
export interface CountedDb {
  readonly db: Db;
  rows(): number;
  close(): void;
}

/** Opens the file as the history does, with each row counted that a statement hands out. */
export function countedRows(path: string): CountedDb {
  const database = new Database(path);
  let rows = 0;
  const counted = (statement: Database.Statement): Database.Statement =>
    new Proxy(statement, {
      get(target, name) {
        const value = Reflect.get(target, name, target) as unknown;
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => {
          const answer = (value as (...args: unknown[]) => unknown).apply(target, args);
          if (name === 'all') rows += (answer as unknown[]).length;
          if (name === 'get' && answer !== undefined) rows += 1;
          return answer === target ? counted(target) : answer;
        };
      },
    });
  const watched = new Proxy(database, {
    get(target, name) {
      if (name === 'prepare') return (sql: string) => counted(target.prepare(sql));
      const value = Reflect.get(target, name, target) as unknown;
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });
  return { db: drizzle(watched), rows: () => rows, close: () => database.close() };
}
