/** The manual and the completions of shells, from the table of commands, into out/manual. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readVersion } from '../../main/cli/version.ts';
import { sourceDate } from '../build/source-date.ts';
import { commandPages } from './command-pages.ts';
import { bashCompletion, fishCompletion, zshCompletion } from './completions.ts';
import { manPages } from './man-page.ts';

const top = join(import.meta.dirname, '../..');
const target = join(top, 'out/manual');

const pages = await commandPages();
const date = new Date(sourceDate(top, process.env) * 1_000).toISOString().slice(0, 10);
const files = new Map([
  ...[...manPages(pages, { version: readVersion(), date })].map(
    ([name, text]) => [`man1/${name}`, text] as const,
  ),
  ['completions/dendro.bash', bashCompletion(pages)] as const,
  ['completions/_dendro', zshCompletion(pages)] as const,
  ['completions/dendro.fish', fishCompletion(pages)] as const,
]);
rmSync(target, { recursive: true, force: true });
for (const [name, text] of files) {
  mkdirSync(dirname(join(target, name)), { recursive: true });
  writeFileSync(join(target, name), text);
}
