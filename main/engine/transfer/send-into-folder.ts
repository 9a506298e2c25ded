import { bytesFromText } from '../../../shared/model/bytes-text.ts';
import { agree, openBtrfsSink } from '../receive.ts';
import { streamFingerprint } from '../send-identity.ts';
import { send, type SendRequest, type SendSummary } from '../send.ts';
import { assertBtrfs } from '../sink/assert-target.ts';
import { recordFor } from '../proof/sent-record.ts';
import type { Loss } from '../sink/loss-report.ts';
import { recordsHere, settleRecords, type SettledRecords } from './settle-records.ts';
import { headOf, identityOfHead } from './stream-head.ts';
import { formOf, transferProtocol } from './request.ts';

const ELSEWHERE =
  'Name a folder on a btrfs. Elsewhere: dendro archive export FOLDER SNAPSHOT, or pipe into dendro receive --plain FOLDER.';

export interface SentIntoFolder {
  /** Nothing was sent: it was there already, whole. */
  readonly wasThere: boolean;
  readonly resumedAt: number;
  readonly sent: SendSummary | undefined;
  readonly losses: readonly Loss[];
  readonly lossCount: number;
  readonly records: SettledRecords;
}

/**
 * Sends a snapshot into a folder on btrfs, in one process: commands go from the one side to the
 * other without being a stream. Goes on at the command where an earlier run of the same stopped.
 */
export function sendIntoFolder(
  asked: SendRequest,
  folder: string,
  hooks: { readonly onResume?: (command: number) => void } = {},
): SentIntoFolder {
  const request = { ...transferProtocol, ...asked };
  const target = bytesFromText(folder);
  assertBtrfs(target, ELSEWHERE);
  const fingerprint = streamFingerprint(request);
  const identity = identityOfHead(headOf(request));
  const { command, isComplete } = agree(target, identity, fingerprint);
  if (isComplete) {
    const records = settleRecords(request, recordsHere(target), undefined);
    return { wasThere: true, resumedAt: 0, sent: undefined, losses: [], lossCount: 0, records };
  }
  hooks.onResume?.(command);
  const rest = { ...request, resumeFrom: command };
  const record = recordFor(rest);
  const noted = { marksRecord: record !== undefined, form: formOf(rest) };
  const nowMs = (): number => performance.now();
  const sink = openBtrfsSink(target, { nowMs, fingerprint, ...noted });
  try {
    const sent = send(rest, record?.around(sink) ?? sink);
    const { losses, lossCount } = sink.finish()[0]!;
    const records = settleRecords(rest, recordsHere(target), record);
    return { wasThere: false, resumedAt: command, sent, losses, lossCount, records };
  } catch (error) {
    sink.abort(error);
    throw error;
  }
}
