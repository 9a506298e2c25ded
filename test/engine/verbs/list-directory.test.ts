import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { CancelToken } from '../../../main/engine/cancel.ts';
import { closeVolumes, volumeFor } from '../../../main/engine/open-volumes.ts';
import { listDirectory } from '../../../main/engine/verbs/list-directory.ts';
import { describeKernel } from '../../harness/kernel.ts';
import { run } from '../../harness/run.ts';

const UUID = '8d3c3a0c-61c5-4b10-8f3b-0d3f7a9a1e55';

describeKernel('a folder', () => {
  // Kept by the path of the device and the generation: of a drive that took the place of another one
  // (its clone, received to since; another stick of the same age) the names of the other were listed.
  test('is that of the drive that is there now', () => {
    const folder = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-`));
    onTestFinished(() => {
      closeVolumes();
      rmSync(folder, { recursive: true, force: true });
    });
    const device = join(folder, 'device');
    const seen = ['one', 'two'].map((name) => {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, `file ${name}`), name);
      const image = join(folder, `${name}.img`);
      writeFileSync(image, '');
      run('truncate', ['-s', '128M', image]);
      run('mkfs.btrfs', ['-q', '-U', UUID, '--rootdir', join(folder, name), image]);
      closeVolumes();
      copyFileSync(image, device);
      const volume = { devices: [device], mountPath: null };
      const input = { volume, subvolumeId: 5, path: '', offset: 0, limit: 10 };
      const { entries } = listDirectory(input, { cancel: new CancelToken(), progress: () => {} });
      return [volumeFor(volume).generation, entries.map((entry) => entry.name)];
    });
    const [generation] = seen[0]!;
    expect(seen).toEqual([
      [generation, ['file one']],
      [generation, ['file two']],
    ]);
  });
});
