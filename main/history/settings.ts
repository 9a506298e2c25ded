import { defaultSettings, Settings } from '../../shared/model/service.ts';
import type { Db } from './history.ts';
import { settings } from './schema.ts';

/** A row for each setting that differs from its default. */
export class SettingsHistory {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Values that this version does not understand count as not set. */
  get(): Settings {
    const rows = this.#db.select().from(settings).all();
    const result: Record<string, unknown> = { ...defaultSettings };
    for (const { name, value } of rows) {
      const schema = Settings.shape[name as keyof Settings];
      if (schema?.safeParse(value).success) result[name] = value;
    }
    return Settings.parse(result);
  }

  set(change: Partial<Settings>): Settings {
    for (const [name, value] of Object.entries(change)) {
      if (value === undefined) continue;
      this.#db
        .insert(settings)
        .values({ name, value })
        .onConflictDoUpdate({ target: settings.name, set: { value } })
        .run();
    }
    return this.get();
  }
}
