import { textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { DirectoryEntry } from '../../../shared/model/entry.ts';
import type { Inode } from '../tree/inode.ts';

/** Gets one of very many paths; its entry is made when it is asked for. */
export type TakePath = (path: string, entry: () => DirectoryEntry) => void;

const ASCII = /^[\x00-\x7f]*$/;

/** Text of one character a byte, as the text that crosses borders (`bytes-text.ts`). */
export function outward(latin1: string): string {
  if (ASCII.test(latin1)) return latin1;
  return textFromBytes(Buffer.from(latin1, 'latin1'));
}

export function entryOf(name: string, inode: Inode): DirectoryEntry {
  return {
    name: outward(name),
    type: inode.kind,
    inode: inode.number,
    sizeBytes: inode.kind === 'file' ? inode.size : 0,
    modifiedAtMs: inode.modifiedAtMs,
    mode: inode.mode,
    uid: inode.uid,
    gid: inode.gid,
    linkTarget: inode.target === undefined ? null : textFromBytes(inode.target),
  };
}
