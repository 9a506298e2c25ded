/**
 * `npm run demo [-- --keep | --clean | --image]`: the main job from a disk to a restored file.
 * As root on disks made for it, beside the stock tools; else, or with `--image`, from a small
 * image into a plain folder.
 */
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { kernelState } from '../harness/kernel.ts';
import { CommandFailed } from '../harness/run.ts';
import { btrfsProgs, installMissing } from '../runner/system-packages.ts';
import { removeKeptDisks } from './disks.ts';
import { demoFromImage } from './from-image.ts';
import { demoOnDisks } from './on-disks.ts';
import { DemoFailed, say } from './say.ts';

const { values } = parseArgs({
  options: {
    keep: { type: 'boolean', default: false },
    clean: { type: 'boolean', default: false },
    image: { type: 'boolean', default: false },
    files: { type: 'string', default: '3000' },
  },
});

async function main(): Promise<void> {
  if (values.clean) return removeKeptDisks();
  if (values.image) return demoFromImage();
  if (process.getuid?.() === 0) await installMissing([btrfsProgs]);
  const state = kernelState();
  if (state.kind === 'ready')
    return demoOnDisks({ keep: values.keep, files: Number(values.files) });
  say(`Disks cannot be made here (${state.reason}): reading a small image instead.`);
  if (values.keep) say('--keep is for disks: there is nothing to keep.');
  return demoFromImage();
}

/** What a command said is enough; a mistake of the demo itself wants its stack. */
function describeError(error: unknown): string {
  const isExpected = [DemoFailed, CommandFailed, AggregateError].some(
    (kind) => error instanceof kind,
  );
  return error instanceof Error
    ? ((isExpected ? undefined : error.stack) ?? error.message)
    : String(error);
}

try {
  await main();
} catch (error) {
  // Ctrl-C may have ended a command that we waited for: let its listeners end us first.
  await setTimeout(100);
  console.error(`\n${describeError(error)}`);
  process.exitCode = 1;
}
