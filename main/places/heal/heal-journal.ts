import { appendFileSync, closeSync, fsyncSync, openSync, readFileSync, rmSync } from 'node:fs';

/** In the top directory of the subvolume; there only while a file of it is being healed. */
export const HEAL_JOURNAL = '.dendro-heal.json';

/** A file whose times are to be as they were, whatever happens meanwhile. */
export interface HealNote {
  readonly version: 1;
  /** Text that keeps its bytes, from the top of the subvolume. */
  readonly path: string;
  readonly inode: number;
  /** Access and modification, as futimens(2) takes them, hexadecimal. */
  readonly times: string;
  /** FS_*_FL flags that were lifted, to be set again; 0: none. */
  readonly flags: number;
}

/** What a heal that was killed was at; `top` is the subvolume's top directory, open. */
export function readHealNote(top: number): HealNote | undefined {
  try {
    const note = JSON.parse(readFileSync(pathIn(top), 'utf8')) as HealNote | null;
    const isWhole = note?.version === 1 && typeof note.path === 'string';
    return isWhole && typeof note.times === 'string' ? note : undefined;
  } catch (error) {
    const isCutShort = error instanceof SyntaxError; // before anything was changed
    if (isCutShort || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** On the disk before anything is changed. */
export function writeHealNote(top: number, note: HealNote): void {
  clearHealNote(top);
  appendFileSync(pathIn(top), `${JSON.stringify(note)}\n`, { mode: 0o600, flag: 'ax' });
  const fd = openSync(pathIn(top), 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

export function clearHealNote(top: number): void {
  rmSync(pathIn(top), { force: true });
}

function pathIn(top: number): string {
  return `/proc/self/fd/${top}/${HEAL_JOURNAL}`;
}
