import { spawn } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { receiveFolder } from '../../main/engine/receive.ts';
import { identityKey, identityOf } from '../../main/engine/sink/stream-identity.ts';
import { bytesSource } from '../../main/engine/stream/decode-source.ts';
import { describeKernel } from '../harness/kernel.ts';
import { run } from '../harness/run.ts';
import { FOREIGN, missingTool, mountForeign, type ForeignDisk } from './foreign-filesystem.ts';
import { openBelow, PlainCanaries, receivePlainMutated } from './plain-canaries.ts';
import { errorOf, fullStream, text, UUID } from './receive-harness.ts';
import { baseStreams, holderOf, outcomeOf } from './spoilt-streams.ts';

/** Spoilt streams on each filesystem; `plain-campaign.ts` does as many as wanted. */
const COUNT = 40;
const RACES = 60;

for (const foreign of FOREIGN) {
  const missing = missingTool(foreign);
  describeKernel(`hostile streams into a plain folder: ${foreign.name} ${missing ?? ''}`, () => {
    test.skipIf(missing !== undefined)('a typed error or a folder, nothing else touched', () => {
      const disk = mountForeign(foreign);
      try {
        const canaries = new PlainCanaries(disk.dir, foreign.isPosix);
        const outcomes = (['spoilt', 'composed'] as const).flatMap((making) => [
          ...receivePlainMutated(canaries, 1, COUNT, making),
        ]);
        expect(outcomes.filter(({ kind }) => kind === 'received').length).toBeGreaterThan(0);
        expect(Math.max(...outcomes.map(({ tookMs }) => tookMs))).toBeLessThan(20_000);
      } finally {
        disk.close();
      }
    });
  });
}

describeKernel('a plain folder that others can write to', () => {
  let disk: ForeignDisk;
  let target: string;
  let vault: string;
  beforeAll(() => {
    disk = mountForeign(FOREIGN.find(({ name }) => name === 'tmpfs')!);
    target = `${disk.dir}/target`;
    vault = `${disk.dir}/vault`;
    mkdirSync(`${vault}/tree/dir`, { recursive: true });
    mkdirSync(`${vault}/dir`);
    for (const name of ['sidecar', 'complete', 'journal', 'identity', 'file', 'dir/file', '1.0']) {
      writeFileSync(`${vault}/${name}`, 'private');
    }
  });
  // An error on the way left a folder open, and the drive busy.
  afterEach(() => expect(openBelow(disk.dir)).toEqual([]));
  afterAll(() => disk.close());

  const untouched = (): void => {
    const names = readdirSync(vault, { recursive: true }).sort();
    expect(names).toEqual(
      ['1.0', 'complete', 'dir', 'dir/file', 'file', 'identity', 'journal', 'sidecar', 'tree']
        .concat('tree/dir')
        .sort(),
    );
    expect(readFileSync(`${vault}/sidecar`, 'utf8')).toBe('private');
  };
  const receiveInto = (stream: Uint8Array, maxErrors = 1): void =>
    void receiveFolder({ source: bytesSource(stream), target, maxErrors });
  const anew = (): void => {
    rmSync(target, { recursive: true, force: true });
    mkdirSync(target);
  };
  const [base, , , , increment] = baseStreams();
  const baseKey = identityKey(identityOf(text('base'), UUID, 7));

  // The name of the snapshot went into the path of its folder as it was.
  test.each(['dir/new', '../new', 'link/new', '..', '.', '', '.dendro-receive-0123456789abcdef'])(
    'a snapshot cannot be called %j',
    (name) => {
      anew();
      mkdirSync(`${target}/dir`);
      symlinkSync(vault, `${target}/link`);
      expect(errorOf(() => receiveInto(fullStream(name, () => {}))).kind).toBe('Corrupt');
      expect(readdirSync(`${target}/dir`)).toEqual([]);
      expect(existsSync(`${disk.dir}/new`)).toBe(false);
      expect(readdirSync(target).sort()).toEqual(['dir', 'link']);
      untouched();
    },
  );

  // What was found under the private name was taken for a leftover, and written through its links.
  test('a private folder that somebody else made is not used', () => {
    anew();
    const planted = `${target}/.dendro-receive-${baseKey}`;
    mkdirSync(planted);
    symlinkSync(`${vault}/sidecar`, `${planted}/sidecar`);
    symlinkSync(`${vault}/identity`, `${planted}/identity`);
    chownSync(planted, 1000, 1000);
    expect(errorOf(() => receiveInto(base!.stream))).toMatchObject({
      ...{ kind: 'Denied', code: 'staging-not-ours' },
    });
    expect(existsSync(`${target}/base`)).toBe(false);
    untouched();
  });

  // The tree that an increment builds on was opened through a link: its content came from elsewhere.
  test('a parent that has become a link is not read', () => {
    anew();
    receiveInto(base!.stream);
    renameSync(`${target}/base`, `${disk.dir}/moved`);
    symlinkSync(vault, `${target}/base`);
    expect(errorOf(() => receiveInto(increment!.stream)).kind).not.toBe('none');
    expect(existsSync(`${target}/new`)).toBe(false);
    rmSync(`${disk.dir}/moved`, { recursive: true });
  });

  // The search for the parent read whatever was named like a sidecar, and waited for a writer.
  test('a pipe named like a sidecar is passed', () => {
    anew();
    run('mkfifo', [`${target}/a.dendro.jsonl`]);
    symlinkSync('/dev/zero', `${target}/b.dendro.jsonl`);
    expect(errorOf(() => receiveInto(increment!.stream)).code).toBe('parent-missing');
    receiveInto(base!.stream);
    receiveInto(increment!.stream);
  });

  // A sidecar's names went into paths as they were.
  test.each([{ real: '..' }, { real: 'a/b' }, { real: '.' }, { path: '..' }, { path: 'dir/../x' }])(
    'a sidecar with the name %j is damaged',
    (names) => {
      anew();
      receiveInto(base!.stream);
      const hex = Object.fromEntries(
        Object.entries({ path: 'copy', ...names }).map(([key, name]) => [
          key,
          Buffer.from(name).toString('hex'),
        ]),
      );
      const sidecar = `${target}/base.dendro.jsonl`;
      const line = JSON.stringify({ ...hex, inode: 900, mode: 0o100777 });
      writeFileSync(sidecar, `${readFileSync(sidecar, 'utf8')}${line}\n`);
      expect(errorOf(() => receiveInto(increment!.stream)).code).toBe('sidecar-damaged');
      expect(readdirSync(target)).not.toContain('new');
    },
  );

  // What failed at the END was gone on after, and ended as a defect of Dendro.
  test('an error at the end of a tolerant receive is one', () => {
    anew();
    const taken = fullStream('new', (e) => {
      e.mkfile(text('f'), 1);
      mkdirSync(`${target}/planted`, { recursive: true });
    });
    const source = bytesSource(taken);
    let isFirst = true;
    const late = {
      read: (into: Buffer, offset: number, length: number) => {
        if (!isFirst) mkdirSync(`${target}/new`, { recursive: true });
        isFirst = false;
        return source.read(into, offset, Math.min(length, 90));
      },
    };
    const receive = (): void => void receiveFolder({ source: late, target, maxErrors: 0 });
    expect(errorOf(receive)).toMatchObject({ kind: 'Conflict', code: 'exists' });
  });

  describe('while it is received', () => {
    test(`${RACES} times with links put in the place of folders: nothing is written or read there`, async () => {
      anew();
      const peer = spawn('node', ['test/receive/swapping-peer.ts', target, vault], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      try {
        await new Promise((begun) => peer.stdout.once('data', begun));
        const kinds = new Set<string>();
        for (let i = 0; i < RACES; i += 1) {
          const { kind, code } = outcomeOf(() => receiveInto(base!.stream, i % 2));
          if (kind === 'Bug') throw new Error(code);
          kinds.add(kind);
          outcomeOf(() => receiveInto(increment!.stream, i % 2));
          peer.kill('SIGSTOP');
          untouched();
          const made = readdirSync(target).map((name) => Buffer.from(`${target}/${name}`));
          expect(holderOf(['private'], made)).toBeUndefined();
          for (const path of made) rmSync(path, { recursive: true, force: true });
          peer.kill('SIGCONT');
        }
        expect([...kinds]).toContain('received');
      } finally {
        peer.kill('SIGKILL');
      }
    });
  });
});
