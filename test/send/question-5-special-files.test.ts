import * as fs from 'node:fs';
import { describeKernel } from '../harness/kernel.ts';
import { makeDevice, mknod } from '../harness/syscalls.ts';
import { Stage } from './scenario.ts';

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
    },
    (dir) => {
      for (const name of ['null', 'disk', 'fifo']) fs.rmSync(`${dir}/${name}`);
      mknod(`${dir}/null`, 0o60666, makeDevice(1, 3));
      mknod(`${dir}/disk`, 0o20660, makeDevice(8, 18));
      mknod(`${dir}/fifo`, 0o140640);
      fs.chownSync(`${dir}/socket`, 5, 6);
      fs.linkSync(`${dir}/socket`, `${dir}/socket-too`);
    },
  ]);
});
