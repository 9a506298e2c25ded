import { deflateSync, zstdCompressSync } from 'node:zlib';
import { ATTRIBUTE as A, COMMAND as C } from '../../main/engine/stream/protocol.ts';
import type { Random } from '../harness/random.ts';
import { HOSTILE_PATHS } from './mutate-stream.ts';
import { joinCommands, type Attribute, type Command } from './parse-commands.ts';
import { UUID } from './receive-harness.ts';

const NEW = Buffer.alloc(16, 9);
/** Whoever knows both, UUID and transid, may clone from a snapshot. */
const NO_TRANSID = 999_999n;
const PATHS = ['a', 'b', 'dir', 'dir/a', 'dir/b', 'dir/sub', 'dir/sub/x', 'o257-7-0', 'o9-9-9', ''];
const LINKED = [
  'out',
  'out/canary',
  'abs/hostname',
  'up/canary',
  'up/secret/inside',
  'a/b',
  'dir/out',
];
const ODD_PATHS = [
  'a/',
  '/a',
  'dir/.',
  'a\xff',
  '\xc3\x28',
  'A',
  'Dir',
  'CON',
  'a.',
  'a:b',
  'x'.repeat(4095),
];
const TARGETS = [
  '..',
  '../..',
  '../../..',
  '/etc',
  '/etc/hostname',
  'a',
  '',
  '.',
  'x'.repeat(4095),
  'x'.repeat(5000),
];
const NAMES = [
  ...Array<string>(30).fill('new'),
  ...['base', 'secret', 'a/b', '..', '.', '', '/new', 'new/', '.dendro-receive', 'x'.repeat(255)],
];
const NUMBERS = [
  ...[0n, 1n, 511n, 4095n, 4096n, 8192n, 12_288n, 131_072n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n],
  ...[
    2n ** 34n,
    2n ** 44n,
    2n ** 53n - 4096n,
    2n ** 53n,
    2n ** 63n - 1n,
    2n ** 63n,
    2n ** 64n - 1n,
  ],
];
const MODES = [
  0,
  0o644,
  0o755,
  0o7777,
  0o4755,
  0o2755,
  0o1777,
  0o100644,
  0o40755,
  0o120777,
  0o177777,
  2 ** 32 - 1,
];
const NODES = [
  0o20666,
  0o60666,
  0o10644,
  0o140644,
  0o100644,
  0o40755,
  0o120777,
  0,
  0o170000,
  2 ** 32 - 1,
];
const XATTRS = [
  ...[
    'user.a',
    'user.b',
    'user.',
    'user',
    '',
    'a',
    'user.\xff',
    `user.${'x'.repeat(250)}`,
    'x'.repeat(300),
  ],
  ...['security.capability', 'security.selinux', 'security.ima', 'security.evm', 'trusted.a'],
  ...[
    'trusted.overlay.opaque',
    'trusted.overlay.redirect',
    'btrfs.compression',
    'btrfs.a',
    'system.a',
  ],
  ...[
    'system.posix_acl_access',
    'system.posix_acl_default',
    'system.nfs4_acl',
    'os2.a',
    'user.a\0b',
  ],
];
const VALUES = [
  '',
  'value',
  'zstd',
  'zlib',
  'lzo',
  'none',
  'no',
  'bogus',
  'zstd:15',
  'y',
  '/etc',
  '\0\0\0\0',
];
const SECONDS = [
  0n,
  1n,
  -1n,
  1_234_567_890n,
  2n ** 31n,
  2n ** 32n,
  2n ** 34n,
  -(2n ** 34n),
  2n ** 63n - 1n,
  -(2n ** 63n),
];
const NANOSECONDS = [0, 1, 999_999_999, 1_000_000_000, 2 ** 32 - 1];
const ALL_COMMANDS = Object.values(C).filter(
  (number) => number !== C.subvol && number !== C.snapshot,
);

/**
 * A stream made up of commands that are right one by one, or nearly, in an order and with values
 * that no sender has: right checksums, hostile all else. `alien` as in `mutateStream`.
 */
export function composeStream(random: Random, alien: Buffer): Buffer {
  const version = random.between(0, 12) === 0 ? random.between(0, 5) : random.between(1, 4);
  const composer = new Composer(random, alien);
  const commands = [composer.begin()];
  // Most streams get further when something is there.
  if (random.chance(0.8))
    commands.push(composer.make(C.mkdir, 'dir'), composer.make(C.mkfile, 'a'));
  if (random.chance(0.5)) commands.push(composer.make(C.mkfile, 'dir/a'), composer.write('dir/a'));
  if (random.chance(0.3)) commands.push(composer.link('out', '../..'), composer.link('up', '..'));
  for (let left = random.between(1, 30); left > 0; left -= 1) commands.push(composer.command());
  if (random.chance(0.1)) commands.push(composer.begin(), composer.command(), composer.command());
  if (random.chance(0.9)) commands.push({ number: C.end, attributes: [] });
  if (random.chance(0.05)) commands.push(composer.command());
  return joinCommands(version, commands);
}

class Composer {
  readonly #random: Random;
  readonly #alien: Buffer;

  constructor(random: Random, alien: Buffer) {
    this.#random = random;
    this.#alien = alien;
  }

  begin(): Command {
    const name = this.#random.pick(NAMES);
    const own = this.#random.chance(0.8) ? NEW : this.#random.pick([UUID, this.#alien]);
    const attributes = [path(name), bytes(A.uuid, own), u64(A.ctransid, 8n)];
    if (this.#random.chance(0.6)) return { number: C.subvol, attributes };
    const parent = this.#random.chance(0.8) ? UUID : NEW;
    const transid = this.#random.chance(0.8) ? 7n : 8n;
    attributes.push(bytes(A.cloneUuid, parent), u64(A.cloneCtransid, transid));
    return { number: C.snapshot, attributes };
  }

  make(number: number, name: string): Command {
    return { number, attributes: [path(name), u64(A.inode, 1n)] };
  }

  write(name: string): Command {
    const data = Buffer.alloc(9000, 'data');
    return {
      number: C.write,
      attributes: [path(name), u64(A.fileOffset, 0n), bytes(A.data, data)],
    };
  }

  link(name: string, target: string): Command {
    const attributes = [path(name), u64(A.inode, 1n), bytes(A.pathLink, latin1(target))];
    return { number: C.symlink, attributes };
  }

  command(): Command {
    const number = this.#random.pick(ALL_COMMANDS);
    const attributes = this.#attributes(number);
    this.#bend(attributes);
    return { number, attributes };
  }

  /** Left out, said twice, or of a wrong length. */
  #bend(attributes: Attribute[]): void {
    const random = this.#random;
    if (attributes.length === 0 || !random.chance(0.06)) return;
    const one = random.pick(attributes);
    const ways = [
      () => attributes.splice(attributes.indexOf(one), 1),
      () => attributes.unshift({ ...one, value: this.#path().value }),
      () => (one.value = one.value.subarray(0, random.between(0, one.value.length + 1))),
      () => (one.value = Buffer.concat([one.value, Buffer.alloc(random.between(1, 9))])),
      () => (one.type = random.between(0, 40)),
    ];
    random.pick(ways)();
  }

  #attributes(number: number): Attribute[] {
    const random = this.#random;
    const at = this.#path();
    const size = (type: number): Attribute => u64(type, this.#number());
    switch (number) {
      case C.mknod:
        return [at, u64(A.inode, 1n), u64(A.mode, BigInt(random.pick(NODES))), size(A.rdev)];
      case C.symlink:
        return [at, u64(A.inode, 1n), bytes(A.pathLink, latin1(random.pick(TARGETS)))];
      case C.rename:
        return [at, { ...this.#path(), type: A.pathTo }];
      case C.link:
        return [at, { ...this.#path(), type: A.pathLink }];
      case C.setXattr: {
        const name = random.pick(XATTRS);
        return [at, bytes(A.xattrName, latin1(name)), bytes(A.xattrData, this.#value(name))];
      }
      case C.removeXattr:
        return [at, bytes(A.xattrName, latin1(random.pick(XATTRS)))];
      case C.write:
        return [at, size(A.fileOffset), bytes(A.data, Buffer.alloc(random.between(0, 9000), 'w'))];
      case C.clone:
        return [...[at, size(A.fileOffset), size(A.cloneLength)], ...this.#source()];
      case C.truncate:
        return [at, size(A.size)];
      case C.chmod:
        return [at, u64(A.mode, BigInt(random.pick(MODES)))];
      case C.chown:
        return [at, size(A.uid), size(A.gid)];
      case C.utimes:
        return [
          at,
          this.#time(A.atime),
          this.#time(A.mtime),
          this.#time(A.ctime),
          this.#time(A.otime),
        ];
      case C.updateExtent:
        return [at, size(A.fileOffset), size(A.size)];
      case C.fallocate:
        return [
          at,
          u32(A.fallocateMode, random.between(0, 0x80)),
          size(A.fileOffset),
          size(A.size),
        ];
      case C.fileattr:
        return [at, u64(A.fileattr, BigInt(random.between(0, 1 << 13)))];
      case C.encodedWrite:
        return this.#encoded(at);
      case C.enableVerity: {
        const [salt, signature] = [random.between(0, 100), random.pick([0, 0, 1, 20_000])];
        return [
          ...[at, bytes(A.verityAlgorithm, Buffer.from([random.between(0, 5)]))],
          u32(A.verityBlockSize, random.pick([0, 1, 1024, 4096, 65_536, 2 ** 31])),
          ...[
            bytes(A.veritySalt, Buffer.alloc(salt)),
            bytes(A.veritySignature, Buffer.alloc(signature)),
          ],
        ];
      }
      case C.end:
        return [];
      default:
        return [at, u64(A.inode, 1n)];
    }
  }

  #encoded(at: Attribute): Attribute[] {
    const random = this.#random;
    const length = random.pick([0, 1, 4096, 8192, 100_000, 131_072, 1 << 20]);
    const plain = Buffer.alloc(length, 'plain');
    const data = random.pick([
      () => zstdCompressSync(plain),
      () => deflateSync(plain),
      () => random.bytes(random.between(0, 9000)),
      () => Buffer.alloc(0),
    ])();
    const said = (type: number): Attribute =>
      u64(type, random.chance(0.6) ? BigInt(length) : this.#number());
    return [
      ...[at, u64(A.fileOffset, random.chance(0.7) ? 0n : this.#number())],
      ...[said(A.unencodedFileLength), said(A.unencodedLength)],
      u64(A.unencodedOffset, random.chance(0.7) ? 0n : this.#number()),
      ...[u32(A.compression, random.between(0, 9)), u32(A.encryption, random.chance(0.1) ? 1 : 0)],
      bytes(A.data, data),
    ];
  }

  #source(): Attribute[] {
    const own = [this.#random.chance(0.7) ? NEW : UUID, 8n] as const;
    const foreign = this.#random.pick([[UUID, 7n] as const, [this.#alien, NO_TRANSID] as const]);
    const [uuid, transid] = this.#random.chance(0.6) ? own : foreign;
    return [
      ...[bytes(A.cloneUuid, uuid), u64(A.cloneCtransid, transid)],
      ...[{ ...this.#path(), type: A.clonePath }, u64(A.cloneOffset, this.#number())],
    ];
  }

  #path(): Attribute {
    const random = this.#random;
    const from = random.pick([
      PATHS,
      PATHS,
      PATHS,
      PATHS,
      PATHS,
      PATHS,
      LINKED,
      ODD_PATHS,
      HOSTILE_PATHS,
    ]);
    return path(random.pick(from));
  }

  /** Often one that a file can have. */
  #number(): bigint {
    return this.#random.chance(0.5)
      ? BigInt(4096 * this.#random.between(0, 4))
      : this.#random.pick(NUMBERS);
  }

  #time(type: number): Attribute {
    const value = Buffer.alloc(12);
    value.writeBigInt64LE(this.#random.pick(SECONDS), 0);
    value.writeUInt32LE(this.#random.pick(NANOSECONDS), 8);
    return bytes(type, value);
  }

  #value(name: string): Buffer {
    const random = this.#random;
    if (random.chance(0.1)) return random.bytes(random.pick([1, 20, 4096, 60_000]));
    if (name === 'security.capability')
      return Buffer.from('0100000200200000000000000000000000000000', 'hex');
    if (name.startsWith('system.posix')) {
      const entries = [
        '01000700ffffffff',
        '02000700e8030000',
        '04000500ffffffff',
        '10000700ffffffff',
        '20000500ffffffff',
      ];
      return Buffer.from(`02000000${entries.slice(0, random.between(0, 6)).join('')}`, 'hex');
    }
    return latin1(random.pick(VALUES));
  }
}

function path(name: string): Attribute {
  return bytes(A.path, latin1(name));
}

function bytes(type: number, value: Buffer): Attribute {
  return { type, value };
}

function u64(type: number, value: bigint): Attribute {
  const out = Buffer.alloc(8);
  out.writeBigUInt64LE(value);
  return { type, value: out };
}

function u32(type: number, value: number): Attribute {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(value);
  return { type, value: out };
}

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}
