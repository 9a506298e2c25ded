import type { Bytes } from '../stream/command-sink.ts';
import { latin1 } from './path-names.ts';

/** In memory at most; one folder may have more. */
const MOST_NAMES = 200_000;
const MOST_FOLDERS = 256;

/**
 * Which names folders have on disk, exactly as they are written: a filesystem for which `A` and `a`
 * are one finds either under both. A folder is read once, and what is done in it then is told.
 */
export class NamesOnDisk {
  readonly #read: (folder: Buffer) => Buffer[];
  readonly #folders = new Map<string, Set<string>>();
  #count = 0;

  constructor(read: (folder: Buffer) => Buffer[]) {
    this.#read = read;
  }

  has(folder: Buffer, name: Buffer): boolean {
    return this.#namesIn(folder).has(latin1(name));
  }

  made(path: Bytes): void {
    if (this.#folders.size === 0) return;
    const [folder, name] = split(path);
    this.#folders.get(folder)?.add(name);
  }

  /** And what lies below it. */
  removed(path: Bytes): void {
    if (this.#folders.size === 0) return;
    const [folder, name] = split(path);
    this.#folders.get(folder)?.delete(name);
    const [itself, below] = [latin1(path), `${latin1(path)}/`];
    for (const known of this.#folders.keys()) {
      if (known === itself || known.startsWith(below)) this.#folders.delete(known);
    }
  }

  forget(): void {
    this.#folders.clear();
    this.#count = 0;
  }

  #namesIn(folder: Buffer): Set<string> {
    const key = latin1(folder);
    const known = this.#folders.get(key);
    if (known !== undefined) return known;
    if (this.#count >= MOST_NAMES || this.#folders.size >= MOST_FOLDERS) this.forget();
    const names = new Set(this.#read(folder).map(latin1));
    this.#folders.set(key, names);
    this.#count += names.size;
    return names;
  }
}

function split(path: Bytes): [folder: string, name: string] {
  const slash = path.lastIndexOf(0x2f);
  return [latin1(path.subarray(0, Math.max(0, slash))), latin1(path.subarray(slash + 1))];
}
