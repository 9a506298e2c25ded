import * as fs from 'node:fs';
import type { Random } from './random.ts';
import * as sys from './syscalls.ts';

/** Parts of `fillTree`: what is special about files' data and flags. */
export function extents(dir: string, random: Random): void {
  fs.writeFileSync(`${dir}/empty`, '');
  for (const size of [1, 2047, 2048, 2049, 4095, 4096, 4097, 131_072, 1_000_001]) {
    fs.writeFileSync(`${dir}/size-${size}`, random.bytes(size));
  }
  withNew(`${dir}/sparse`, (fd) => {
    for (const offset of [0, 65_536, 1_048_576 + 100]) fs.writeSync(fd, 'island', offset);
    fs.ftruncateSync(fd, 3_000_000);
  });
  withNew(`${dir}/all-hole`, (fd) => fs.ftruncateSync(fd, 50_000_000));
  withNew(`${dir}/preallocated`, (fd) => {
    sys.fallocate(fd, 0, 0, 300_000);
    fs.writeSync(fd, random.bytes(5000), 0, 5000, 100_000);
    sys.fallocate(fd, sys.FALLOC_KEEP_SIZE, 300_000, 200_000);
  });
  withNew(`${dir}/punched`, (fd) => {
    fs.writeSync(fd, random.bytes(200_000), 0);
    fs.fsyncSync(fd);
    sys.fallocate(fd, sys.FALLOC_PUNCH_HOLE | sys.FALLOC_KEEP_SIZE, 40_960, 81_920);
  });
  withNew(`${dir}/scattered`, (fd) => {
    for (let index = 0; index < 60; index++) {
      fs.writeSync(fd, random.bytes(4096), 0, 4096, 8192 * random.between(0, 200));
      if (index % 10 === 0) fs.fsyncSync(fd);
    }
  });
}

export function compressed(dir: string, random: Random): void {
  for (const algorithm of ['zlib', 'lzo', 'zstd']) {
    for (const [name, size] of [
      ['inline', 1500],
      ['block', 100_000],
      ['long', 700_000],
    ] as const) {
      withNew(`${dir}/${algorithm}-${name}`, (fd) => {
        sys.setXattr(`${dir}/${algorithm}-${name}`, 'btrfs.compression', Buffer.from(algorithm));
        fs.writeSync(fd, random.text(size));
        fs.fsyncSync(fd);
        // Overwritten in the middle: what is left of the extent is used in two parts.
        if (name === 'long') fs.writeSync(fd, random.text(50_000), 0, 50_000, 65_536);
      });
    }
  }
}

export function shared(dir: string, random: Random): void {
  withNew(`${dir}/original`, (from) => {
    fs.writeSync(from, random.bytes(400_000));
    fs.fsyncSync(from);
    withNew(`${dir}/reflink`, (to) => sys.cloneRange(from, 0, 0, to, 0));
    withNew(`${dir}/part`, (to) => {
      fs.writeSync(to, random.bytes(100_000));
      sys.cloneRange(from, 65_536, 131_072, to, 32_768);
    });
    withNew(`${dir}/twice`, (to) => {
      sys.cloneRange(from, 0, 131_072, to, 0);
      sys.cloneRange(from, 0, 131_072, to, 131_072);
    });
  });
}

export function flags(dir: string, random: Random): void {
  // Immutable and append are left to the tests that want them: they stop rm until taken away.
  const onFiles = ['compress', 'sync', 'nodump', 'noatime', 'nocompress', 'nocow'] as const;
  for (const name of onFiles) {
    withNew(`${dir}/${name}`, (fd) => {
      sys.setFileFlags(fd, sys.FileFlag[name]);
      fs.writeSync(fd, random.text(20_000));
    });
  }
}

function withNew(path: string, body: (fd: number) => void): void {
  const fd = fs.openSync(path, 'wx+');
  try {
    body(fd);
  } finally {
    fs.closeSync(fd);
  }
}
