import { printable } from '../../../shared/model/bytes-text.ts';
import { counted, noted, say, textOf, type Note } from '../../../shared/said.ts';
import type { HealFile, HealOutcome } from '../../../shared/model/heal.ts';
import type { DamageLook } from '../../places/heal/look-for-damage.ts';
import { moment, size } from '../output.ts';

const HOW = {
  checksum: 'by its checksums',
  'same-file': 'by its size, time and all other bytes',
  none: 'not the same bytes',
} as const;

const MIRRORED_SHOWN = 20;

/** A line for each damaged file, and below it one for each point that has something of it. */
export function lookLines(look: DamageLook): string[] {
  const { files, filesLeftOut, filesChecked, bytesChecked, placesLooked } = look;
  const { mirrored, mirroredCount } = look;
  const damaged = files.length + filesLeftOut;
  return [
    ...files.flatMap(fileLines),
    ...(filesLeftOut > 0
      ? [`and ${filesLeftOut} more damaged ${counted(filesLeftOut, 'file', 'files')}`]
      : []),
    ...mirrored
      .slice(0, MIRRORED_SHOWN)
      .map((path) => `bad in one copy, good in another of this volume: ${printable(path)}`),
    ...(mirroredCount > MIRRORED_SHOWN ? [`and ${mirroredCount - MIRRORED_SHOWN} more`] : []),
    ...(mirroredCount > 0 ? ['  (btrfs scrub start heals what is good in another copy)'] : []),
    `${filesChecked} ${counted(filesChecked, 'file', 'files')}, ${size(bytesChecked)} read; ${damaged} damaged${damaged > 0 ? `; ${placesLooked} ${counted(placesLooked, 'point', 'points')} looked into` : ''}`,
  ];
}

function fileLines({ path, lost, lostBytes, copies, isHealable }: HealFile): string[] {
  const ranges = lost.slice(0, 5).map(({ offset, lengthBytes }) => `${offset}+${lengthBytes}`);
  const more = lost.length > ranges.length ? `, and ${lost.length - ranges.length} more` : '';
  const good = copies.filter(({ goodBytes }) => goodBytes > 0);
  const state = isHealable ? '' : good.length > 0 ? '  (in part only)' : '  (no good copy here)';
  return [
    `damaged: ${printable(path)}: ${size(lostBytes)} at ${ranges.join(', ')}${more}${state}`,
    ...good.map(({ name, where, takenAtMs, proof, goodBytes }) => {
      const when = takenAtMs === null ? '' : `  ${moment(takenAtMs)}`;
      const part = goodBytes < lostBytes ? `  ${size(goodBytes)} of it` : '';
      const place = where === '' ? '' : ` on ${printable(where)}`;
      return `  good in ${printable(name)}${place}${when}${part}  (${HOW[proof]})`;
    }),
  ];
}

export function outcomeLines(outcome: HealOutcome): string[] {
  return outcomeNotes(outcome).map(textOf);
}

/** What became of each file. */
export function outcomeNotes({ files }: HealOutcome): Note[] {
  return files.map(({ path, state, healedBytes, from, reason }) => {
    const at = { path: printable(path) };
    const healed = { bytes: size(healedBytes) };
    const names = { names: from.map(printable).join(', ') };
    if (state === 'good') return noted('heal-good', say`good already: ${at}`);
    if (state === 'healed') return noted('heal-done', say`healed: ${at}: ${healed} from ${names}`);
    const why = { reason: reason ?? '' };
    return state === 'partly'
      ? noted('heal-partly', say`not healed: ${at}: ${healed} healed from ${names}; ${why}`)
      : noted('heal-failed', say`not healed: ${at}: ${why}`);
  });
}
