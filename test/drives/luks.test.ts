import { createClient, defineInterface, type MessageBus } from 'dbus-native';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBus } from '../../main/dbus/bus.ts';
import { DriveMounts } from '../../main/drives/drive-mounts.ts';
import { Drives } from '../../main/drives/drives.ts';
import { openSecretStore } from '../../main/drives/secret-store.ts';
import { openUdisks } from '../../main/drives/udisks.ts';
import { openHistory, type History } from '../../main/history/history.ts';
import { describeKernel } from '../harness/kernel.ts';
import { startMessageBus, type TestMessageBus } from '../harness/message-bus.ts';
import { run, runText } from '../harness/run.ts';
import { TestDisks } from './disks.ts';
import { keyringPeer } from './keyring-peer.ts';

/**
 * A real LUKS header on a loop device; UDisks2 is played by a peer on a real bus, since opening
 * LUKS needs the kernel's device mapper. What is "inside" is another loop device.
 */
const ROOT = '/org/freedesktop/UDisks2';
let disks: TestDisks;
let daemon: TestMessageBus;
let peer: MessageBus;
let history: History;
let drives: Drives;
let outer: string;
let inner: string;
let outerUuid: string;
const log: string[] = [];

beforeAll(async () => {
  if (process.getuid?.() !== 0) return;
  disks = new TestDisks();
  const image = disks.image('outer', 64);
  const options = ['--type', 'luks2', '--pbkdf', 'pbkdf2', '--pbkdf-force-iterations', '1000'];
  run('cryptsetup', ['luksFormat', ...options, '-q', image, '-'], { input: 'secret' });
  outer = disks.plug(image);
  inner = disks.plug(disks.formatted('inner', 'mkfs.btrfs', ['-q', '-L', 'Locked Drive']));
  outerUuid = runText('blkid', ['-p', '-s', 'UUID', '-o', 'value', outer]);
  daemon = await startMessageBus();
  peer = createClient({ busAddress: daemon.address });
  await exportUdisks();
  await keyringPeer(peer);
  history = openHistory(':memory:');
  const connect = () => openBus({ address: daemon.address });
  drives = new Drives({
    history: history.drives,
    nowMs: () => 1,
    mounts: new DriveMounts(`${disks.folder}/mounts`, () => openUdisks(connect)),
    secrets: () => openSecretStore(connect),
  });
});
afterAll(async () => {
  history?.close();
  await peer?.close();
  await daemon?.close();
  disks?.close();
});

async function exportUdisks(): Promise<void> {
  const failed = (text: string): Error =>
    Object.assign(new Error(text), { dbusName: 'org.freedesktop.UDisks2.Error.Failed' });
  const block = (path: string, device: string, usage: string) =>
    peer.export(
      path,
      defineInterface({
        name: 'org.freedesktop.UDisks2.Block',
        properties: {
          Device: { type: 'ay', access: 'read', value: Buffer.from(`${device}\0`) },
          IdUsage: { type: 's', access: 'read', value: usage },
          Drive: { type: 'o', access: 'read', value: '/' },
        },
      }),
    );
  const paths = new Map([
    [outer, `${ROOT}/block_devices/outer`],
    [inner, `${ROOT}/block_devices/inner`],
  ]);
  await block(paths.get(outer)!, outer, 'crypto');
  await block(paths.get(inner)!, inner, 'filesystem');
  await peer.export(
    `${ROOT}/Manager`,
    defineInterface({
      name: 'org.freedesktop.UDisks2.Manager',
      methods: {
        ResolveDevice: {
          in: { spec: 'a{sv}', options: 'a{sv}' },
          out: { devices: 'ao' },
          handler: ({ spec }) => [paths.get(String(spec.path))].filter(Boolean),
        },
      },
    }),
  );
  await peer.export(
    paths.get(outer)!,
    defineInterface({
      name: 'org.freedesktop.UDisks2.Encrypted',
      methods: {
        Unlock: {
          in: { passphrase: 's', options: 'a{sv}' },
          out: { device: 'o' },
          handler: ({ passphrase }) => {
            log.push('unlock');
            if (passphrase === 'secret') return paths.get(inner);
            throw failed('Error unlocking: Failed to activate device: Incorrect passphrase.');
          },
        },
        Lock: { in: { options: 'a{sv}' }, out: {}, handler: () => void log.push('lock') },
      },
    }),
  );
  await peer.export(
    paths.get(inner)!,
    defineInterface({
      name: 'org.freedesktop.UDisks2.Filesystem',
      methods: {
        Mount: {
          in: { options: 'a{sv}' },
          out: { path: 's' },
          handler: () => {
            log.push('mount');
            return disks.mount(inner, 'unlocked');
          },
        },
        Unmount: {
          in: { options: 'a{sv}' },
          out: {},
          handler: () => {
            log.push('unmount');
            disks.unmount(`${disks.folder}/unlocked`);
          },
        },
      },
    }),
  );
  await peer.ownName('org.freedesktop.UDisks2');
}

describeKernel('an encrypted drive', () => {
  const wishes = { mayMount: true, afterRun: 'power-off' } as const;
  const begin = (passphrase?: string) =>
    drives.mountFor(
      `luks:${outerUuid}`,
      passphrase === undefined ? wishes : { ...wishes, passphrase },
    );

  it('needs its passphrase, and says when it is wrong', async () => {
    await expect(begin()).rejects.toMatchObject({ kind: 'Denied', code: 'passphrase-needed' });
    await expect(begin('wrong')).rejects.toMatchObject({
      kind: 'Denied',
      code: 'passphrase-wrong',
    });
    expect(log).toEqual(['unlock']);
  });

  it('is unlocked and mounted for the run, unmounted and locked after', async () => {
    log.length = 0;
    const lease = await begin('secret');
    expect(lease.name).toBe('Locked Drive');
    expect(await lease.release()).toEqual({ safeToUnplug: true, state: 'unmounted' });
    expect(log).toEqual(['unlock', 'mount', 'unmount', 'lock']);
  });

  it('is known by what it holds, also while it is locked', async () => {
    const innerUuid = runText('blkid', ['-p', '-s', 'UUID', '-o', 'value', inner]);
    await disks.unplug(inner);
    const known = (await drives.list()).filter(({ driveId }) => driveId === innerUuid);
    expect(known).toMatchObject([{ state: 'locked', name: 'Locked Drive', known: true }]);
    inner = disks.plug(`${disks.folder}/inner`);
  });

  it('opens with the passphrase that the keyring keeps, and no longer once it is dropped', async () => {
    const innerUuid = runText('blkid', ['-p', '-s', 'UUID', '-o', 'value', inner]);
    expect(await drives.keepPassphrase(outerUuid, 'Locked Drive', 'secret')).toBe(true);
    await drives.change(innerUuid, { passphrase: 'keyring' });
    const store = (await openSecretStore(() => openBus({ address: daemon.address })))!;
    expect(await store.find(outerUuid)).toBe('secret');
    expect(await store.find('another')).toBeUndefined();
    await drives.change(innerUuid, { passphrase: 'ask' });
    expect(await store.find(outerUuid)).toBeUndefined();
    await store.close();
  });
});
