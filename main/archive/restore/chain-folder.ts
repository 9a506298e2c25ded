import { existsSync, readdirSync } from 'node:fs';
import { conflict } from '../../../shared/errors.ts';
import { bytesFromText, printable } from '../../../shared/model/bytes-text.ts';
import { cleanLeftovers } from '../../engine/receive.ts';
import { openPrivateFolder } from '../../engine/sink/private-folder.ts';
import { destroySubvolume, isSubvolume } from '../../engine/sink/staging-folder.ts';
import { AT_REMOVEDIR, closeFd, cString } from '../../linux/files.ts';
import { lockUnlessTaken } from '../../linux/file-lock.ts';
import { libc } from '../../linux/libc.ts';
import { withDirectory } from '../../linux/mounts.ts';

const CHAIN_NAME = '.dendro-chain';

/**
 * In a destination: the points that are made on the way to another one. They are nobody's until
 * that one is there, and outlive a run that was interrupted, so that the next one builds on them.
 */
export class ChainFolder {
  readonly path: string;
  readonly #destination: string;
  readonly #fd: number;

  private constructor(destination: string) {
    this.path = pathOf(destination);
    this.#destination = destination;
    this.#fd = withDirectory(bytesFromText(destination), (dir) =>
      openPrivateFolder(dir, CHAIN_NAME),
    );
    if (lockUnlessTaken(this.#fd)) return;
    closeFd(this.#fd);
    throw conflict('busy', 'Another restore into the same folder is running.', {
      hint: 'Wait until it has ended.',
      place: { path: printable(destination) },
    });
  }

  /** For one process at a time. @throws Conflict 'busy', Denied 'staging-not-ours' */
  static open(destination: string): ChainFolder {
    return new ChainFolder(destination);
  }

  /** Of the one that is there: an earlier run left it, or another one is at it. */
  static pathIn(destination: string): string | undefined {
    const path = pathOf(destination);
    return existsSync(Buffer.from(bytesFromText(path))) ? path : undefined;
  }

  /** Takes away what was made on the way, whichever run made it, and the folder. */
  clear(): void {
    cleanLeftovers(bytesFromText(this.path));
    for (const name of readdirSync(`/proc/self/fd/${this.#fd}`, { encoding: 'buffer' })) {
      if (isSubvolume(this.#fd, name)) destroySubvolume(this.#fd, name);
    }
    withDirectory(bytesFromText(this.#destination), (dir) => {
      // Something else in it is not ours, and stays.
      libc().unlinkat(dir, cString(CHAIN_NAME), AT_REMOVEDIR);
    });
  }

  close(): void {
    closeFd(this.#fd);
  }
}

function pathOf(destination: string): string {
  return `${destination.replace(/\/+$/, '')}/${CHAIN_NAME}`;
}
