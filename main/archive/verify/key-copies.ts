import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { DendroError } from '../../../shared/errors.ts';
import { noted, say, type Note } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { Archive } from '../folder/archive.ts';
import { alikeOf, identitiesOf, keyFilesOf, type Secrets } from '../folder/keys.ts';
import { KEY_FILE } from '../folder/names.ts';
import type { Contradiction } from './told-twice.ts';

/**
 * Whether each copy of the key that a passphrase opens is one. The last of them that is whole is
 * what the archive hangs by: as long as one is, all others may be lost unseen.
 */
export async function lookAtKeys(
  { folder, manifest }: Archive,
  { passphrase }: Secrets,
): Promise<{ readonly problems: readonly Contradiction[]; readonly notes: readonly Note[] }> {
  if ((manifest.encryption?.keyFile ?? null) === null) return { problems: [], notes: [] };
  const places = ['', ...manifest.sources.map((source) => source.folder)];
  const missing = places
    .map((place) => join(place, KEY_FILE))
    .filter((file) => !existsSync(join(folder, file)));
  const notes = missing.map((file) =>
    noted(
      'key-copy-lost',
      say`${{ file: printable(file) }} is missing: copy another ${{ name: KEY_FILE }} there.`,
    ),
  );
  const copies = alikeOf(keyFilesOf(folder));
  if (copies.length < 2) return { problems: [], notes };
  if (passphrase === undefined) {
    notes.push(
      noted(
        'key-copies-differ',
        say`The copies of ${{ name: KEY_FILE }} differ: give the passphrase to verify, and it says which one is damaged.`,
      ),
    );
    return { problems: [], notes };
  }
  const problems: Contradiction[] = [];
  for (const paths of copies) {
    if (await opens(paths[0], passphrase)) continue;
    problems.push(...paths.map((path) => damaged(relative(folder, path))));
  }
  return { problems, notes };
}

async function opens(path: string, passphrase: string): Promise<boolean> {
  try {
    return (await identitiesOf([path], { passphrase })).length > 0;
  } catch (error) {
    if (!(error instanceof DendroError)) throw error;
    return false;
  }
}

function damaged(file: string): Contradiction {
  const message = noted(
    'key-copy-damaged',
    'The passphrase does not open it, but another copy: copy that one here.',
  );
  return { code: 'key-copy', file, message };
}
