import * as fs from 'node:fs';
import { describeKernel } from '../harness/kernel.ts';
import { makeDevice, mknod } from '../harness/syscalls.ts';
import { Stage } from './scenario.ts';

const setId = {
  'fifo-with-bits': 0o16755,
  'socket-with-bits': 0o144711,
  'device-with-bits': 0o26750,
} as const;

function give(path: string, owner: number, mode: number): void {
  fs.chownSync(path, owner, owner);
  fs.chmodSync(path, mode & 0o7777);
}

describeKernel('question 5: devices, FIFOs and sockets', () => {
  const stage = new Stage();
  stage.arrives('arrive, change into each other, and go', [
    (dir) => {
      mknod(`${dir}/null`, 0o20666, makeDevice(1, 3));
      mknod(`${dir}/disk`, 0o60660, makeDevice(8, 17));
      mknod(`${dir}/far`, 0o20600, makeDevice(4095, 1_048_575));
      mknod(`${dir}/fifo`, 0o10640);
      mknod(`${dir}/socket`, 0o140755);
      fs.symlinkSync('fifo', `${dir}/link`);
      // mknod(2) gives the bits, chown(2) takes them away again: they did not arrive.
      for (const [name, mode] of Object.entries(setId)) mknod(`${dir}/${name}`, mode);
      for (const [name, mode] of Object.entries(setId)) give(`${dir}/${name}`, 5, mode);
    },
    (dir) => {
      for (const name of ['null', 'disk', 'fifo']) fs.rmSync(`${dir}/${name}`);
      mknod(`${dir}/null`, 0o60666, makeDevice(1, 3));
      mknod(`${dir}/disk`, 0o20660, makeDevice(8, 18));
      mknod(`${dir}/fifo`, 0o140640);
      fs.chownSync(`${dir}/socket`, 5, 6);
      fs.linkSync(`${dir}/socket`, `${dir}/socket-too`);
      for (const [name, mode] of Object.entries(setId)) give(`${dir}/${name}`, 7, mode);
    },
  ]);
});
