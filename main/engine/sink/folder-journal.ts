import { renameSync } from 'node:fs';
import {
  closeFd,
  cString,
  O_CREAT,
  O_NOFOLLOW,
  O_TRUNC,
  O_WRONLY,
  openPath,
  writeAllAt,
} from '../../linux/files.ts';
import { checked } from '../../linux/libc-error.ts';
import { libc } from '../../linux/libc.ts';
import type { Entry, FolderMemory } from './folder-memory.ts';
import type { Attributes } from './attributes.ts';
import { hexOf } from './hex-of.ts';
import type { Memo } from './memo.ts';
import { fewFieldsOf, hexName, pairsOf } from './memo-fields.ts';
import type { Progress } from './command-count.ts';
import type { Loss } from './loss-report.ts';
import type { Bytes } from '../stream/command-sink.ts';

export const JOURNAL = 'journal';
/** So many commands may come between two marks; a run that goes on at one repeats no more. */
export const COMMANDS_BETWEEN_MARKS = 1 << 16;

/** What can be gone on with. */
export interface JournalState {
  readonly progress: Progress;
  readonly memory: FolderMemory;
  /** Names on disk that were chosen for commands after it, by the stream's path. */
  readonly claims: Map<string, Buffer>;
  /** What is told at the end and stands nowhere else. */
  readonly losses: readonly Loss[];
}

/** What the journal says of an inode, whichever of its names was noted last. */
interface Said {
  readonly fields: string;
  readonly changed: number | undefined;
  readonly attributes: Attributes | undefined;
}

/**
 * What a receive into a plain folder remembers, written down while it goes on: lines of JSON,
 * each with the number `at` of commands that are done with it.
 *
 *   {"at":9,"path":..,..}           one name, as in the sidecar; `late` and `isChanged` beside
 *   {"at":9,"path":..,"keeps":true} the same, with the attributes that its inode has already, but
 *                                   for those in `set`, as in `xattrs`, and the names in `unset`
 *   {"at":9,"gone":PATH}            nothing is to be remembered of it any more
 *   {"at":9,"from":PATH,"to":PATH}  all that is known of it, and below it, is at `to` now
 *   {"at":9,"claim":PATH,"real":..} the name on disk that command 9 is about to make
 *   {"at":9,"lost":LOSS}            what command 9 was to keep and could not
 *   {"at":9,"hash":H}               a mark: all of it is on the drive
 *   {"at":9,"isUnsafe":true}        what comes now cannot be repeated from the mark before
 *
 * After a kill every line counts up to the command that the progress page names. After a power
 * cut the last mark does, unless something unsafe came after it.
 */
export class FolderJournal {
  readonly #fd: number;
  readonly #memory: FolderMemory;
  readonly #said = new WeakMap<Memo, Said>();
  #end = 0;
  #isUnsafe = false;

  /** Begins a new one with all of a state; it takes the place of what was there at once. */
  constructor(folder: string, { memory, progress, claims, losses }: JournalState, isMark: boolean) {
    this.#memory = memory;
    const flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW;
    this.#fd = openPath(cString(`${folder}/${JOURNAL}.new`), flags, 0o600);
    try {
      for (const { text, entry } of memory.walk()) this.note(0, text, entry);
      for (const [path, real] of claims) {
        this.claim(progress.commands + 1, Buffer.from(path, 'latin1'), real);
      }
      for (const loss of losses) this.lost(0, loss);
      if (isMark) this.mark(progress);
      else this.#sync();
      renameSync(`${folder}/${JOURNAL}.new`, `${folder}/${JOURNAL}`);
    } catch (error) {
      closeFd(this.#fd);
      throw error;
    }
  }

  /** Writes what is known of a name now, unless the journal says so already. */
  note(at: number, path: Bytes | string, entry: Entry): void {
    const { memo } = entry;
    const isNothing = entry.real === undefined && memo === undefined;
    if (isNothing && entry.written === undefined) return;
    const name = JSON.stringify({
      ...{ path: hexOf(path), real: entry.real && hexOf(entry.real) },
      inode: memo && this.#memory.inodes.of(memo),
      isChanged: (memo?.changed !== undefined && memo.changed === entry.copy) || undefined,
    });
    const known = memo === undefined ? '' : this.#newsOf(memo, entry.written !== name);
    if (known === undefined) return;
    this.#write(`{"at":${at},${name.slice(1, -1)}${known}}\n`);
    entry.written = name;
  }

  /** What a line is to say of an inode; undefined if it was said, and nothing else is to be. */
  #newsOf(memo: Memo, isDue: boolean): string | undefined {
    const { xattrs: attributes, changed, late } = memo;
    const said = this.#said.get(memo);
    const due = attributes?.takeDue() ?? [];
    const fields = JSON.stringify({ ...fewFieldsOf(memo), late });
    const keeps = said !== undefined && said.attributes === attributes;
    const isSaid = keeps && said.fields === fields && said.changed === changed;
    if (!isDue && isSaid && due.length === 0) return undefined;
    this.#said.set(memo, { fields, changed, attributes });
    const rest =
      attributes && (keeps ? changesIn(attributes, due) : { xattrs: pairsOf(attributes) });
    return [fields, JSON.stringify(rest ?? {})]
      .map((json) => json.slice(1, -1))
      .map((inside) => (inside === '' ? '' : `,${inside}`))
      .join('');
  }

  gone(at: number, path: Bytes): void {
    this.#write(`{"at":${at},"gone":"${hex(path)}"}\n`);
  }

  moved(at: number, from: Bytes, to: Bytes): void {
    this.#write(`{"at":${at},"from":"${hex(from)}","to":"${hex(to)}"}\n`);
  }

  /** To be called before the name is made. */
  claim(at: number, path: Bytes, real: Bytes): void {
    this.#write(`{"at":${at},"claim":"${hex(path)}","real":"${hex(real)}"}\n`);
  }

  lost(at: number, loss: Loss): void {
    this.#write(`{"at":${at},"lost":${JSON.stringify(loss)}}\n`);
  }

  /** To be called when all that came before is on the drive. */
  mark({ commands, hash }: Progress): void {
    this.#write(`{"at":${commands},"hash":${hash}}\n`);
    this.#sync();
    this.#isUnsafe = false;
  }

  /** To be called before a command that must not be repeated. */
  unsafe(at: number): void {
    if (this.#isUnsafe) return;
    this.#write(`{"at":${at},"isUnsafe":true}\n`);
    this.#sync();
    this.#isUnsafe = true;
  }

  close(): void {
    closeFd(this.#fd);
  }

  #write(line: string): void {
    const bytes = Buffer.from(line);
    writeAllAt(this.#fd, bytes, this.#end, Buffer.from(JOURNAL));
    this.#end += bytes.length;
  }

  #sync(): void {
    checked(libc().fsync(this.#fd), 'write to the drive', JOURNAL);
  }
}

function changesIn(attributes: Attributes, names: readonly string[]): object {
  const [set, unset]: [[string, Buffer][], string[]] = [[], []];
  for (const name of names) {
    const value = attributes.get(name);
    if (value === undefined) unset.push(hexName(name));
    else set.push([name, value]);
  }
  return {
    keeps: true,
    set: set.length > 0 ? pairsOf(set) : undefined,
    unset: unset.length > 0 ? unset : undefined,
  };
}

function hex(path: Bytes): string {
  return Buffer.from(path).toString('hex');
}
