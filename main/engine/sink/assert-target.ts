import { statSync } from 'node:fs';
import { conflict, unsupported } from '../../../shared/errors.ts';
import { printable, textFromBytes } from '../../../shared/model/bytes-text.ts';
import { say } from '../../../shared/said.ts';
import { isOnBtrfs } from '../../linux/files.ts';

/**
 * @param folder its path, without a NUL behind it
 * @param hint what to do where it is on something else
 * @throws Unsupported 'target-not-btrfs', Conflict 'target-missing', Denied
 */
export function assertBtrfs(folder: Uint8Array, hint: string): void {
  assertThere(folder);
  if (isOnBtrfs(folder)) return;
  const path = printable(textFromBytes(folder));
  throw unsupported('target-not-btrfs', say`${{ path }} is not on a btrfs filesystem.`, {
    hint,
    place: { path },
  });
}

/** @throws Conflict 'target-missing', 'not-a-directory' */
export function assertThere(folder: Uint8Array): void {
  const path = printable(textFromBytes(folder));
  const there = statSync(Buffer.from(folder), { throwIfNoEntry: false });
  if (there?.isDirectory()) return;
  if (there) {
    throw conflict('not-a-directory', say`"${{ path }}" is not a folder.`, {
      hint: 'Name a folder.',
      place: { path },
    });
  }
  throw conflict('target-missing', say`There is no folder "${{ path }}".`, {
    hint: 'Make it first, or mount the drive that it is on.',
    place: { path },
  });
}
