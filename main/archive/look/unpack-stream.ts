import { join } from 'node:path';
import { printable, textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { VerbContext } from '../../engine/context.ts';
import type { ReceiveHooks } from '../../engine/receive.ts';
import { streamBytes } from './stream-bytes.ts';
import type { Note } from '../../../shared/said.ts';

export interface UnpackInput {
  /** Absolute paths: a stream file, or its parts in order. */
  readonly paths: readonly string[];
  /** Absolute path of a folder that is there. */
  readonly folder: string;
  /** As snapshots, on a btrfs; else as folders of plain files. */
  readonly asSnapshot: boolean;
}

export interface UnpackSummary {
  /** What was made. */
  readonly paths: readonly string[];
  readonly commands: number;
  /** What the target could not keep: the first of them, and how many. */
  readonly losses: readonly { readonly path: string; readonly what: Note }[];
  readonly lossCount: number;
}

/** Receives a stream file of any packing. @throws as `receive` and `receiveFolder` */
export async function unpackStream(
  { paths, folder, asSnapshot }: UnpackInput,
  context: VerbContext,
): Promise<UnpackSummary> {
  const { receive, receiveFolder } = await import('../../engine/receive.ts');
  const source = streamBytes(paths).open(0);
  let current = '';
  const hooks: ReceiveHooks = {
    cancel: context.cancel,
    onSubvolume: (name) => (current = textFromBytes(name)),
    onProgress: (bytes) =>
      context.progress({
        ...{ step: 'receive', bytes, totalBytes: null, files: 0, totalFiles: null },
        current,
      }),
  };
  try {
    if (asSnapshot) {
      const { snapshots, commands } = receive({ source, target: folder }, hooks);
      await source.end();
      return summary(snapshots, folder, commands);
    }
    const { folders, commands } = receiveFolder({ source, target: folder }, hooks);
    await source.end();
    return summary(folders, folder, commands);
  } finally {
    source.close();
  }
}

interface Received {
  readonly name: Uint8Array;
  readonly losses: readonly { readonly path: string; readonly what: Note }[];
}

function summary(made: readonly Received[], folder: string, commands: number): UnpackSummary {
  const losses = made.flatMap((one) => one.losses);
  return {
    paths: made.map(({ name }) => join(folder, textFromBytes(name))),
    commands,
    losses: losses.slice(0, 100).map(({ path, what }) => ({ path: printable(path), what })),
    lossCount: losses.length,
  };
}
