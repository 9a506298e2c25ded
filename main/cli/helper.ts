import { denied } from '../../shared/errors.ts';
import { serveStdio } from '../service/carriers/stdio.ts';
import { openService } from '../service/open-service.ts';
import { socketPath } from '../service/socket-path.ts';
import { historyPath } from '../service/state-path.ts';
import { withoutPrograms } from '../service/without-programs.ts';
import { EXIT } from './exit-codes.ts';
import { defineCommand } from './options.ts';
import { readVersion } from './version.ts';

export const command = defineCommand({
  usage: ['helper'],
  summary: 'serves the app over standard input and output; started by it through polkit',
  details:
    'Speaks the contract and nothing else, and ends with its input. The daemon does the work where\n' +
    'it runs. Settings that name a program are refused: they are for root itself.',
  options: {},
  arguments: { least: 0, most: 0 },
  async run() {
    if (process.getuid?.() !== 0) {
      throw denied('needs-root', 'The helper runs as root, started by the app.', {
        hint: 'For a shell of your own there is: sudo dendro COMMAND',
      });
    }
    const { service } = await openService(
      {
        // pkexec lets nothing of the user's environment through.
        historyPath: historyPath(process.env, true),
        version: readVersion(),
        carrier: 'helper',
        runPlans: false,
      },
      socketPath(process.env),
    );
    await serveStdio(withoutPrograms(service), process.stdin, process.stdout);
    await service.close();
    return EXIT.ok;
  },
});
