import type { DendroError } from '../../shared/errors.ts';
import { typedFs } from '../linux/libc-error.ts';
import type { CancelToken } from './cancel.ts';
import type { ReceivedSnapshot } from './sink/btrfs-receiving.ts';
import { openBtrfsSink } from './sink/btrfs-sink.ts';
import type { ReceivedFolder } from './sink/folder-receiving.ts';
import { FolderSink } from './sink/folder-sink.ts';
import type { FolderPolicy } from './sink/folder-writer.ts';
import type { CommandSink } from './stream/command-sink.ts';
import { decodeStream, type DecodeSummary } from './stream/decode.ts';
import type { ByteSource } from './stream/decode-source.ts';
import { inTurn } from './stream/in-turn.ts';

export interface ReceiveRequest {
  readonly source: ByteSource;
  /** A directory on btrfs. */
  readonly target: string | Uint8Array;
  /** `-e`: stop after the first END. */
  readonly stopAtEnd?: boolean;
  /** What follows in the source is left there for whoever reads on. */
  readonly isFrugal?: boolean;
  /** `-E`: go on after so many errors less one; 0 is no limit. Default 1. */
  readonly maxErrors?: number;
  readonly forceDecompress?: boolean;
  /** Take a parent that the sender received itself by its UUID alone, as `btrfs receive` does. */
  readonly parentByUuid?: boolean;
  /** Take a stream without END as whole. */
  readonly endOptional?: boolean;
  readonly checkpointEveryMs?: number;
  /** Kept with a leftover: what decides the stream's bytes beside its first command. */
  readonly fingerprint?: string;
  /** The sender will store a record with it, as soon as it has sent all. */
  readonly marksRecord?: boolean;
}

export interface ReceiveHooks {
  readonly cancel?: CancelToken;
  /** When the command SUBVOL or SNAPSHOT was read, before the parent is looked for. */
  readonly onSubvolume?: (name: Uint8Array, kind: 'subvol' | 'snapshot') => void;
  /** Of several in one stream, this one is there already: an earlier run received it. */
  readonly onPassedOver?: (name: Uint8Array) => void;
  /** From which command on this run applies; 0 is the whole stream. */
  readonly onResume?: (command: number) => void;
  readonly onProgress?: (bytes: number, commands: number) => void;
  /** An error that is gone on after. */
  readonly onError?: (error: DendroError) => void;
  /** Hears of each command before it is carried out; of those that are passed over, nothing. */
  readonly listener?: CommandSink & { markInexact(): void };
}

export interface ReceiveResult extends DecodeSummary {
  readonly snapshots: readonly ReceivedSnapshot[];
}

/**
 * Receives every snapshot of a stream into a directory on btrfs. All or nothing for each; an
 * interrupted one is gone on with when the same stream comes again, from its start or resumed.
 * Throws typed errors with stream offset, command and path in their place.
 */
export function receive(request: ReceiveRequest, hooks: ReceiveHooks = {}): ReceiveResult {
  const sink = openBtrfsSink(request.target, {
    ...pick(request, 'forceDecompress', 'parentByUuid', 'checkpointEveryMs'),
    ...pick(request, 'fingerprint', 'marksRecord'),
    ...pick(hooks, 'onSubvolume', 'onPassedOver', 'onResume'),
    nowMs: () => performance.now(),
    asksAdmits: true,
  });
  const admits = (index: number, checksum: number): boolean => sink.admits(index, checksum);
  const summary = decodeInto(sink, request, hooks, admits);
  return { ...summary, snapshots: sink.finish() };
}

export interface ReceiveFolderRequest extends Omit<ReceiveRequest, 'target'>, FolderPolicy {
  /** Any directory. */
  readonly target: string;
}

export interface ReceiveFolderResult extends DecodeSummary {
  readonly folders: readonly ReceivedFolder[];
}

/**
 * Receives into plain folders on any filesystem; what they cannot keep is reported, and kept in
 * a sidecar from which `sendFolder` makes the whole snapshot again.
 */
export function receiveFolder(
  request: ReceiveFolderRequest,
  hooks: ReceiveHooks = {},
): ReceiveFolderResult {
  const sink = new FolderSink(request.target, {
    ...pick(request, 'privileged', 'mapOwner', 'checkpointEveryMs'),
    ...pick(hooks, 'onSubvolume', 'onPassedOver', 'onResume'),
    nowMs: () => performance.now(),
    asksAdmits: true,
  });
  const admits = (index: number, checksum: number): boolean => sink.admits(index, checksum);
  const summary = decodeInto(sink, request, hooks, admits);
  return { ...summary, folders: sink.finish() };
}

function decodeInto(
  sink: CommandSink & { abort(error: unknown): void; markInexact(): void },
  request: Omit<ReceiveRequest, 'target'>,
  hooks: ReceiveHooks,
  admits: (index: number, checksum: number) => boolean,
): DecodeSummary {
  const { listener } = hooks;
  const heard = listener === undefined ? sink : inTurn(listener, sink);
  try {
    return decodeStream(request.source, heard, {
      ...pick(request, 'stopAtEnd', 'isFrugal', 'maxErrors', 'endOptional'),
      ...pick(hooks, 'cancel', 'onProgress'),
      admits,
      onError: (error) => {
        sink.markInexact();
        listener?.markInexact();
        hooks.onError?.(error);
      },
    });
  } catch (cause) {
    const error = typedFs(cause);
    sink.abort(error);
    throw error;
  }
}

function pick<T, K extends keyof T>(from: T, ...keys: K[]): Pick<T, K> {
  const out = {} as Pick<T, K>;
  for (const key of keys) if (from[key] !== undefined) out[key] = from[key];
  return out;
}

export type { ReceivedSnapshot } from './sink/btrfs-receiving.ts';
export { openBtrfsSink, type BtrfsSink } from './sink/btrfs-sink.ts';
export { sendFolder } from './sink/folder-restore.ts';
export type { ReceivedFolder } from './sink/folder-receiving.ts';
export { FolderSink } from './sink/folder-sink.ts';
export { progressOf, type Leftover } from './sink/leftover.ts';
export {
  agree,
  cleanLeftovers,
  leftoversIn,
  resumePoint,
  type ResumePoint,
} from './sink/leftovers.ts';
export { identityOf, type StreamIdentity } from './sink/stream-identity.ts';
