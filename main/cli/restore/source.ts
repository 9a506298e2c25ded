import { textFromBytes } from '../../../shared/model/bytes-text.ts';
import { volumeFor, type VolumeInput } from '../../engine/open-volumes.ts';
import { openSubvolume, type Subvolume } from '../../engine/tree/index.ts';
import { foundAt } from '../place-subvolume.ts';
import { placeOf } from '../place.ts';

/** What an argument names: something in a subvolume of a volume. */
export interface RestoreSource {
  readonly volume: VolumeInput;
  /** The innermost subvolume that the path leads into. */
  readonly subvolume: Subvolume;
  /** From its top; '' is all of it. Text that keeps its bytes. */
  readonly path: string;
  /** What to call it: its own last name, of a whole subvolume that of the argument. */
  readonly name: string;
}

/** @throws Conflict 'not-found', 'path-not-found' */
export function restoreSource(text: string): RestoreSource {
  const place = placeOf(text);
  const clean = place.path.replace(/\/+$/, '');
  const { subvolume } = foundAt(place);
  const outer = openSubvolume(volumeFor(place.volume), place.subvolumeId);
  const prefix =
    subvolume.id === outer.id
      ? ''
      : textFromBytes(subvolume.info.path).slice(
          outer.info.path.length === 0 ? 0 : textFromBytes(outer.info.path).length + 1,
        );
  const path = prefix === '' ? clean : clean.slice(prefix.length + 1);
  const name = clean.slice(clean.lastIndexOf('/') + 1) || lastName(text);
  return { volume: place.volume, subvolume, path, name };
}

/** What to call a whole subvolume: the last part of how it was named. */
function lastName(text: string): string {
  const name = text.replace(/[/:]+$/, '');
  return name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf(':')) + 1) || 'restored';
}
