import { eachInArchive } from '../../archive/verbs/browse.ts';
import { plainContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { defineCommand, jsonOption } from '../options.ts';
import { jsonPaths, plainPaths } from './path-output.ts';
import { archiveFolder } from './run-verb.ts';
import { secretOptions, withSecrets } from './secrets.ts';

export const command = defineCommand({
  usage: ['archive find [--ignore-case] [--json] FOLDER POINT PATTERN'],
  summary: 'finds names in a restore point of an archive',
  details:
    'PATTERN is a shell pattern for the last part of a path: * ? [a-z]; without any of these it\n' +
    'is part of a name. POINT as in: dendro archive ls --help. Exits with 1 when nothing is found.',
  options: {
    ...jsonOption,
    'ignore-case': { type: 'boolean', help: 'case of ASCII letters does not matter' },
    below: { type: 'string', value: 'PATH', help: 'only what lies below PATH' },
    ...secretOptions,
  },
  arguments: { least: 3, most: 3 },
  async run({ options, positionals: [folder, point, pattern] }) {
    const found = await withSecrets(options, (secrets) => {
      const input = {
        ...{ folder: archiveFolder(folder!), point: point!, pattern: pattern!, secrets },
        ignoreCase: options['ignore-case'] === true,
        ...(options.below !== undefined && { below: options.below }),
      };
      const out = options.json ? jsonPaths() : plainPaths();
      return out.whole(() => eachInArchive(input, plainContext(), out.take));
    });
    return found === 0 ? EXIT.no : EXIT.ok;
  },
});
