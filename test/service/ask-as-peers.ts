import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { serveUnixSocket } from '../../main/service/carriers/unix-socket.ts';
import type { Service } from '../../main/service/service.ts';

/**
 * A process of its own: serves a socket for a group, and prints what users with other rights
 * are answered, a line each. Arguments: path, group.
 */
const [path, group] = [process.argv[2]!, Number(process.argv[3])];
const service: Service = {
  call: async () => 'answered',
  subscribe: () => () => undefined,
  close: async () => undefined,
};
const served = await serveUnixSocket(service, { path, groupId: group });
// Open to all as a file: the check of the peer is what is left.
chmodSync(path, 0o666);
for (const [gid, groups] of [
  [65_534, []],
  [65_534, [group]],
  [group, []],
] as const) {
  const program = `
    process.setgroups(${JSON.stringify(groups)});
    process.setgid(${gid});
    process.setuid(65534);
    const socket = require('node:net').connect(${JSON.stringify(path)});
    socket.write(JSON.stringify({ id: 1, call: 'service.info', input: {} }) + '\\n');
    socket.once('data', (data) => { process.stdout.write(data); process.exit(); });`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.pipe(process.stdout, { end: false });
  await once(child, 'close');
}
await served.close();
