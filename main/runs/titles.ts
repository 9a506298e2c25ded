import { printable } from '../../shared/model/bytes-text.ts';
import { counted, noted, say, type Note } from '../../shared/said.ts';

/*
 * What runs are called. Paths and names may hold bytes that are no text; a run that is called by
 * a name alone needs no words from here.
 */

/** `Home to Blue Drive`: a drive or another computer. */
export function toPlace(what: string, place: string): Note {
  return noted(
    'title-to-place',
    say`${{ what: printable(what) }} to ${{ place: printable(place) }}`,
  );
}

export function toFolder(what: string, folder: string): Note {
  return noted(
    'title-to-folder',
    say`${{ what: printable(what) }} to ${{ folder: printable(folder) }}`,
  );
}

export function olderOn(place: string): Note {
  return noted('title-older', say`Older restore points on ${{ place: printable(place) }}`);
}

/** @param names what is restored; none for all of it */
export function restoreTitle(
  names: readonly string[],
  to: { readonly kind: 'original' | 'beside' } | { readonly kind: 'folder'; readonly path: string },
): Note {
  const what = { what: firstOf(names) };
  switch (to.kind) {
    case 'original':
      return noted('title-restore-back', say`${what} to where it was`);
    case 'beside':
      return noted('title-restore-beside', say`${what} beside where it was`);
    case 'folder':
      return noted('title-to-folder', say`${what} to ${{ folder: printable(to.path) }}`);
  }
}

/** @param names what is restored of the point; none for all of it */
export function restoreOf(names: readonly string[], point: string, folder: string): Note {
  return noted(
    'title-restore-of',
    say`${{ what: firstOf(names) }} of ${{ point: printable(point) }} to ${{ folder: printable(folder) }}`,
  );
}

function firstOf(names: readonly string[]): Note | string {
  const [name, ...rest] = names;
  if (name === undefined) return noted('title-all', 'Everything');
  const count = rest.length;
  return count === 0
    ? printable(name)
    : noted('title-and-more', say`${{ name: printable(name) }} and ${{ count }} more`);
}

export function rollBackTo(path: string): Note {
  return noted('title-roll-back', say`Roll back to ${{ path: printable(path) }}`);
}

export function drillOf(point: string, folder: string): Note {
  return noted(
    'title-drill',
    say`Restore drill: ${{ point: printable(point) }} of ${{ folder: printable(folder) }}`,
  );
}

export function lookAt(paths: readonly string[]): Note {
  return noted('title-look', say`A look at ${{ paths: paths.map(printable).join(', ') }}`);
}

export function recoverFrom(path: string): Note {
  return noted('title-recover', say`What can be restored from ${{ path: printable(path) }}`);
}

export function openedIn(count: number, folder: string): Note {
  return noted(
    'title-opened',
    say`${{ count }} ${counted(count, 'stream file', 'stream files')} opened in ${{ folder: printable(folder) }}`,
  );
}

export function damageIn(name: string): Note {
  return noted('title-damage', say`Damage in ${{ name: printable(name) }}`);
}

export function healTitle(paths: readonly string[], name: string): Note {
  const [path] = paths;
  return paths.length === 1
    ? noted(
        'title-heal-one',
        say`Heal ${{ path: printable(path!) }} in ${{ name: printable(name) }}`,
      )
    : noted(
        'title-heal',
        say`Heal ${{ count: paths.length }} files in ${{ name: printable(name) }}`,
      );
}

/** @param path of a subvolume; null for the whole volume */
export function verifyTitle(path: string | null, name: string): Note | string {
  return path === null
    ? printable(name)
    : noted('title-on', say`${{ path: printable(path) || '/' }} on ${{ name: printable(name) }}`);
}

export function compareTitle(older: string, newer: string): Note {
  return noted(
    'title-compare',
    say`${{ older: printable(older) }} against ${{ newer: printable(newer) }}`,
  );
}
