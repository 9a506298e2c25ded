import * as fs from 'node:fs';
import { describeKernel } from '../harness/kernel.ts';
import { Random } from '../harness/random.ts';
import { run } from '../harness/run.ts';
import * as sys from '../harness/syscalls.ts';
import { Stage, type Step } from './scenario.ts';

const random = new Random(77);
const { FALLOC_KEEP_SIZE, FALLOC_PUNCH_HOLE } = sys;
const K = 1024;

/** Data that can be told apart by where it was written. */
function write(path: string, offset: number, length: number): void {
  const fd = fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_CREAT);
  fs.writeSync(fd, random.bytes(length), 0, length, offset);
  fs.fsyncSync(fd);
  fs.closeSync(fd);
}

function allocate(path: string, mode: number, offset: number, length: number): void {
  const fd = fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_CREAT);
  sys.fallocate(fd, mode, offset, length);
  fs.closeSync(fd);
}

const punch = (path: string, offset: number, length: number): void =>
  allocate(path, FALLOC_PUNCH_HOLE | FALLOC_KEEP_SIZE, offset, length);

function clone(from: string, to: string, at: number, length: number, dest: number): void {
  const source = fs.openSync(from, 'r');
  const target = fs.openSync(to, fs.constants.O_RDWR | fs.constants.O_CREAT);
  fs.fsyncSync(source);
  sys.cloneRange(source, at, length, target, dest);
  fs.closeSync(source);
  fs.closeSync(target);
}

/** The same by deduplication: both hold the same bytes before. */
function dedupe(from: string, to: string, length: number): void {
  const source = fs.openSync(from, 'r');
  const target = fs.openSync(to, 'r+');
  sys.dedupeRange(source, 0, length, target, 0);
  fs.closeSync(source);
  fs.closeSync(target);
}

const sync = (dir: string): void => void run('btrfs', ['filesystem', 'sync', dir]);

/** What users met with the kernel's send over the years, each as a life of a few files. */
const lives: Record<string, readonly Step[]> = {
  'a hole is punched at the very end, and across it': [
    (dir) => write(`${dir}/f`, 0, 100 * K),
    (dir) => punch(`${dir}/f`, 96 * K, 4 * K),
    (dir) => punch(`${dir}/f`, 60 * K, 400 * K),
    (dir) => write(`${dir}/f`, 80 * K, 10),
  ],
  'space set aside that is partly written, then punched and cut': [
    (dir) => {
      allocate(`${dir}/f`, 0, 0, 1024 * K);
      write(`${dir}/f`, 100 * K + 7, 50 * K);
    },
    (dir) => punch(`${dir}/f`, 90 * K, 30 * K),
    (dir) => fs.truncateSync(`${dir}/f`, 120 * K + 1),
    (dir) => allocate(`${dir}/f`, FALLOC_KEEP_SIZE, 120 * K, 300 * K),
    (dir) => fs.truncateSync(`${dir}/f`, 200 * K + 3),
    (dir) => write(`${dir}/f`, 210 * K, 1),
  ],
  'space set aside behind the end, and a size that then passes it': [
    (dir) => {
      write(`${dir}/f`, 0, 64 * K);
      allocate(`${dir}/f`, FALLOC_KEEP_SIZE, 64 * K, 4096 * K);
      write(`${dir}/g`, 0, 5000);
      allocate(`${dir}/g`, FALLOC_KEEP_SIZE, 0, 64 * K);
    },
    (dir) => {
      fs.truncateSync(`${dir}/f`, 128 * K);
      fs.truncateSync(`${dir}/g`, 6001);
    },
    (dir) => {
      punch(`${dir}/f`, 64 * K, 64 * K);
      write(`${dir}/g`, 60 * K, 4 * K);
    },
  ],
  'a file is cloned onto its own end, from where it did not reach before': [
    (dir) => write(`${dir}/f`, 0, 64 * K),
    (dir) => {
      write(`${dir}/f`, 960 * K, 64 * K);
      clone(`${dir}/f`, `${dir}/f`, 960 * K, 64 * K, 64 * K);
      fs.truncateSync(`${dir}/f`, 1984 * K);
    },
    (dir) => clone(`${dir}/f`, `${dir}/f`, 0, 1024 * K, 1984 * K),
  ],
  'shared extents end where the other file goes on, or has a hole': [
    (dir) => {
      write(`${dir}/a`, 0, 128 * K);
      write(`${dir}/b`, 0, 128 * K);
      clone(`${dir}/a`, `${dir}/c`, 0, 128 * K, 0);
    },
    (dir) => {
      clone(`${dir}/a`, `${dir}/b`, 0, 64 * K, 128 * K);
      punch(`${dir}/a`, 64 * K, 64 * K);
      fs.truncateSync(`${dir}/c`, 100 * K);
    },
    (dir) => {
      clone(`${dir}/b`, `${dir}/a`, 0, 0, 64 * K);
      fs.truncateSync(`${dir}/a`, 111_111);
      clone(`${dir}/a`, `${dir}/d`, 0, 0, 0);
    },
  ],
  'a clone of a file that is cut meanwhile, with an end within a block': [
    (dir) => {
      write(`${dir}/a`, 0, 100_001);
      clone(`${dir}/a`, `${dir}/b`, 0, 0, 0);
    },
    (dir) => {
      fs.truncateSync(`${dir}/a`, 50_001);
      fs.truncateSync(`${dir}/b`, 50_001);
      clone(`${dir}/a`, `${dir}/b`, 0, 0, 0);
      clone(`${dir}/a`, `${dir}/c`, 0, 0, 0);
    },
    (dir) => {
      fs.truncateSync(`${dir}/a`, 100_001);
      clone(`${dir}/a`, `${dir}/d`, 49_152, 0, 0);
    },
  ],
  'one extent that is overwritten in its middle, whose parts are cloned': [
    (dir) => {
      write(`${dir}/f`, 0, 1024 * K);
      write(`${dir}/f`, 300 * K, 100 * K);
      sync(dir);
      clone(`${dir}/f`, `${dir}/g`, 256 * K, 256 * K, 4 * K);
    },
    (dir) => {
      write(`${dir}/f`, 320 * K, 4 * K);
      clone(`${dir}/f`, `${dir}/g`, 0, 400 * K, 512 * K);
      clone(`${dir}/g`, `${dir}/g`, 512 * K, 64 * K, 0);
    },
  ],
  'files that deduplication made one': [
    (dir) => {
      fs.writeFileSync(`${dir}/a`, Buffer.alloc(512 * K, 'the same in both '));
      fs.copyFileSync(`${dir}/a`, `${dir}/b`);
      sync(dir);
    },
    (dir) => dedupe(`${dir}/a`, `${dir}/b`, 512 * K),
    (dir) => {
      write(`${dir}/a`, 128 * K, 4 * K);
      fs.truncateSync(`${dir}/b`, 300_007);
    },
  ],
  'small files that are cloned, cut and made longer within a block': [
    (dir) => {
      for (const size of [1, 100, 2000, 2048, 3000, 4095]) {
        fs.writeFileSync(`${dir}/i${size}`, Buffer.alloc(size, 'inline '));
        clone(`${dir}/i${size}`, `${dir}/c${size}`, 0, 0, 0);
      }
    },
    (dir) => {
      for (const size of [1, 100, 2000, 2048, 3000, 4095]) {
        fs.truncateSync(`${dir}/i${size}`, 4096);
        fs.truncateSync(`${dir}/c${size}`, Math.floor(size / 2));
      }
    },
    (dir) => {
      for (const size of [1, 100, 2000, 2048, 3000, 4095]) {
        fs.truncateSync(`${dir}/c${size}`, 5000 + size);
        fs.truncateSync(`${dir}/i${size}`, 0);
        clone(`${dir}/c${size}`, `${dir}/i${size}`, 0, 0, 0);
      }
    },
  ],
};

for (const mountOptions of ['noatime', 'noatime,compress-force=zlib']) {
  describeKernel(`lives of files, ${mountOptions}`, () => {
    const stage = new Stage({ mountOptions });
    for (const [what, steps] of Object.entries(lives)) stage.arrives(what, steps);
  });
}

describeKernel('lives of files where holes are kept as items', () => {
  const stage = new Stage({ mkfsArgs: ['-O', '^no-holes'], mountOptions: 'noatime' });
  for (const [what, steps] of Object.entries(lives)) stage.arrives(what, steps);
});
