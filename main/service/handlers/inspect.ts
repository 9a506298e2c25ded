import type { Handlers } from './index.ts';

type Names =
  | 'volumes.inspect'
  | 'entry.stat'
  | 'entries.match'
  | 'changes.since'
  | 'space.bill'
  | 'space.freed';

export const inspectHandlers: Pick<Handlers, Names> = {
  'volumes.inspect': async ({ volumeId }, { volumes, engine }) => {
    const { input } = await volumes.get(volumeId);
    return engine.run('inspectVolume', { volume: { ...input, sync: 'none' } });
  },
  'entry.stat': async ({ volumeId, ...rest }, { volumes, engine }) =>
    engine.run('statEntry', { volume: (await volumes.get(volumeId)).input, ...rest }),

  // These read much of the metadata: not in the way of short questions.
  'entries.match': async ({ volumeId, ...rest }, { volumes, withEngine }) => {
    const { input } = await volumes.get(volumeId);
    return withEngine((engine) => engine.run('matchNames', { volume: input, ...rest }));
  },
  'changes.since': async ({ volumeId, ...rest }, { volumes, withEngine }) => {
    const { input } = await volumes.get(volumeId);
    return withEngine((engine) => engine.run('changesSince', { volume: input, ...rest }));
  },
  'space.bill': async ({ volumeId }, { volumes, withEngine }) => {
    const { input } = await volumes.get(volumeId);
    return withEngine((engine) => engine.run('spaceBill', { volume: input }));
  },
  'space.freed': async ({ volumeId, subvolumeIds }, { volumes, withEngine }) => {
    const { input } = await volumes.get(volumeId);
    return withEngine((engine) => engine.run('spaceFreed', { volume: input, subvolumeIds }));
  },
};
