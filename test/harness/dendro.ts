import { join, resolve } from 'node:path';

const top = join(import.meta.dirname, '../..');
/**
 * `npm test` names one that is laid out as a package installs it, from the build before the tests:
 * it starts in half the time. A test that is run by itself takes the sources.
 */
const installed = process.env['DENDRO_LAUNCHER'];

/** The launcher of the command line: what a person would type. */
export const dendro = installed ?? join(top, 'dendro');

/** What the launcher has Node run. */
export const entry =
  installed === undefined
    ? join(top, 'main/cli/dendro.ts')
    : resolve(installed, '../../lib/dendro/out/main/cli/dendro.js');
