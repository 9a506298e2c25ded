import type { Random } from '../harness/random.ts';
import { joinCommands, parseCommands, type Attribute, type Command } from './parse-commands.ts';

/** Paths that lead out, through links planted by the stream, or nowhere. */
export const HOSTILE_PATHS: readonly string[] = [
  '..',
  '.',
  '',
  '/',
  '../canary',
  '../../canary',
  '../secret/inside',
  'dir/../../canary',
  'dir/./file',
  'dir//file',
  '/etc/hostname',
  'out/canary',
  'out/secret/inside',
  'abs/hostname',
  'up',
  'up/canary',
  'file/below',
  'a\0b',
  'x'.repeat(256),
  'y/'.repeat(2040) + 'z',
  '.dendro-receive',
  'dir/../dir',
];

const NUMBERS = [0n, 1n, 4095n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n];
const PATHS = [15, 16, 17, 22];

type Change = (commands: Command[], random: Random, alien: Buffer) => void;

/** Ways to spoil a stream whose checksums are made right again afterwards. */
const CHANGES: readonly Change[] = [
  (commands, random) => withAttribute(commands, random, (a) => flip(a.value, random)),
  (commands, random) =>
    withAttribute(commands, random, (a) => {
      if (a.value.length === 8) a.value.writeBigUInt64LE(random.pick(NUMBERS));
      else a.value = Buffer.alloc(random.between(0, 40), random.between(0, 256));
    }),
  (commands, random) =>
    withAttribute(commands, random, (a) => (a.claims = random.between(0, 1 << 16))),
  (commands, random) => withAttribute(commands, random, (a) => (a.type = random.between(0, 40))),
  hostilePath,
  hostilePath,
  hostilePath,
  plantLink,
  plantLink,
  alienClone,
  (commands, random) => commands.splice(random.between(0, commands.length), 1),
  (commands, random) => {
    const at = random.between(0, commands.length);
    commands.splice(random.between(0, commands.length), 0, commands[at]!);
  },
  (commands, random) => {
    const [a, b] = [random.between(0, commands.length), random.between(0, commands.length)];
    [commands[a], commands[b]] = [commands[b]!, commands[a]!];
  },
  (commands, random) => (random.pick(commands).number = random.between(0, 30)),
  (commands, random) => (random.pick(commands).claims = random.between(0, 2 ** 32)),
  (commands, random) => {
    const { attributes } = random.pick(commands);
    attributes.splice(random.between(0, attributes.length + 1), 1);
  },
  (commands, random) => {
    const { attributes } = random.pick(commands);
    if (attributes.length > 0) attributes.push(random.pick(attributes));
  },
];

/**
 * A spoilt stream. `raw` changes bytes and leaves the checksums wrong, else they are right.
 * `alien` is the UUID of a snapshot that the stream has no business with.
 */
export function mutateStream(stream: Buffer, random: Random, raw: boolean, alien: Buffer): Buffer {
  if (raw) return mutateBytes(stream, random);
  const { version, commands } = parseCommands(stream);
  const copies = commands.map(copyCommand);
  const changes = 1 + random.between(0, 3);
  for (let i = 0; i < changes && copies.length > 0; i += 1) {
    random.pick(CHANGES)(copies, random, alien);
  }
  return joinCommands(random.between(0, 60) === 0 ? random.between(0, 9) : version, copies);
}

function mutateBytes(stream: Buffer, random: Random): Buffer {
  const out = Buffer.from(stream);
  const at = random.between(0, out.length);
  switch (random.between(0, 4)) {
    case 0:
      return out.subarray(0, at);
    case 1:
      return Buffer.concat([out.subarray(0, at), out.subarray(random.between(0, out.length))]);
    case 2:
      out.writeUInt8(random.between(0, 256), at);
      return out;
    default:
      for (let i = 0; i < 1 + random.between(0, 8); i += 1) flip(out, random);
      return out;
  }
}

function hostilePath(commands: Command[], random: Random): void {
  withAttribute(
    commands,
    random,
    (a) => (a.value = Buffer.from(random.pick(HOSTILE_PATHS), 'latin1')),
    (a) => PATHS.includes(a.type),
  );
}

/** A symbolic link to the outside, made early, and a command that goes through it. */
function plantLink(commands: Command[], random: Random): void {
  const [name, target] = random.pick([
    ['out', '../..'],
    ['out', '../../..'],
    ['abs', '/etc'],
    ['up', '..'],
    ['file', '/etc/hostname'],
  ] as const);
  const link: Command = {
    number: 8,
    attributes: [
      { type: 15, value: Buffer.from(name) },
      { type: 3, value: Buffer.alloc(8, 1) },
      { type: 17, value: Buffer.from(target) },
    ],
  };
  commands.splice(1 + random.between(0, 3), 0, link);
  const through = random.pick([name, `${name}/canary`, `${name}/secret/inside`]);
  withAttribute(
    commands,
    random,
    (a) => (a.value = Buffer.from(through)),
    (a) => PATHS.includes(a.type),
  );
}

/** Data of a snapshot that the stream does not build on, by its UUID. */
function alienClone(commands: Command[], random: Random, alien: Buffer): void {
  const transid = Buffer.alloc(8);
  transid.writeBigUInt64LE(random.pick(NUMBERS));
  const number = (value: bigint): Buffer => {
    const out = Buffer.alloc(8);
    out.writeBigUInt64LE(value);
    return out;
  };
  commands.splice(1 + random.between(0, commands.length), 0, {
    number: 16,
    attributes: [
      { type: 18, value: number(0n) },
      { type: 24, value: number(4096n) },
      { type: 15, value: Buffer.from('dir/file') },
      { type: 20, value: alien },
      { type: 21, value: transid },
      { type: 22, value: Buffer.from('inside') },
      { type: 23, value: number(0n) },
    ],
  });
}

function withAttribute(
  commands: Command[],
  random: Random,
  change: (attribute: Attribute) => void,
  fits: (attribute: Attribute) => boolean = () => true,
): void {
  const chosen = commands.flatMap(({ attributes }) => attributes.filter(fits));
  if (chosen.length > 0) change(random.pick(chosen));
}

function flip(bytes: Buffer, random: Random): void {
  if (bytes.length > 0) bytes[random.between(0, bytes.length)]! ^= 1 << random.between(0, 8);
}

function copyCommand({ number, attributes }: Command): Command {
  return {
    number,
    attributes: attributes.map(({ type, value }) => ({ type, value: Buffer.from(value) })),
  };
}
