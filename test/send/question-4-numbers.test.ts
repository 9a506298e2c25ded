import * as fs from 'node:fs';
import { describeKernel } from '../harness/kernel.ts';
import { mknod } from '../harness/syscalls.ts';
import { Stage, type Step } from './scenario.ts';

/** Mounted anew, the kernel gives out the numbers of removed inodes again. */
const again =
  (before: (dir: string) => void, after: (dir: string) => void): Step =>
  (dir, disk) => {
    before(dir);
    disk.remount();
    after(dir);
  };

describeKernel('question 4: deleted and made again under the same number', () => {
  const stage = new Stage();
  const removeAll = (dir: string): void => {
    for (const name of fs.readdirSync(dir)) {
      if (name !== 'first') fs.rmSync(`${dir}/${name}`, { recursive: true });
    }
  };
  stage.arrives('also as another type', [
    (dir) => {
      fs.writeFileSync(`${dir}/first`, 'keeps the lower numbers in use');
      fs.writeFileSync(`${dir}/x`, 'a file');
      fs.mkdirSync(`${dir}/y`);
    },
    again(removeAll, (dir) => {
      fs.mkdirSync(`${dir}/x`);
      fs.writeFileSync(`${dir}/y`, 'now a file');
    }),
    again(removeAll, (dir) => {
      fs.symlinkSync('target', `${dir}/x`);
      mknod(`${dir}/y`, 0o10600);
    }),
    again(removeAll, (dir) => {
      fs.writeFileSync(`${dir}/z`, 'a file');
      fs.writeFileSync(`${dir}/x`, 'another');
    }),
  ]);
  stage.arrives('a directory whose child has the same name in both', [
    (dir) => {
      fs.writeFileSync(`${dir}/first`, 'first');
      fs.writeFileSync(`${dir}/child`, 'content');
      fs.mkdirSync(`${dir}/d`);
      fs.renameSync(`${dir}/child`, `${dir}/d/child`);
    },
    again(
      (dir) => {
        fs.renameSync(`${dir}/d/child`, `${dir}/child`);
        fs.rmdirSync(`${dir}/d`);
      },
      (dir) => {
        fs.mkdirSync(`${dir}/d`);
        fs.renameSync(`${dir}/child`, `${dir}/d/child`);
      },
    ),
  ]);
});
