import { resolve } from 'node:path';
import type { Handlers } from './index.ts';

type Names = 'volumes.list' | 'volumes.add' | 'volumes.forget';

export const volumeHandlers: Pick<Handlers, Names> = {
  'volumes.list': async (_, { volumes }) => (await volumes.list()).map(({ volume }) => volume),
  'volumes.add': async ({ path }, { volumes, history, hub, nowMs }) => {
    const full = resolve(path);
    const { volume } = await volumes.open(full);
    history.points.volumeSeen(volume.volumeId, volume.name, nowMs(), full);
    hub.emit('volumes.changed', {});
    return volume;
  },
  'volumes.forget': async ({ volumeId }, { history, hub }) => {
    history.points.forgetVolume(volumeId);
    hub.emit('volumes.changed', {});
    return {};
  },
};
