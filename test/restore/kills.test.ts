import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CancelToken } from '../../main/engine/cancel.ts';
import { verbs, type VerbInput, type VerbName } from '../../main/engine/index.ts';
import { closeVolumes } from '../../main/engine/open-volumes.ts';
import type { RestoreSummary } from '../../main/engine/verbs/restore.ts';
import { fillTree } from '../harness/fill.ts';
import { describeKernel } from '../harness/kernel.ts';
import { withBtrfs } from '../harness/loop.ts';
import { LAYOUTS, makeSystem } from '../rollback/layouts.ts';
import { changesOf, idOf, PointAndArchive } from './killed.ts';
import { differences, leftovers } from './support.ts';

/** Moments of each kind; `npm run danger:restore` has many. */
const MOMENTS = Number(process.env['DENDRO_KILLS'] ?? 1);

let kept: PointAndArchive | undefined;
let number = 0;

beforeAll(async () => {
  if (process.getuid?.() !== 0) return;
  kept = await PointAndArchive.make(512, (home) => {
    mkdirSync(join(home, 'docs'));
    fillTree(join(home, 'docs'), { seed: 9, files: 10 });
  });
});
afterAll(() => kept?.close());

const child = (verb: VerbName, input: unknown, killAt: number): number | undefined =>
  changesOf({ verb, input, killAt });

async function carryOut<N extends VerbName>(verb: N, input: VerbInput<N>): Promise<unknown> {
  const call = verbs[verb] as (input: unknown, context: object) => unknown;
  try {
    return await call(input, { cancel: new CancelToken(), progress: () => {} });
  } finally {
    closeVolumes();
  }
}

/** Spread over all of it, and the last ones among the renames. */
function moments(changes: number): number[] {
  const spread = Array.from({ length: MOMENTS }, (_, i) =>
    Math.max(1, Math.floor((changes * (2 * i + 1)) / (2 * MOMENTS))),
  );
  return [...new Set([...spread, changes - 3])];
}

interface Case {
  readonly verb: 'restore' | 'restorePlace';
  /** On which filesystem. */
  readonly onto: 'laptop' | 'drive';
  readonly input: (folder: string) => unknown;
  /** What is compared, below the point and below the folder. */
  readonly from: string;
  readonly to: string;
  readonly isReplacing?: boolean;
}

function fromVolume(items: object, more: object = {}) {
  return (folder: string): unknown => ({
    ...kept!.snapshot,
    items: [items],
    folder,
    ...more,
  });
}

const DOCS = { from: 'docs', to: 'docs' };
const WHOLE = { from: '', to: 'docs' };
const CASES: Readonly<Record<string, Case>> = {
  'shared with a snapshot': {
    ...{ verb: 'restore', onto: 'laptop', input: fromVolume(DOCS), from: 'docs', to: 'docs' },
  },
  'read from another volume': {
    ...{ verb: 'restore', onto: 'drive', input: fromVolume(DOCS), from: 'docs', to: 'docs' },
  },
  'in place of what is there': {
    ...{ verb: 'restore', onto: 'laptop', from: 'docs', to: 'docs', isReplacing: true },
    input: fromVolume(DOCS, { clash: 'replace' }),
  },
  'beside it': {
    ...{ verb: 'restore', onto: 'laptop', from: 'docs', to: 'docs (restored)' },
    input: fromVolume(DOCS, { beside: true }),
  },
  'a whole subvolume, here': {
    ...{ verb: 'restore', onto: 'laptop', input: fromVolume(WHOLE), from: '', to: 'docs' },
  },
  'a whole subvolume, from another volume': {
    ...{ verb: 'restore', onto: 'drive', input: fromVolume(WHOLE), from: '', to: 'docs' },
  },
  'out of an archive': {
    ...{ verb: 'restorePlace', onto: 'laptop', from: 'docs', to: 'docs', isReplacing: true },
    input: (folder) => ({
      place: { kind: 'archive', folder: kept!.archive, point: 'home/point' },
      items: [DOCS],
      folder,
      clash: 'replace',
    }),
  },
  'everything out of an archive': {
    ...{ verb: 'restorePlace', onto: 'laptop', from: '', to: 'all' },
    input: (folder) => ({
      place: { kind: 'archive', folder: kept!.archive, point: 'home/point' },
      items: [{ from: '', to: 'all' }],
      folder,
      clash: 'skip',
    }),
  },
};

function freshFolder({ onto, isReplacing }: Case): string {
  const { dir } = kept![onto];
  const folder = join(dir, `to${(number += 1)}`);
  mkdirSync(folder);
  if (isReplacing === true) writeFileSync(join(folder, 'docs'), 'stands there');
  return folder;
}

const except = {
  ignore: (path: string): boolean => path.startsWith('flags') || path.includes('/flags'),
};

describeKernel('kill -9 in the middle of a restore', () => {
  for (const [name, one] of Object.entries(CASES)) {
    test(`${name}: goes on, ends the same, and is undone`, async () => {
      const changes = child(one.verb, one.input(freshFolder(one)), 0)!;
      expect(changes).toBeGreaterThan(10);
      for (const killAt of moments(changes)) {
        const folder = freshFolder(one);
        const input = one.input(folder);
        child(one.verb, input, killAt);
        // Whole, or not there; what stood there is in its place or kept.
        if (one.isReplacing === true) {
          const kept = ['docs', 'docs (before restore)'].map((n) => join(folder, n));
          const isThere = kept.some((path) => existsSync(path) && isAsItWas(path));
          const isStaged = leftovers(folder).length > 0;
          expect([killAt, isThere || isStaged]).toEqual([killAt, true]);
        }
        const summary = (await carryOut(one.verb, input as never)) as RestoreSummary;
        const [source, copy] = [join(kept!.point, one.from), join(folder, one.to)];
        expect([killAt, ...differences(source, copy, except)]).toEqual([killAt]);
        expect([killAt, leftovers(folder)]).toEqual([killAt, []]);
        const { items, madeFolders } = summary;
        if (killAt % 2 === 0) child('undoRestore', { items, madeFolders }, 2);
        await carryOut('undoRestore', { items, madeFolders });
        const names = one.isReplacing === true ? ['docs'] : [];
        expect([killAt, readdirSync(folder)]).toEqual([killAt, names]);
        if (one.isReplacing === true) expect(isAsItWas(join(folder, 'docs'))).toBe(true);
        rmSync(folder, { recursive: true });
      }
    });
  }
});

function isAsItWas(path: string): boolean {
  try {
    return readFileSync(path, 'utf8') === 'stands there';
  } catch {
    return false; // the restored folder
  }
}

describeKernel('kill -9 in the middle of a rollback', () => {
  for (const layout of LAYOUTS.filter((_, i, all) => i === 0 || all[i]!.bootOptions === '')) {
    test(`of a system laid out as ${layout.name} does it: the same again finishes it`, async () => {
      const boot = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-`));
      try {
        let changes = 0;
        for (let round = 0; round === 0 || round <= moments(changes).length; round += 1) {
          await withBtrfs({ sizeMiB: 256, mountOptions: 'subvolid=5' }, async (fs) => {
            makeSystem(fs, layout, boot);
            fs.sync();
            const input = {
              volume: { devices: [fs.device], mountPath: fs.dir },
              pointId: idOf(join(fs.dir, layout.point)),
              targetId: null,
              bootFolder: layout.isBootInTree ? null : boot,
              isForced: false,
              moment: '2026-11-27T23.15',
            };
            if (round === 0) {
              changes = child('rollback', input, 0)!;
              return;
            }
            child('rollback', input, moments(changes)[round - 1]!);
            await carryOut('rollback', input);
            expect(existsSync(join(fs.dir, '.dendro-rollback.json'))).toBe(false);
            fs.unmount();
            fs.mount(layout.bootOptions);
            expect(readFileSync(join(fs.dir, 'version'), 'utf8')).toBe('then');
            for (const nested of layout.nested) {
              expect(readFileSync(join(fs.dir, nested, 'inside'), 'utf8')).toBe(nested);
            }
          });
        }
      } finally {
        rmSync(boot, { recursive: true });
      }
    });
  }
});
