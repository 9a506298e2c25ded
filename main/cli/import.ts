import { usage } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import { EXIT } from './exit-codes.ts';
import { defineCommand } from './options.ts';
import { printJson, printLines } from './output.ts';
import { withService } from './with-service.ts';
import { stderr } from '../linux/stderr.ts';

export const command = defineCommand({
  usage: ['import [--json] [--create] btrbk|snapper [FILE]'],
  summary: 'plans out of the configuration of btrbk or Snapper',
  details:
    'Shows the plans that the configuration means; --create saves them, switched off, so that you\n' +
    'can look at them and stop the other tool first. Their snapshots stay, and are adopted.',
  options: {
    json: { type: 'boolean', help: 'print JSON, the shape of shared/model' },
    create: { type: 'boolean', help: 'save the plans' },
  },
  arguments: { least: 1, most: 2 },
  run: ({ options, positionals: [tool, path] }) =>
    withService(async (client) => {
      if (tool !== 'btrbk' && tool !== 'snapper') {
        throw usage(
          'bad-arguments',
          say`dendro import knows btrbk and snapper, not "${{ tool }}".`,
        );
      }
      const { drafts, notes } = await client.call('otherTools.plans', {
        tool,
        ...(path === undefined ? {} : { path }),
      });
      if (options.create) for (const draft of drafts) await client.call('plans.create', draft);
      if (options.json) printJson({ drafts, notes });
      else {
        printLines(drafts.map(({ name, targets }) => `${name}: ${targets.length} targets`));
        for (const note of notes) stderr.write(`${note.text}\n`);
      }
      return drafts.length > 0 ? EXIT.ok : EXIT.no;
    }),
});
