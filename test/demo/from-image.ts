import { existsSync, mkdtempSync, rmSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeNode, type Aspect, type Difference } from '../harness/compare.ts';
import { walkTree, type TreeNode } from '../harness/walk.ts';
import { openFixture, type ExpectedTree, type Fixture } from '../images/fixtures.ts';
import { dendro } from '../harness/dendro.ts';
import { runDendro, runPipeline, stopChildrenOnSignals } from './dendro.ts';
import { openUp } from './open-up.ts';
import { expectSame, say, showTable, step } from './say.ts';

/** What a plain folder can keep for somebody who is not root. */
const kept: readonly Aspect[] = ['size', 'target', 'mtime', 'links', 'content'];
const keptWithMode: readonly Aspect[] = [...kept, 'mode'];

/**
 * The job without root: two snapshots in a small image that comes with the tests, sent into
 * a plain folder, compared with what the kernel once read from the image.
 */
export async function demoFromImage(): Promise<void> {
  stopChildrenOnSignals();
  const fixture = await step('Unpack an image of a laptop disk', () => openFixture('laptop'));
  const drive = mkdtempSync(join(tmpdir(), 'dendro-demo-drive-'));
  const cleanUp = () => {
    fixture.close();
    openUp(drive);
    rmSync(drive, { recursive: true, force: true });
  };
  process.on('exit', cleanUp);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => process.exit(130));
  }
  const image = fixture.images[0]!;
  const rows = [
    await transfer(fixture, drive, 'home.1'),
    await transfer(fixture, drive, 'home.2', 'home.1'),
  ];
  await restoreOne(fixture, image, drive);
  say('');
  say(showTable([['what', 'files', 'seconds'], ...rows]));
  say('As root the demo does it on disks, beside btrfs send | btrfs receive.');
}

async function transfer(
  fixture: Fixture,
  drive: string,
  name: string,
  parent?: string,
): Promise<string[]> {
  const at = (snapshot: string) => `${fixture.images[0]}:/snapshots/${snapshot}`;
  const from = parent === undefined ? [] : ['-p', at(parent)];
  const started = performance.now();
  await step(
    `Send ${name}${parent === undefined ? '' : ` from ${parent}`} into a plain folder`,
    () =>
      runPipeline([
        [dendro, 'send', '-q', '--proto', '2', ...from, at(name)],
        [dendro, 'receive', '--plain', '-q', drive],
      ]),
  );
  const seconds = (performance.now() - started) / 1000;
  const expected = fixture.expected[`snapshots/${name}`]!;
  expectSame(`${name}: content, names, times and modes`, unlike(expected, join(drive, name)));
  const beside = `${name}.dendro.jsonl`;
  if (existsSync(join(drive, beside))) say(`  what a folder cannot hold is kept in ${beside}`);
  const what = parent === undefined ? 'full' : 'increment';
  return [what, String(Object.keys(expected).length), seconds.toFixed(2)];
}

async function restoreOne(fixture: Fixture, image: string, drive: string): Promise<void> {
  const path = 'extents/size-1000001';
  unlinkSync(join(drive, 'home.2', path));
  await step(`Delete ${path} and restore it from the image`, () =>
    runDendro('restore', `${image}:/snapshots/home.2/${path}`, join(drive, 'home.2/extents')),
  );
  const expected = fixture.expected['snapshots/home.2']!;
  expectSame('the restored file and the lost one', unlike(expected, join(drive, 'home.2'), path));
}

/** Differences from what the kernel read, in what a plain folder can keep. */
function unlike(expected: ExpectedTree, folder: string, only?: string): Difference[] {
  const opened = openUp(folder);
  try {
    const found = new Map(walkTree(folder).map((node) => [node.path, node]));
    const paths = only === undefined ? Object.keys(expected) : [only];
    return paths.flatMap((path) =>
      unlikeAt(path, expected[path]!, found.get(path), opened.modes.get(path)),
    );
  } finally {
    opened.close();
  }
}

/** `mode`: what it was, when it had to be changed to look. */
function unlikeAt(
  path: string,
  wanted: ExpectedTree[string],
  node: TreeNode | undefined,
  mode: number | undefined,
): Difference[] {
  const kind = wanted['kind']!;
  if (kind.endsWith('-device')) return [];
  if (node === undefined) return [{ path, aspect: 'missing', left: kind, right: '' }];
  const aspects = kind === 'file' || kind === 'directory' ? keptWithMode : kept;
  const is = describeNode(node, aspects);
  if (mode !== undefined) is['mode'] = mode.toString(8);
  return aspects.flatMap((aspect) => {
    const key = aspect === 'content' ? 'sha256' : aspect;
    const [left, right] = [wanted, is].map((all) => withoutSetId(aspect, all[key] ?? ''));
    return left === right ? [] : [{ path, aspect, left: left!, right: right! }];
  });
}

/** Set-id bits, like owners and devices, are kept beside a plain folder, not in it. */
function withoutSetId(aspect: Aspect, text: string): string {
  return aspect === 'mode' ? (parseInt(text, 8) & 0o1777).toString(8) : text;
}
