import { bytesFromText } from '../../../shared/model/bytes-text.ts';
import type { CancelToken } from '../cancel.ts';
import { volumeFor, type VolumeInput } from '../open-volumes.ts';
import { identityOf as sentAs, streamFingerprint, type SendRequest } from '../send.ts';
import { leftoversIn } from '../sink/leftovers.ts';
import { progressOf } from '../sink/leftover.ts';
import { identityKey, identityOf } from '../sink/stream-identity.ts';
import { openSubvolume } from '../tree/index.ts';

export interface TransferInput {
  readonly volume: VolumeInput;
  readonly snapshotId: number;
  /** Both sides hold it; null sends in full. */
  readonly parentId: number | null;
  /** Absolute path of a folder on the btrfs that receives. */
  readonly folder: string;
  /** Goes on at this command, as `transferState` gave it; 0 begins anew. */
  readonly resumeFrom?: number;
}

/** How far an earlier transfer came. */
export interface TransferState {
  readonly fingerprint: string;
  readonly beganAtMs: number;
  /** Applied at the target; the next one is to be sent. */
  readonly commands: number;
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
  return { volume, snapshot, ...parent, ...transferProtocol, resumeFrom };
}

/** What an interrupted transfer left in the target folder; null when there is nothing to go on from. */
export function stateOf(request: SendRequest, folder: string): TransferState | null {
  const { snapshot, parent } = request;
  const { path } = snapshot.info;
  const own = sentAs(snapshot);
  const from = parent && sentAs(parent);
  const name = path.subarray(path.lastIndexOf(0x2f) + 1);
  const key = identityKey(identityOf(name, own.uuid, own.ctransid, from?.uuid, from?.ctransid));
  const leftover = leftoversIn(bytesFromText(folder)).find((one) => one.key === key);
  if (!leftover) return null;
  const { commands } = progressOf(leftover.resume);
  if (commands <= 1) return null;
  return { fingerprint: streamFingerprint(request), beganAtMs: leftover.beganAtMs, commands };
}
