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
  }),
  'settings.get': async (_, { history }) => history.settings.get(),
  'settings.set': async (change, { history, hub }) => {
    const settings = history.settings.set(change);
    hub.emit('settings.changed', {});
    return settings;
  },
};

/** A user without an entry in the user database, as in a container, goes by the number. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? '');
  }
}
