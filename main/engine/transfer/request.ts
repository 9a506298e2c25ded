import { bytesFromText } from '../../../shared/model/bytes-text.ts';
import type { CancelToken } from '../cancel.ts';
import { volumeFor, type VolumeInput } from '../open-volumes.ts';
import { excludesAt, identityOf as sentAs, streamFingerprint } from '../send-identity.ts';
import type { SendRequest } from '../send.ts';
import type { CopyForm } from '../sink/copy-forms.ts';
import { leftoversIn } from '../sink/leftovers.ts';
import { progressOf, type Leftover } from '../sink/leftover.ts';
import { identityKey, identityOf } from '../sink/stream-identity.ts';
import { activePatterns } from '../stream/exclude.ts';
import { openSubvolume } from '../tree/index.ts';
import { uuidText } from '../verbs/uuid-text.ts';

export interface TransferInput {
  readonly volume: VolumeInput;
  readonly snapshotId: number;
  /** Both sides hold it; null sends in full. */
  readonly parentId: number | null;
  /** Patterns of gitignore(5): left out. */
  readonly excludes?: readonly string[];
  /** What the receiver has the parent without; default nothing. */
  readonly parentExcludes?: readonly string[];
  /** Absolute path of a folder on the btrfs that receives. */
  readonly folder: string;
  /** Goes on at this command, as `transferState` gave it; 0 begins anew. */
  readonly resumeFrom?: number;
}

/** What tells one transfer from another, and how far an earlier one came. */
export interface TransferState {
  readonly fingerprint: string;
  /** Names what it leaves in the target folder. */
  readonly key: string;
  readonly leftover: {
    readonly beganAtMs: number;
    /** Applied at the target; the next one is to be sent. */
    readonly commands: number;
    /** All was applied: only its place is due. */
    readonly isComplete: boolean;
    /** Made by a transfer, not by a stream of the same snapshot, whose commands may be others. */
    readonly isTransfer: boolean;
  } | null;
}

/**
 * How a snapshot goes from one volume to another on the same computer: compressed data as it
 * is, large writes, file attributes and the time of birth.
 */
export const transferProtocol = { protocol: 2, compressedData: true } as const;

export function transferRequest(input: TransferInput, cancel: CancelToken): SendRequest {
  const volume = volumeFor(input.volume, cancel);
  const snapshot = openSubvolume(volume, input.snapshotId);
  const parent = input.parentId === null ? {} : { parent: openSubvolume(volume, input.parentId) };
  const resumeFrom = input.resumeFrom ?? 0;
  const { excludes = [], parentExcludes = [] } = input;
  const without = { excludes, excludesOf: () => parentExcludes };
  return { volume, snapshot, ...parent, ...transferProtocol, ...without, resumeFrom };
}

/** What is noted beside a copy that will lack something. */
export function formOf({ snapshot, excludes = [] }: SendRequest): CopyForm | undefined {
  if (activePatterns(excludes).length === 0) return undefined;
  return { snapshotUuid: uuidText(sentAs(snapshot).uuid)!, excludes };
}

export function stateOf(request: SendRequest, folder: string): TransferState {
  const { snapshot, parent } = request;
  const { path } = snapshot.info;
  const own = sentAs(snapshot, request.excludes);
  const from = parent && sentAs(parent, excludesAt(request, parent));
  const name = path.subarray(path.lastIndexOf(0x2f) + 1);
  const key = identityKey(identityOf(name, own.uuid, own.ctransid, from?.uuid, from?.ctransid));
  const found = leftoversIn(bytesFromText(folder)).find((one) => one.key === key);
  return { fingerprint: streamFingerprint(request), key, leftover: found ? facts(found) : null };
}

function facts({ resume, beganAtMs }: Leftover): TransferState['leftover'] {
  const { commands, hash } = progressOf(resume);
  const isComplete = resume.kind === 'complete';
  return { beganAtMs, commands, isComplete, isTransfer: hash === 0 };
}
