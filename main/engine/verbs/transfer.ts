import { bytesFromText, textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { VerbContext } from '../context.ts';
import { recordFor } from '../proof/sent-record.ts';
import { send } from '../send.ts';
import type { SendProgress } from '../stream/outgoing.ts';
import { openBtrfsSink } from '../sink/btrfs-sink.ts';
import { cleanLeftovers } from '../sink/leftovers.ts';
import type { Loss } from '../sink/loss-report.ts';
import { MeteredSink } from '../transfer/metered-sink.ts';
import { recordsHere, settleRecords, type SettledRecords } from '../transfer/settle-records.ts';
import {
  formOf,
  stateOf,
  transferProtocol,
  transferRequest,
  type TransferInput,
  type TransferState,
} from '../transfer/request.ts';

export interface TransferSummary {
  /** Absolute. */
  readonly path: string;
  readonly commands: number;
  /** All but folders. */
  readonly files: number;
  readonly bytes: number;
  /** Bytes of files without checksums: nothing proves that they are right. */
  readonly unverifiedBytes: number;
  /** Ids, of the sender's volume, of those whose places alone were sent. */
  readonly nestedSubvolumes: readonly number[];
  readonly losses: readonly Loss[];
  readonly lossCount: number;
  readonly records: SettledRecords;
}

/** Commands between two looks at the clock. */
const LOOK_MASK = 31;

/**
 * Sends a snapshot straight into a receiving folder: the commands go from one side to the
 * other without being written as a stream. All or nothing; after an error the target holds
 * what it held before, and what was received so far in its staging folder only.
 */
export function transfer(input: TransferInput, { cancel, progress }: VerbContext): TransferSummary {
  const request = transferRequest(input, cancel);
  const folder = bytesFromText(input.folder);
  const record = recordFor(request);
  const noted = { marksRecord: record !== undefined, form: formOf(request) };
  const sink = openBtrfsSink(folder, { nowMs: () => performance.now(), ...noted });
  let [looks, files] = [0, 0];
  const report = (path: Uint8Array): void =>
    progress({
      step: 'send',
      bytes: metered.counts.bytes,
      totalBytes: null,
      files,
      totalFiles: null,
      current: textFromBytes(path),
    });
  const metered = new MeteredSink(sink, transferProtocol.protocol, (path) => {
    looks += 1;
    if ((looks & LOOK_MASK) === 0) report(path);
  });
  try {
    const onProgress = (sent: SendProgress): void => void (files = sent.files - sent.filesPassed);
    const sent = send(request, record?.around(metered) ?? metered, { cancel, onProgress });
    const [received] = sink.finish();
    const records = settleRecords(request, recordsHere(folder), record, cancel);
    return {
      path: `${input.folder.replace(/\/+$/, '')}/${textFromBytes(received!.name)}`,
      commands: sent.commands,
      files: sent.files - sent.filesPassed,
      bytes: metered.counts.bytes,
      unverifiedBytes: sent.unverifiedBytes,
      nestedSubvolumes: [...sent.omissions.nestedSubvolumes],
      losses: received!.losses,
      lossCount: received!.lossCount,
      records,
    };
  } catch (error) {
    sink.abort(error);
    throw error;
  }
}

/** Names a transfer, and says how far an earlier one came. */
export function transferState(input: TransferInput, { cancel }: VerbContext): TransferState {
  return stateOf(transferRequest(input, cancel), input.folder);
}

/** Puts what an earlier transfer left in place when all of it had arrived; removes it otherwise. */
export function clearTransfer({ folder, key }: { folder: string; key: string }): void {
  cleanLeftovers(bytesFromText(folder), [key]);
}
