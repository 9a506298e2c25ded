import type { Handlers } from './index.ts';

type Names =
  | 'catalogue.find'
  | 'catalogue.status'
  | 'catalogue.update'
  | 'catalogue.switch'
  | 'catalogue.rebuild';

export const catalogueHandlers: Pick<Handlers, Names> = {
  'catalogue.find': async (query, { catalogue, volumes }) => {
    await catalogue.lookAround();
    return { entries: await catalogue.find(query, await volumes.known()) };
  },

  'catalogue.status': async (_, { catalogue }) => {
    const { count: waiting } = await catalogue.waiting();
    return { ...(await catalogue.threads.status()), waiting };
  },

  'catalogue.update': async (_, { catalogue }) => {
    const taken = await catalogue.update();
    return { points: taken.length, inodes: taken.reduce((sum, { inodes }) => sum + inodes, 0) };
  },

  'catalogue.switch': async ({ sourceUuid, isOff }, { catalogue }) => {
    await catalogue.threads.setOff(sourceUuid, isOff);
    return {};
  },

  'catalogue.rebuild': async ({ sourceUuid }, { catalogue }) => {
    await catalogue.threads.forget(sourceUuid);
    const taken = await catalogue.update();
    return { points: taken.length, inodes: taken.reduce((sum, { inodes }) => sum + inodes, 0) };
  },
};
