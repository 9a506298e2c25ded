import { z } from 'zod';
import { Count, ErrorModel, PathText, TimeMs } from './basics.ts';
import { EntryType } from './entry.ts';

/** Commands of a send stream, by what btrfs calls them. */
export const StreamCommandName = z.enum([
  'subvol',
  'snapshot',
  'mkfile',
  'mkdir',
  'mknod',
  'mkfifo',
  'mksock',
  'symlink',
  'rename',
  'link',
  'unlink',
  'rmdir',
  'set_xattr',
  'remove_xattr',
  'write',
  'clone',
  'truncate',
  'chmod',
  'chown',
  'utimes',
  'update_extent',
  'fallocate',
  'fileattr',
  'encoded_write',
  'enable_verity',
  'end',
]);
export type StreamCommandName = z.infer<typeof StreamCommandName>;

export const StreamCommand = z.object({
  /** Counted from 0 over all subvolumes of the file. */
  index: Count,
  /** Where it begins in the stream, unpacked, and how long it is with its header. */
  offset: Count,
  lengthBytes: Count,
  name: StreamCommandName,
  /** From the subvolume's top; of 'subvol' and 'snapshot' the subvolume's name. */
  path: PathText,
  /** The second path: where to, what of, where a symbolic link points. */
  other: PathText.nullable(),
  /** Its other arguments, in the stream's own terms. */
  facts: z.array(z.object({ name: z.string(), value: z.union([z.number(), z.string()]) })),
});
export type StreamCommand = z.infer<typeof StreamCommand>;

export const StreamSubvolume = z.object({
  name: PathText,
  /** 32 hexadecimal digits. */
  uuid: z.string(),
  ctransid: Count,
  /** What it builds on; null: a full stream. */
  parent: z.object({ uuid: z.string(), ctransid: Count }).nullable(),
  firstCommand: Count,
  commands: Count,
  /** File data that the stream carries. */
  dataBytes: Count,
  hasEnd: z.boolean(),
});
export type StreamSubvolume = z.infer<typeof StreamSubvolume>;

/** What there is in a stream file, read to its end with every checksum compared. */
export const StreamLook = z.object({
  /** The file, or its parts in order. */
  paths: z.array(PathText),
  fileBytes: Count,
  /** 'none', 'zstd', 'gzip' ... */
  packing: z.string(),
  /** Of the protocol. */
  version: Count,
  /** Unpacked. */
  streamBytes: Count,
  commands: Count,
  counts: z.array(z.object({ name: StreamCommandName, count: Count })),
  subvolumes: z.array(StreamSubvolume),
  /** Where it stops being readable; what comes before it is shown. Null: all is well. */
  problem: ErrorModel.nullable(),
  /** There are more names than a look keeps: some are missing in the tree. */
  isTreeCut: z.boolean(),
});
export type StreamLook = z.infer<typeof StreamLook>;

/** A name that a stream makes, changes, moves or takes away. */
export const StreamEntry = z.object({
  name: PathText,
  /** Null: the stream does not say; it was there before. */
  type: EntryType.nullable(),
  /** 'none': only the way to others. */
  change: z.enum(['added', 'removed', 'changed', 'renamed', 'none']),
  /** The path that it had; null when it is the same. */
  previousPath: PathText.nullable(),
  /** As far as the stream says. */
  sizeBytes: Count.nullable(),
  modifiedAtMs: TimeMs.nullable(),
  mode: Count.nullable(),
  uid: Count.nullable(),
  gid: Count.nullable(),
  linkTarget: PathText.nullable(),
  /** File data that the stream carries for it; of a folder, for all that is in it. */
  dataBytes: Count,
});
export type StreamEntry = z.infer<typeof StreamEntry>;
