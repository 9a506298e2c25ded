import * as fs from 'node:fs';
import { describeKernel } from '../harness/kernel.ts';
import { Random } from '../harness/random.ts';
import * as sys from '../harness/syscalls.ts';
import { Stage, type Step } from './scenario.ts';

const random = new Random(5);

const edit =
  (change: (fd: number) => void): Step =>
  (dir) => {
    const fd = fs.openSync(`${dir}/file`, fs.constants.O_RDWR | fs.constants.O_CREAT);
    change(fd);
    fs.closeSync(fd);
  };
const write = (offset: number, length: number): Step =>
  edit((fd) => fs.writeSync(fd, random.bytes(length), 0, length, offset));
const truncate = (size: number): Step => edit((fd) => fs.ftruncateSync(fd, size));
const punch = (offset: number, length: number): Step =>
  edit((fd) => sys.fallocate(fd, sys.FALLOC_PUNCH_HOLE | sys.FALLOC_KEEP_SIZE, offset, length));
const allocate = (offset: number, length: number, mode = 0): Step =>
  edit((fd) => sys.fallocate(fd, mode, offset, length));

describeKernel('question 2: sizes and holes', () => {
  const stage = new Stage();
  stage.arrives('growth, truncation, and both', [
    write(0, 10_000),
    write(10_000, 90_001),
    truncate(50_000),
    (dir, fs) =>
      [truncate(3), truncate(70_000), write(69_000, 500)].forEach((step) => step(dir, fs)),
    truncate(0),
    write(0, 5),
  ]);
  stage.arrives('holes punched at the front, in the middle, at the end', [
    write(0, 300_000),
    punch(0, 8192),
    punch(100_000, 50_000),
    punch(290_816, 100_000),
    punch(0, 300_000),
    write(4096, 4096),
  ]);
  stage.arrives('space set aside, written to, and taken away', [
    allocate(0, 200_000),
    write(50_000, 10_000),
    allocate(200_000, 100_000, sys.FALLOC_KEEP_SIZE),
    punch(0, 16_384),
    truncate(123_457),
    allocate(0, 500_000),
  ]);
  stage.arrives('an inline file that grows out of its leaf and back', [
    write(0, 100),
    allocate(100, 3000),
    write(5000, 10),
    truncate(50),
    punch(0, 50),
    write(0, 2000),
  ]);
  stage.arrives('many TB that are nearly all hole', [
    edit((fd) => {
      fs.ftruncateSync(fd, 12_000_000_000_000);
      fs.writeSync(fd, 'one', 1_000_000_000_000);
      fs.writeSync(fd, 'two', 11_000_000_000_001);
    }),
    edit((fd) => {
      fs.writeSync(fd, 'three', 7_777_777_777_777);
      sys.fallocate(fd, sys.FALLOC_PUNCH_HOLE | sys.FALLOC_KEEP_SIZE, 999_999_995_904, 8192);
    }),
    truncate(5_000_000_000_000),
  ]);
  stage.arrives('hundreds of extents', [
    edit((fd) => {
      const block = random.bytes(4096);
      for (let i = 0; i < 800; i++) fs.writeSync(fd, block, 0, 4096, i * 8192);
    }),
    edit((fd) => {
      const block = random.bytes(4096);
      for (let i = 0; i < 800; i += 50) fs.writeSync(fd, block, 0, 4096, i * 8192 + 4096);
    }),
    edit((fd) => {
      for (let i = 0; i < 800; i += 100) {
        sys.fallocate(fd, sys.FALLOC_PUNCH_HOLE | sys.FALLOC_KEEP_SIZE, i * 8192, 4096);
      }
    }),
  ]);
});
