import type { StreamEncoder } from '../../main/engine/stream/encode.ts';
import { fullStream, text, UUID } from './receive-harness.ts';

const NAMES = [
  ...[
    'a b',
    'tab\there',
    'line\nfeed',
    'back\\slash',
    '\x01\x02\x1b\x7f',
    'caf\xc3\xa9',
    '\xff\xfe',
  ],
  ...['q\'uote"', '*?[]{}$', 'bell\x07\x08\x0b\x0c\r', 'x'.repeat(200), `${'long/'.repeat(30)}z`],
];
/** Also before 1970, before time zones, and years of other than four digits. */
const SECONDS = [
  ...[0n, -1n, 1_700_000_000n, 4_102_444_800n, -62_135_596_800n],
  ...[253_402_300_800n, 99_999_999_999n, -99_999_999_999n],
];

/** A stream of every command, with names, values, numbers and times of all kinds. */
export function everyCommand(protocol: 1 | 2): Uint8Array {
  const write = (e: StreamEncoder): void => {
    for (const name of NAMES) {
      names(e, name);
      contents(e, text(name), protocol);
      if (protocol === 2) ofVersion2(e, text(name));
    }
    e.chmod(text(''), 0o700);
    e.chown(text(''), 0, 0);
    e.setXattr(text(''), text('user.top'), text('x'));
  };
  return fullStream('na me', write, protocol);
}

function names(e: StreamEncoder, name: string): void {
  const path = text(name);
  e.mkfile(path, 257);
  e.mkdir(path, 258);
  e.mknod(path, 1, 0o20666, 0x103);
  e.mknod(path, 1, 0o60600, 0xfff00fff);
  e.mkfifo(path, 3);
  e.mksock(path, 4);
  e.symlink(path, 5, text(`to ${name}`));
  e.rename(path, text(`new ${name}`));
  e.link(text(`other ${name}`), path);
  e.unlink(path);
  e.rmdir(path);
}

function contents(e: StreamEncoder, path: Buffer, protocol: 1 | 2): void {
  for (const value of ['v a l', 'a\0b', '', path.toString('latin1')]) {
    e.setXattr(path, text('user.n m'), text(value));
  }
  e.removeXattr(path, text('user.x y'));
  e.write(path, 4096, Buffer.alloc(1000, 7));
  e.clone(path, 0, 4096, UUID, 7, path, 8192);
  e.truncate(path, 2 ** 40);
  e.chmod(path, 0o104755);
  e.chown(path, 4_294_967_294, 65_534);
  e.updateExtent(path, 5, 6);
  for (const seconds of SECONDS) e.utimes(path, times(seconds), protocol === 2);
}

function ofVersion2(e: StreamEncoder, path: Buffer): void {
  for (const mode of [0, 1, 3, 0x10]) e.fallocate(path, mode, 0, 4096);
  e.fileattr(path, 0x1f0);
  const lengths = { unencodedFileLength: 4096, unencodedLength: 8192, unencodedOffset: 4096 };
  const data = Buffer.alloc(30, 3);
  e.encodedWrite(path, { offset: 4096, ...lengths, compression: 2, encryption: 0, data });
}

function times(seconds: bigint): Buffer {
  const out = Buffer.alloc(48);
  [0, 12, 24, 36].forEach((at, i) => {
    out.writeBigInt64LE(seconds + BigInt(i * 8_640_000), at);
    out.writeUInt32LE(123_456_789, at + 8);
  });
  return out;
}
