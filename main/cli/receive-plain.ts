import { usage } from '../../shared/errors.ts';
import { bytesFromText, printable, textFromBytes } from '../../shared/model/bytes-text.ts';
import { receiveFolder, type ReceiveHooks } from '../engine/receive.ts';
import type { DecodeOptions } from '../engine/stream/decode.ts';
import type { ByteSource } from '../engine/stream/decode-source.ts';

export interface PlainOptions {
  readonly privileged: boolean;
  /** 'UID:GID' that everything belongs to, or undefined to keep the numbers. */
  readonly owner: string | undefined;
  readonly say: (text: string) => void;
}

/** Losses named one by one; more are counted. */
const LOSSES_SHOWN = 20;

/** Receives into plain folders on any filesystem, and says what they could not keep. */
export function receivePlain(
  target: string,
  source: ByteSource,
  decoding: Pick<DecodeOptions, 'stopAtEnd' | 'maxErrors'>,
  hooks: ReceiveHooks,
  { privileged, owner, say }: PlainOptions,
): void {
  const mapOwner = ownerMap(owner);
  const { folders } = receiveFolder(
    { ...decoding, source, target: pathOf(target), privileged, ...(mapOwner && { mapOwner }) },
    hooks,
  );
  for (const { name, losses, lossCounts } of folders) {
    for (const { path, what } of losses.slice(0, LOSSES_SHOWN)) say(`not kept: ${path}: ${what}`);
    const all = Object.entries(lossCounts).map(([what, count]) => `${what} ${count}`);
    if (losses.length <= LOSSES_SHOWN) continue;
    say(`not kept in ${printable(textFromBytes(name))}, all told: ${all.join(', ')}`);
  }
}

function ownerMap(text: string | undefined): (() => readonly [number, number]) | undefined {
  if (text === undefined) return undefined;
  const [, uid, gid] = /^(\d+):(\d+)$/.exec(text) ?? [];
  if (uid === undefined) throw usage('bad-option', `"${text}" is not an owner, as 1000:1000.`);
  const owner = [Number(uid), Number(gid)] as const;
  return () => owner;
}

/** @throws Usage: this way in takes names that are UTF-8 */
function pathOf(target: string): string {
  if (Buffer.from(bytesFromText(target)).toString() === target) return target;
  throw usage('bad-arguments', `${printable(target)} is not UTF-8.`, {
    hint: 'Name a folder whose path is.',
  });
}
