import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { conflict, usage } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import { serveWebSocket } from '../service/carriers/websocket.ts';
import { openService } from '../service/open-service.ts';
import { socketPath } from '../service/socket-path.ts';
import { historyPath } from '../service/state-path.ts';
import { EXIT } from './exit-codes.ts';
import { defineCommand, jsonOption } from './options.ts';
import { printJson } from './output.ts';
import { ended, leaveFolder } from './until-ended.ts';
import { readVersion } from './version.ts';
import { print } from './print.ts';

export const command = defineCommand({
  usage: ['serve [--port N] [--json]'],
  summary: 'serves the page on this computer and carries plans out, until it is ended',
  details:
    'Uses the daemon when it runs, else carries plans out itself.\n' +
    'Prints the address, with the token that opens it; only this computer can reach it.\n' +
    'Ends with Ctrl-C: what is running is cancelled and cleaned up first.',
  options: {
    ...jsonOption,
    port: { type: 'string', value: 'N', help: 'default: any free port' },
  },
  arguments: { least: 0, most: 0 },
  async run({ options }) {
    const pageFolder = builtPage();
    const historyFile = resolve(historyPath(process.env, process.getuid?.() === 0));
    const socket = resolve(socketPath(process.env));
    leaveFolder();
    const { service } = await openService(
      {
        historyPath: historyFile,
        version: readVersion(),
        carrier: 'websocket',
        runPlans: true,
      },
      socket,
    );
    const served = await serveWebSocket(service, { port: portOf(options.port), pageFolder });
    try {
      if (options.json) printJson({ url: served.url });
      else print(`${served.url}\n`);
      await ended({ ofTerminal: true });
    } finally {
      await service.close();
      await served.close();
    }
    return EXIT.ok;
  },
});

function portOf(text = '0'): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw usage('bad-port', say`"${{ text }}" is not a port.`, { hint: 'A number from 0 to 65535.' });
}

/** out/renderer at the top of the installation, which is one folder higher when transpiled. */
function builtPage(): string {
  const folders = ['../../out/renderer/', '../../renderer/', '../../../out/renderer/'];
  const found = folders
    .map((folder) => fileURLToPath(new URL(folder, import.meta.url)))
    .find((folder) => existsSync(`${folder}index.html`) && existsSync(`${folder}assets`));
  if (found !== undefined) return found;
  throw conflict('page-not-built', 'The page has not been built yet.', {
    hint: 'Run: npm run build',
  });
}
