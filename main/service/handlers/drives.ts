import { conflict } from '../../../shared/errors.ts';
import type { Drive } from '../../../shared/model/drive.ts';
import type { Context } from '../context.ts';
import type { Handlers } from './index.ts';

type Names = 'drives.list' | 'drives.mount' | 'drives.change' | 'drives.release' | 'drives.forget';

export const driveHandlers: Pick<Handlers, Names> = {
  'drives.list': (_, { drives }) => drives.list(),

  'drives.mount': async ({ driveId, passphrase, keep }, context) => {
    const { drives } = context;
    const lease = await drives.mountFor(driveId, {
      mayMount: true,
      afterRun: 'leave',
      ...(passphrase === undefined ? {} : { passphrase }),
    });
    await lease.release();
    const drive = await mountedAt(lease.mountPath, context);
    if (!keep || passphrase === undefined || !drive.luks) return { drive, kept: false };
    const kept = await drives.keepPassphrase(drive.luks.uuid, drive.name, passphrase);
    if (kept) await drives.change(drive.driveId, { passphrase: 'keyring' });
    return { drive: await mountedAt(lease.mountPath, context), kept };
  },

  'drives.change': async ({ driveId, name, passphrase }, { drives }) => {
    await drives.change(driveId, {
      ...(name === undefined ? {} : { name }),
      ...(passphrase === undefined ? {} : { passphrase }),
    });
    return {};
  },

  'drives.release': async ({ driveId }, context) => {
    const released = await context.drives.release(driveId);
    context.hub.emit('volumes.changed', {});
    return released;
  },

  'drives.forget': async ({ driveId }, { drives }) => {
    await drives.forget(driveId);
    return {};
  },
};

/** A drive that was locked has another id once what it holds is known. */
async function mountedAt(mountPath: string, { drives, hub }: Context): Promise<Drive> {
  hub.emit('volumes.changed', {});
  const drive = (await drives.list()).find(({ mounts }) => mounts.includes(mountPath));
  if (drive) return drive;
  throw conflict('drive-away', 'The drive has just gone.', { hint: 'Plug it in again.' });
}
