import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMMANDS, loadCommand, type CommandName } from '../../main/cli/commands.ts';
import type { OptionSpecs } from '../../main/cli/options.ts';
import { dendro } from '../cli/dendro.ts';
import { describeKernel } from '../harness/kernel.ts';
import { run } from '../harness/run.ts';
import { exportSnapshot, makeChain, type Chain } from './archive-harness.ts';

const POINTS = 2;

describe('the commands of an archive', () => {
  const names = (Object.keys(COMMANDS) as CommandName[]).filter((name) =>
    name.startsWith('archive '),
  );

  test('take --json and what opens an archive, also those that need no key', async () => {
    expect(names.length).toBe(15);
    for (const name of names) {
      const options: OptionSpecs = (await loadCommand(name)).options;
      expect([name, options['identity']?.short]).toEqual([name, 'i']);
      expect([name, 'passphrase-file' in options, 'json' in options]).toEqual([name, true, true]);
      if ('dry-run' in options) expect([name, options['dry-run']?.short]).toEqual([name, 'n']);
    }
  });

  // The output of `ls -R` was in memory as a whole until the last name had been found.
  test('print paths while they are found', () => {
    const module = join(import.meta.dirname, '../../main/cli/archive/path-output.ts');
    const script = `import { plainPaths } from '${module}';
      const out = plainPaths();
      await out.whole(async () => {
        for (let i = 0; i < 100_000; i += 1) out.take('a-path-' + i);
        process.stderr.write('found all');
      });`;
    const line = `'${process.execPath}' --input-type=module -e "$SCRIPT" | head -c 1 >/dev/null`;
    const { stderr } = run('bash', ['-c', line], { env: { SCRIPT: script } });
    expect(stderr).not.toContain('found all');
    expect(stderr).toContain('output-closed');
  });
});

describeKernel('the commands of an archive, carried out', () => {
  let chain: Chain;
  let plain: string;
  let sealed: string;
  let key: string;
  beforeAll(async () => {
    chain = makeChain(POINTS, 31);
    [plain, sealed, key] = ['plain', 'sealed', 'key'].map((n) => join(chain.source.dir, n)) as [
      string,
      string,
      string,
    ];
    run('age-keygen', ['-o', key]);
    const recipient = /public key: (age1\w+)/.exec(readFileSync(key, 'utf8'))![1]!;
    for (const snapshot of chain.snapshots) {
      await exportSnapshot(snapshot, plain);
      await exportSnapshot(snapshot, sealed, { encryption: { recipients: [recipient] } });
    }
  });
  afterAll(() => chain.source.close());

  const said = (...args: string[]) => {
    const { status, stdout, stderr } = dendro(['archive', ...args]);
    return { status, text: stdout.toString(), stderr };
  };

  test('list takes a key that it does not need, and says what opens the archive', () => {
    const { status, text } = said('list', '-i', key, sealed);
    expect(status).toBe(0);
    expect(text).toMatch(/encrypted: an identity opens it\n$/);
    expect(said('list', plain).text).not.toContain('encrypted');
  });

  // It said that the archive is encrypted, and to give the identity file that had been given.
  test('an identity file without an identity is named', () => {
    const other = join(chain.source.dir, 'letter.txt');
    writeFileSync(other, 'Dear Ada,\n');
    const { status, stderr } = said('ls', '-i', other, sealed, 'latest');
    expect([status, stderr]).toEqual([2, expect.stringMatching(/letter\.txt" holds no age ident/)]);
    expect(said('ls', '-i', key, sealed, 'latest').status).toBe(0);
    expect(said('ls', sealed, 'latest').stderr).toContain('-i FILE');
  });

  test('a reader that goes away ends them without a word, as it ends ls', () => {
    const launcher = join(import.meta.dirname, '../../dendro');
    const line = `'${launcher}' archive find --json '${plain}' latest '*' | true; exit \${PIPESTATUS[0]}`;
    expect(run('bash', ['-c', line], { accept: [141] }).stderr).toBe('');
  });

  test('cat --json has the content in base64, whatever its length', () => {
    const names = said('find', '--json', plain, 'latest', '*');
    const found = JSON.parse(names.text) as {
      path: string;
      entry: { type: string; sizeBytes: number };
    }[];
    const files = found.filter(({ entry }) => entry.type === 'file').slice(0, 3);
    expect(files.length).toBe(3);
    for (const { path, entry } of files) {
      const told = JSON.parse(said('cat', '--json', plain, 'latest', path).text) as object;
      const real = said('cat', plain, 'latest', path);
      const bytes = dendro(['archive', 'cat', plain, 'latest', path]).stdout;
      expect(real.status).toBe(0);
      expect(told).toEqual({
        path,
        base64: bytes.toString('base64'),
        sizeBytes: entry.sizeBytes,
      });
    }
    expect(said('cat', '--json', plain, 'latest', 'no-such')).toMatchObject({
      status: 6,
      text: '',
    });
  });

  // "removed home/home.1", and it was there.
  test('prune --dry-run says what it would do', () => {
    const { status, text } = said('prune', '-n', plain, 'snap.0');
    expect(status).toBe(0);
    expect(text).toBe(
      'would remove live/snap.0\nwould make full live/snap.1\n1 restore point would stay\n',
    );
    expect(said('list', plain).text).toContain('live/snap.0');
  });

  test('versions of a path that was never there: said, without a table of nothing', () => {
    const { status, text, stderr } = said('versions', plain, 'no-such');
    expect([status, text, stderr]).toEqual([1, '', 'No restore point has "no-such".\n']);
    expect(said('versions', '--json', plain, 'no-such').text).toBe('[]\n');
  });

  test('synthetic-full names the point as list does', () => {
    expect(said('synthetic-full', plain, 'snap.1').text).toMatch(/^live\/snap\.1 is full, /);
  });
});
