import { ownerMap } from './owner-map.ts';
import { usage } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import { bytesFromText, printable, textFromBytes } from '../../shared/model/bytes-text.ts';
import { receiveFolder, type ReceiveHooks } from '../engine/receive.ts';
import { assertThere } from '../engine/sink/assert-target.ts';
import type { DecodeOptions } from '../engine/stream/decode.ts';
import type { ByteSource } from '../engine/stream/decode-source.ts';

export interface PlainOptions {
  readonly privileged: boolean;
  /** 'UID:GID' that everything belongs to, or undefined to keep the numbers. */
  readonly owner: string | undefined;
  /** 'FROM:TO' each: another machine's numbers, and who that is here. */
  readonly users: readonly string[];
  readonly groups: readonly string[];
  readonly say: (text: string) => void;
}

/** Losses named one by one; more are counted. */
const LOSSES_SHOWN = 20;

/**
 * Receives into plain folders on any filesystem, and says what they could not keep.
 * @returns how many commands failed and were gone on after
 */
export function receivePlain(
  target: string,
  source: ByteSource,
  decoding: Pick<DecodeOptions, 'stopAtEnd' | 'isFrugal' | 'maxErrors' | 'endOptional'>,
  hooks: ReceiveHooks,
  { privileged, say, ...owners }: PlainOptions,
): number {
  const mapOwner = ownerMap(owners);
  const { folders, errors } = receiveFolder(
    { ...decoding, source, target: pathOf(target), privileged, ...(mapOwner && { mapOwner }) },
    hooks,
  );
  for (const { name, losses, lossCounts } of folders) {
    for (const { path, what } of losses.slice(0, LOSSES_SHOWN))
      say(`not kept: ${path}: ${what.text}`);
    const all = Object.entries(lossCounts).map(([what, count]) => `${what} ${count}`);
    if (losses.length <= LOSSES_SHOWN) continue;
    say(`not kept in ${printable(textFromBytes(name))}, all told: ${all.join(', ')}`);
  }
  return errors;
}

/** @throws Usage: this way in takes names that are UTF-8 */
function pathOf(target: string): string {
  assertThere(bytesFromText(target));
  if (Buffer.from(bytesFromText(target)).toString() === target) return target;
  throw usage('bad-arguments', say`${{ target: printable(target) }} is not UTF-8.`, {
    hint: 'Name a folder whose path is.',
  });
}
