import { bytesFromText, textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { VerbContext } from '../context.ts';
import { volumeFor, type VolumeInput } from '../open-volumes.ts';
import { send } from '../send.ts';
import { openBtrfsSink } from '../sink/btrfs-sink.ts';
import type { Loss } from '../sink/loss-report.ts';
import { MeteredSink } from '../transfer/metered-sink.ts';
import { transferProtocol } from '../transfer/protocol.ts';
import { openSubvolume } from '../tree/index.ts';

export interface TransferInput {
  readonly volume: VolumeInput;
  readonly snapshotId: number;
  /** Both sides hold it; null sends in full. */
  readonly parentId: number | null;
  /** Absolute path of a folder on the btrfs that receives. */
  readonly folder: string;
}

export interface TransferSummary {
  /** Absolute. */
  readonly path: string;
  readonly commands: number;
  readonly files: number;
  readonly bytes: number;
  /** Bytes of files without checksums: nothing proves that they are right. */
  readonly unverifiedBytes: number;
  readonly nestedSubvolumes: number;
  readonly losses: readonly Loss[];
  readonly lossCount: number;
}

/** Commands between two looks at the clock. */
const LOOK_MASK = 31;

/**
 * Sends a snapshot straight into a receiving folder: the commands go from one side to the
 * other without being written as a stream. All or nothing; after an error the target holds
 * what it held before, and what was received so far in its staging folder only.
 */
export function transfer(input: TransferInput, { cancel, progress }: VerbContext): TransferSummary {
  const volume = volumeFor(input.volume, cancel);
  const snapshot = openSubvolume(volume, input.snapshotId);
  const parent = input.parentId === null ? {} : { parent: openSubvolume(volume, input.parentId) };
  const folder = bytesFromText(input.folder);
  const sink = openBtrfsSink(folder, { nowMs: () => performance.now() });
  let looks = 0;
  const report = (path: Uint8Array): void =>
    progress({
      step: 'send',
      bytes: metered.counts.bytes,
      totalBytes: null,
      files: metered.files,
      totalFiles: null,
      current: textFromBytes(path),
    });
  const metered = new MeteredSink(sink, transferProtocol.protocol, (path) => {
    looks += 1;
    if ((looks & LOOK_MASK) === 0) report(path);
  });
  try {
    const request = { volume, snapshot, ...parent, ...transferProtocol };
    const sent = send(request, metered, { cancel });
    const [received] = sink.finish();
    return {
      path: `${input.folder.replace(/\/+$/, '')}/${textFromBytes(received!.name)}`,
      commands: sent.commands,
      files: metered.files,
      bytes: metered.counts.bytes,
      unverifiedBytes: sent.unverifiedBytes,
      nestedSubvolumes: sent.omissions.nestedSubvolumes,
      losses: received!.losses,
      lossCount: received!.lossCount,
    };
  } catch (error) {
    sink.abort(error);
    throw error;
  }
}
