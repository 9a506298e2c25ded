import { mkdirSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { CancelToken } from '../../../main/engine/cancel.ts';
import { rescueList, rescueLook } from '../../../main/engine/verbs/rescue.ts';
import { describeKernel } from '../../harness/kernel.ts';
import { run } from '../../harness/run.ts';

const context = () => ({ cancel: new CancelToken(), progress: () => {} });

describeKernel('a way into a disk', () => {
  // It was kept by the name of the device for five minutes, and five more with each question: a disk
  // that had left the bus was not read when it was back, and another one not in its place.
  test('is looked for anew when the disk is another, or is back', () => {
    const folder = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-`));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const device = join(folder, 'device');
    const plug = (name: string): void => {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, `file ${name}`), name);
      const image = join(folder, `${name}.img`);
      writeFileSync(image, '');
      truncateSync(image, 128 << 20);
      run('mkfs.btrfs', ['-q', '-L', name, '--rootdir', join(folder, name), image]);
      renameSync(image, device);
    };
    const list = (): string[] => {
      const input = { paths: [device], subvolumeId: 5, path: '', offset: 0, limit: 10 };
      return rescueList(input, context()).files.map(({ path }) => path);
    };
    plug('one');
    expect(rescueLook({ paths: [device] }, context()).label).toBe('one');
    expect(list()).toContain('file one');
    plug('two');
    expect(list()).toContain('file two');
    plug('three');
    expect(rescueLook({ paths: [device] }, context()).label).toBe('three');
    expect(list()).toContain('file three');
  });
});
