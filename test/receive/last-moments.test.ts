import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cleanLeftovers } from '../../main/engine/receive.ts';
import { commitTrees, isReadOnlySubvolume, subvolumeInfo } from '../../main/linux/btrfs-ioctl.ts';
import { closeFd, cString, O_DIRECTORY, O_RDONLY, openPath } from '../../main/linux/files.ts';
import { libc } from '../../main/linux/libc.ts';
import { dendro } from '../harness/dendro.ts';
import { fillTree } from '../harness/fill.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { changesOfReceive } from './kill-receive.ts';
import {
  differences,
  goingOn,
  kernelStream,
  receiveBytes,
  takeSnapshot,
} from './receive-harness.ts';

/** Between the last command and the end. */
const LAST_CHANGES = 14;

describeKernel('the last moments of a receive', () => {
  let source: TestBtrfs;
  const at = (name: string) => `${source.dir}/${name}`;
  let stream: Buffer;
  let barred: Buffer;
  beforeAll(() => {
    source = makeBtrfs({ sizeMiB: 512 });
    run('btrfs', ['subvolume', 'create', at('live')]);
    fillTree(at('live'), { files: 40 });
    takeSnapshot(at('live'), at('one'));
    stream = kernelStream(at('one'), '--proto', '2');
    run('btrfs', ['subvolume', 'create', at('barred')]);
    writeFileSync(at('barred/file'), 'in a folder that may not change');
    run('chattr', ['+i', at('barred')]);
    takeSnapshot(at('barred'), at('fixed'));
    barred = run(dendro, ['send', '-q', '--proto', '2', at('fixed')]).stdout;
  });
  afterAll(() => {
    run('chattr', ['-i', at('barred')]);
    source.close();
  });

  function sealed(path: string): unknown {
    const fd = openPath(cString(path), O_RDONLY | O_DIRECTORY);
    const { receivedUuid } = subvolumeInfo(fd);
    const isReceived = receivedUuid.some((byte) => byte !== 0);
    const found = { isReceived, isReadOnly: isReadOnlySubvolume(fd) };
    closeFd(fd);
    return found;
  }

  // The mark that all is there was on the drive before all was: what came of it was sealed as whole.
  test('the power goes while the last of it is written to the drive', () => {
    const target = makeBtrfs({ sizeMiB: 512 });
    try {
      const image = target.images[0]!;
      const copies: string[] = [];
      const functions = libc() as { syncfs(fd: number): number };
      const { syncfs } = functions;
      functions.syncfs = (fd) => {
        // A commit that comes from elsewhere: what the trees say is on the drive, data is not.
        commitTrees(fd);
        copies.push(`${image}.${copies.length}`);
        copyFileSync(image, copies.at(-1)!);
        return syncfs(fd);
      };
      try {
        receiveBytes(stream, target.dir);
      } finally {
        functions.syncfs = syncfs;
      }
      expect(copies.length).toBeGreaterThan(1);
      for (const copy of copies) {
        target.unmount();
        target.detach(0);
        copyFileSync(copy, image);
        target.attach(0);
        target.mount();
        if (readdirSync(target.dir).includes('one')) cleanLeftovers(target.dir);
        else goingOn(() => receiveBytes(stream, target.dir));
        const options = { except: ['flags' as const] };
        expect(differences(at('one'), `${target.dir}/one`, options)).toEqual([]);
        expect(sealed(`${target.dir}/one`)).toEqual({ isReceived: true, isReadOnly: true });
        expect(readdirSync(target.dir)).toEqual(['one']);
      }
    } finally {
      target.close();
    }
  });

  // One that had its name already stayed writable, without its flags and without a received UUID.
  test('killed before each of the last changes of a snapshot whose top is immutable', () => {
    const target = makeBtrfs({ sizeMiB: 512 });
    try {
      const file = `${target.images[0]!}.stream`;
      writeFileSync(file, barred);
      const job = { stream: file, isPlain: false };
      const place = (name: string): string => {
        mkdirSync(`${target.dir}/${name}`);
        return `${target.dir}/${name}`;
      };
      const changes = changesOfReceive({ ...job, target: place('calm'), killAt: 0 })!;
      for (let killAt = changes - LAST_CHANGES; killAt <= changes; killAt += 1) {
        const dir = place(`at-${killAt}`);
        expect(changesOfReceive({ ...job, target: dir, killAt })).toBeUndefined();
        goingOn(() => receiveBytes(barred, dir));
        expect([killAt, ...differences(at('fixed'), `${dir}/fixed`)]).toEqual([killAt]);
        expect(sealed(`${dir}/fixed`)).toEqual({ isReceived: true, isReadOnly: true });
        expect([killAt, readdirSync(dir)]).toEqual([killAt, ['fixed']]);
      }
      rmSync(file);
    } finally {
      target.close();
    }
  });
});
