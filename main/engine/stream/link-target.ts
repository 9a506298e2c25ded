import { corrupt } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { SPAN, type Spans } from '../diff/spans.ts';
import { readSymlink, type Subvolume } from '../tree/index.ts';
import type { Bytes } from './command-sink.ts';

/** The kernel makes none that is longer (PATH_MAX with its NUL). */
const MAX_TARGET = 4095;

/**
 * The target of a symbolic link of `size` bytes whose first extent `spans` has been moved to.
 * It is as long as the inode says: btrfs-convert keeps the NUL behind it, too, and so puts a
 * target of 4,095 bytes into an extent of its own, which the kernel refuses to read.
 * Borrowed until the next block is read.
 * @throws Corrupt `symlink-damaged` where no receiver could make a link of it.
 */
export function linkTarget(spans: Spans, snapshot: Subvolume, inode: number, size: number): Bytes {
  const target = inlineTarget(spans, size) ?? readSymlink(snapshot, inode);
  if (target.length <= MAX_TARGET && !target.includes(0)) return target;
  throw corrupt(
    'symlink-damaged',
    say`The symlink with inode ${{ inode }} has an impossible target.`,
    {
      place: { tree: snapshot.id },
    },
  );
}

function inlineTarget(spans: Spans, size: number): Bytes | undefined {
  spans.step(1);
  if (spans.kind !== SPAN.inline || spans.compression !== 0) return undefined;
  const { node, inlineStart, inlineLength } = spans;
  if (size === 0 || inlineLength < size) return undefined;
  return node.bytes.subarray(inlineStart, inlineStart + size);
}
