import { textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { VerbContext } from '../context.ts';
import { MeteredSink } from '../transfer/metered-sink.ts';
import { transferRequest, type TransferInput } from '../transfer/request.ts';
import { describeFarEnd, removeAtFarEnd, sendOverSsh } from '../wire/index.ts';
import type { FarEnd, SshTarget } from '../wire/index.ts';
import type { TransferSummary } from './transfer.ts';

export interface WireTransferInput extends Omit<TransferInput, 'folder' | 'resumeFrom'> {
  readonly target: SshTarget;
}

export interface WireTransferSummary extends TransferSummary {
  readonly farEnd: 'dendro' | 'stock';
  /** From which command on this run sent; 0 is the whole stream. */
  readonly resumedAt: number;
  /** Nothing was sent: it was there already, whole. */
  readonly wasThere: boolean;
}

const LOOK_MASK = 31;

/** Free space, snapshots and leftovers in a folder on another machine. */
export function farEnd(
  { target }: { target: SshTarget },
  { cancel }: VerbContext,
): FarEnd & { readonly farEnd: 'dendro' | 'stock' } {
  return describeFarEnd(target, cancel);
}

/**
 * Sends a snapshot into a folder on another machine. All or nothing; with Dendro there a run that
 * stopped is gone on with by the next one, which need not know of it.
 */
export function transferOverSsh(
  input: WireTransferInput,
  { cancel, progress }: VerbContext,
): WireTransferSummary {
  const request = requestOf(input, cancel);
  let metered: MeteredSink | undefined;
  let [looks, files] = [0, 0];
  const done = sendOverSsh(request, input.target, {
    cancel,
    onProgress: (sent) => void (files = sent.files - sent.filesPassed),
    around: (sink, protocol) => {
      metered = new MeteredSink(sink, protocol, (path) => {
        looks += 1;
        if ((looks & LOOK_MASK) !== 0) return;
        const { counts } = metered!;
        progress({
          ...{ step: 'send', bytes: counts.bytes, totalBytes: null, files, totalFiles: null },
          current: textFromBytes(path),
        });
      });
      return metered;
    },
  });
  const { path } = request.snapshot.info;
  const name = textFromBytes(path.subarray(path.lastIndexOf(0x2f) + 1));
  return {
    path: `${input.target.path.replace(/\/+$/, '')}/${name}`,
    commands: done.sent?.commands ?? 0,
    files: done.sent === undefined ? 0 : done.sent.files - done.sent.filesPassed,
    bytes: metered?.counts.bytes ?? 0,
    unverifiedBytes: done.sent?.unverifiedBytes ?? 0,
    nestedSubvolumes: [...(done.sent?.omissions.nestedSubvolumes ?? [])],
    ...{ losses: done.losses, lossCount: done.lossCount },
    ...{ farEnd: done.farEnd, resumedAt: done.resumedAt, wasThere: done.wasThere },
    records: done.records,
  };
}

/** Deletes a snapshot that was received into a folder on another machine, by its own UUID. */
export function removeOverSsh(
  { target, uuid }: { target: SshTarget; uuid: string },
  { cancel }: VerbContext,
): void {
  removeAtFarEnd(target, uuid, cancel);
}

/** The version of the stream is left to what the far end can take. */
function requestOf(input: WireTransferInput, cancel: VerbContext['cancel']) {
  const { volume, snapshot, parent, excludes, excludesOf } = transferRequest(
    { ...input, folder: '' },
    cancel,
  );
  return {
    volume,
    snapshot,
    ...(parent && { parent }),
    excludes: excludes!,
    excludesOf: excludesOf!,
  };
}
