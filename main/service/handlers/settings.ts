import { hostname, homedir, userInfo } from 'node:os';
import type { Handlers } from './index.ts';

type Names = 'service.info' | 'settings.get' | 'settings.set';

export const settingHandlers: Pick<Handlers, Names> = {
  'service.info': async (_, { options }) => ({
    version: options.version,
    hostName: hostname(),
    userName: userInfo().username,
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
