import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cleanLeftovers } from '../../main/engine/receive.ts';
import { lockUnlessTaken } from '../../main/linux/file-lock.ts';
import { describeKernel } from '../harness/kernel.ts';
import { withBtrfs } from '../harness/loop.ts';

describeKernel('what a run left that had not said yet what it receives', () => {
  test('is removed, but not of one that is just beginning', () =>
    withBtrfs({}, ({ dir }) => {
      const folders = ['0123456789abcdef', 'fedcba9876543210'].map(
        (key) => `${dir}/.dendro-receive/${key}`,
      );
      for (const folder of folders) mkdirSync(folder, { recursive: true, mode: 0o700 });
      const running = openSync(folders[0]!, 'r');
      expect(lockUnlessTaken(running)).toBe(true);
      cleanLeftovers(dir);
      expect(folders.map(existsSync)).toEqual([true, false]);
      closeSync(running);
      cleanLeftovers(dir);
      expect(existsSync(`${dir}/.dendro-receive`)).toBe(false);
    }));
});
