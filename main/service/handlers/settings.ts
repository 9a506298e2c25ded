import { hostname, homedir, userInfo } from 'node:os';
import type { Handlers } from './index.ts';

type Names = 'service.info' | 'settings.get' | 'settings.set';

export const settingHandlers: Pick<Handlers, Names> = {
  'service.info': async (_, { options }) => ({
    version: options.version,
    hostName: hostname(),
    userName: userName(),
    homePath: homedir(),
    isRoot: process.getuid?.() === 0,
    carrier: options.carrier,
    historyPath: options.historyPath,
    command: commandOf(process.execPath),
  }),
  'settings.get': async (_, { history }) => history.settings.get(),
  'settings.set': async (change, { history, hub }) => {
    const settings = history.settings.set(change);
    hub.emit('settings.changed', {});
    return settings;
  },
};

/** A package puts it on PATH; a checkout and an unpacked archive have it in their own folder. */
export function commandOf(program: string): string {
  return program.startsWith('/usr/') || program.startsWith('/opt/') ? 'dendro' : './dendro';
}

/** A user without an entry in the user database, as in a container, goes by the number. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? '');
  }
}
