/**
 * `npm run reference`, and part of `npm run build`: docs/reference, from the table of commands and
 * the sources' errors.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { commandPages } from './command-pages.ts';
import { errorCodes } from './error-codes.ts';
import { commandsReference, errorsReference } from './reference.ts';

const top = join(import.meta.dirname, '../..');

/** Name below docs/reference and text, as it is committed. */
export async function referencePages(): Promise<Map<string, string>> {
  const tidy = (text: string) => format(text, { parser: 'markdown', singleQuote: true });
  return new Map([
    ['commands.md', await tidy(commandsReference(await commandPages()))],
    ['errors.md', await tidy(errorsReference(errorCodes(top).codes))],
  ]);
}

if (import.meta.main) {
  const folder = join(top, 'docs/reference');
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of await referencePages()) writeFileSync(join(folder, name), text);
}
