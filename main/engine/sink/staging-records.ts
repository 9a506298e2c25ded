import { closeFd } from '../../linux/files.ts';
import { checked } from '../../linux/libc-error.ts';
import { libc } from '../../linux/libc.ts';
import { FINGERPRINT_FILE, FLAGS_FILE, IDENTITY_FILE, LOSSES_FILE } from './leftover.ts';
import type { Loss } from './loss-report.ts';
import { openRegular, readText, writeText } from './private-folder.ts';

const FILES = [IDENTITY_FILE, FINGERPRINT_FILE, FLAGS_FILE, LOSSES_FILE];
/** The work is that of an earlier command again: what came behind it has not happened. */
const BACK = 'back';

/**
 * What a receive has to remember beside the work, in files of its private folder, for a later run:
 * lines that begin with the number of commands that had been applied then.
 */
export class StagingRecords {
  readonly #folder: number;
  /** Written since the last `sync`, by this run or one before. */
  readonly #unsynced = new Set(FILES);

  /** `folder` stays the caller's to close. */
  constructor(folder: number) {
    this.#folder = folder;
  }

  /** What the stream is. */
  begin(identity: string, fingerprint: string | undefined): void {
    if (fingerprint !== undefined) this.#write(FINGERPRINT_FILE, fingerprint);
    this.#write(IDENTITY_FILE, identity);
  }

  /**
   * The work is a checkpoint's again, of so many commands. Inodes that are made from here on need not
   * have the numbers that they had before.
   */
  goBack(commands: number): void {
    // behind a line that a power cut may have left half written
    if (readText(this.#folder, FLAGS_FILE) !== undefined) {
      this.#write(FLAGS_FILE, `\n${BACK} ${commands}\n`, true);
    }
  }

  /** Flags to set at the end. */
  addFlags(commands: number, inode: number, flags: number): void {
    this.#write(FLAGS_FILE, `${commands} ${inode} ${flags}\n`, true);
  }

  /** By inode number, the flags recorded by the commands before `commands`. */
  flagsBefore(commands: number): Map<number, number> {
    let flags: (readonly [at: number, inode: number, value: number])[] = [];
    for (const line of (readText(this.#folder, FLAGS_FILE) ?? '').split('\n')) {
      const words = line.split(' ');
      if (words[0] === BACK) flags = flags.filter(([at]) => at <= Number(words[1]));
      else if (words.length === 3) flags.push(words.map(Number) as [number, number, number]);
    }
    return new Map(
      flags.filter(([at]) => at <= commands).map(([, inode, value]) => [inode, value]),
    );
  }

  /** What command `commands` was to keep and could not. */
  addLoss(commands: number, loss: Loss): void {
    this.#write(LOSSES_FILE, `${JSON.stringify([commands, loss])}\n`, true);
  }

  /** The losses of the commands before `commands`. */
  lossesBefore(commands: number): Loss[] {
    // A command that was done again after a power cut met the same once more.
    const lines = new Set((readText(this.#folder, LOSSES_FILE) ?? '').split('\n').slice(0, -1));
    return [...lines].flatMap((line) => {
      const [at, loss] = parsed(line) ?? [];
      return loss !== undefined && at! <= commands ? [loss] : [];
    });
  }

  /** On the drive with all of it: a checkpoint, which is there after a power cut, needs it. */
  sync(): void {
    for (const name of this.#unsynced) {
      const fd = openRegular(this.#folder, Buffer.from(name));
      if (fd === undefined) continue;
      try {
        checked(libc().fsync(fd), 'write to the drive', name);
      } finally {
        closeFd(fd);
      }
    }
    this.#unsynced.clear();
  }

  #write(name: string, text: string, append = false): void {
    this.#unsynced.add(name);
    writeText(this.#folder, name, text, append);
  }
}

/** A line of `LOSSES_FILE`; undefined for one that a power cut spoilt. */
function parsed(line: string): readonly [at: number, loss: Loss] | undefined {
  try {
    return JSON.parse(line) as [number, Loss];
  } catch {
    return undefined;
  }
}
