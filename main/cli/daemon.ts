import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { denied, usage } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import { groupId } from '../linux/groups.ts';
import { ignoreHangups } from '../linux/hangups.ts';
import { notifyManager, watchdogMs } from '../linux/service-manager.ts';
import { serveUnixSocket } from '../service/carriers/unix-socket.ts';
import { createService } from '../service/service.ts';
import { socketPath } from '../service/socket-path.ts';
import { historyPath } from '../service/state-path.ts';
import { EXIT } from './exit-codes.ts';
import { defineCommand } from './options.ts';
import { ended, leaveFolder } from './until-ended.ts';
import { readVersion } from './version.ts';
import { stderr } from '../linux/stderr.ts';

const PLAN_FILES = ['/etc/dendro/plans.toml', '/etc/dendro/plans.yaml', '/etc/dendro/plans.yml'];
/** Whose members may use the service, when the group exists. */
const GROUP = 'dendro';

export const command = defineCommand({
  usage: ['daemon [--socket PATH] [--group NAME] [--plans FILE]'],
  summary: 'the service that carries plans out while no window is open',
  details:
    'Listens on a Unix socket (default /run/dendro/dendro.sock, or DENDRO_SOCKET), which root and\n' +
    'the members of one group may use (default: "dendro", where there is such a group; who may use\n' +
    'it may read and restore everything that is backed up). Follows /etc/dendro/plans.toml or\n' +
    '.yaml. Tells systemd when it is ready, and pets its watchdog. Ends with SIGTERM: what is\n' +
    'running goes on at the next start.',
  options: {
    socket: { type: 'string', value: 'PATH', help: 'where to listen' },
    group: { type: 'string', value: 'NAME', help: 'whose members may use it' },
    plans: { type: 'string', value: 'FILE', help: 'the plan file to follow' },
  },
  arguments: { least: 0, most: 0 },
  async run({ options }) {
    // It follows its plan file by itself; systemd starts nothing again that a hangup has ended.
    ignoreHangups();
    const group = groupOf(options.group);
    const historyFile = resolve(historyPath(process.env, process.getuid?.() === 0));
    const path = resolve(options.socket ?? socketPath(process.env));
    const plans = options.plans ?? PLAN_FILES.find((file) => existsSync(file)) ?? PLAN_FILES[0]!;
    const planFile = resolve(plans);
    leaveFolder();
    const service = createService({
      historyPath: historyFile,
      version: readVersion(),
      carrier: 'socket',
      runPlans: true,
      planFile,
    });
    const served = await serveUnixSocket(service, {
      path,
      groupId: group,
      refused: ({ uid, pid }) => stderr.write(`refused: user ${uid}, process ${pid}\n`),
    }).catch(async (error: unknown) => {
      await service.close();
      throw cannotListen(path, error);
    });
    notifyManager(`READY=1\nSTATUS=Listening on ${path}`);
    const pet = watchdogMs();
    const timer = setInterval(() => notifyManager('WATCHDOG=1'), (pet ?? 60_000) / 2);
    if (pet === undefined) clearInterval(timer);
    await ended({ ofTerminal: false });
    notifyManager('STOPPING=1');
    await service.close();
    await served.close();
    clearInterval(timer);
    return EXIT.ok;
  },
});

/** @throws Usage 'unknown-group' for one that was asked for by name */
function groupOf(name: string | undefined): number | undefined {
  const id = groupId(name ?? GROUP);
  if (id !== undefined || name === undefined) return id;
  throw usage('unknown-group', say`There is no group "${{ name }}".`, {
    hint: say`Make it with: groupadd --system ${{ name }}`,
  });
}

function cannotListen(path: string, cause: unknown): Error {
  return denied(
    'cannot-listen',
    say`The service cannot listen at ${{ path }}: ${{ reason: (cause as Error).message }}.`,
    {
      hint: 'Run it as root, or name another place with --socket.',
      place: { path },
      cause,
    },
  );
}
