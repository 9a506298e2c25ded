import { corrupt } from '../../../shared/errors.ts';
import type { CancelToken } from '../../engine/cancel.ts';
import { CommandFeed } from '../../engine/stream/command-feed.ts';
import { CountingSink } from '../../engine/stream/counting.ts';
import type { StreamEncoder } from '../../engine/stream/encode.ts';
import type { PointWriter } from '../write/point-writer.ts';
import type { Leftover } from '../write/resume.ts';

/** Gives the writer what is there already. Returns the command to go on at. */
export function takeOver(writer: PointWriter, leftover: Leftover, cancel: CancelToken): number {
  const counted = new CountingSink(1);
  const feed = new CommandFeed(counted);
  for (const frame of leftover.frames()) {
    cancel.check();
    writer.known(frame);
    feed.push(frame);
  }
  if (feed.isBetween) return counted.commands;
  throw corrupt(
    'stream-cut-short',
    'What an earlier export left ends in the middle of a command.',
    {
      hint: 'Remove it with: dendro archive prune --unfinished, and export again.',
    },
  );
}

/** The first command was written by the run before. */
export function resuming(encoder: StreamEncoder): StreamEncoder {
  encoder.subvol = () => {};
  encoder.snapshot = () => {};
  encoder.resume = () => {};
  return encoder;
}
