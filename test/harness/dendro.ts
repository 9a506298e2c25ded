import { join } from 'node:path';

/** The launcher of the command line: what a person would type. */
export const dendro = join(import.meta.dirname, '../../dendro');
