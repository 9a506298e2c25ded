import { mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MOST_DRAGGED_BYTES, type Dragged } from './channels.ts';

/** What was dropped is copied by whoever took it, after the drop: so many drags are kept for that. */
const KEPT = 8;
const LONGEST_NAME_BYTES = 255;

/**
 * Files on their way out of the window, in a folder that only this user can read. It is empty when
 * the app starts and when it ends.
 */
export class DraggedFiles {
  readonly #folder: string;
  #count = 0;

  /** @param folder of nobody else: all that is in it is removed */
  constructor(folder: string) {
    this.#folder = folder;
    this.clear();
  }

  /** @returns the file's path; undefined for what is no file of this size with a name */
  put(file: unknown): string | undefined {
    if (!isDragged(file)) return undefined;
    const folder = join(this.#folder, String((this.#count += 1)));
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, file.name);
    writeFileSync(path, file.bytes, { mode: 0o600, flag: 'wx' });
    if (file.modifiedAtMs !== null) utimesSync(path, new Date(), new Date(file.modifiedAtMs));
    this.#forgetOld();
    return path;
  }

  clear(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #forgetOld(): void {
    for (const name of readdirSync(this.#folder)) {
      if (Number(name) <= this.#count - KEPT) rmSync(join(this.#folder, name), { recursive: true });
    }
  }
}

/** The page is ours, but it shows what others have named: a name is one part of a path. */
function isDragged(file: unknown): file is Dragged {
  if (typeof file !== 'object' || file === null) return false;
  const { name, bytes, modifiedAtMs } = file as Partial<Record<keyof Dragged, unknown>>;
  return (
    typeof name === 'string' &&
    name !== '' &&
    name !== '.' &&
    name !== '..' &&
    !/[/\0]/.test(name) &&
    Buffer.byteLength(name) <= LONGEST_NAME_BYTES &&
    bytes instanceof Uint8Array &&
    bytes.length <= MOST_DRAGGED_BYTES &&
    (modifiedAtMs === null || (typeof modifiedAtMs === 'number' && Number.isFinite(modifiedAtMs)))
  );
}
