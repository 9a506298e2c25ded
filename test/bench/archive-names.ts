/** `node archive-names.ts FOLDER`: opening the last point of an archive, then listing it, apart. */
import { CancelToken } from '../../main/engine/cancel.ts';
import { eachInArchive } from '../../main/archive/verbs/browse.ts';
import { withNames } from '../../main/archive/verbs/kept-names.ts';
import { listArchiveBelow, listArchiveFolder } from '../../main/archive/verbs/list-folder.ts';

const GOAL_MS = 1_000;
const PAGE = 500;

const folder = process.argv[2]!;
const input = { folder, point: 'latest', path: '' };
const context = { cancel: new CancelToken(), progress: () => {} };

async function timed(work: () => Promise<unknown>): Promise<string> {
  const start = performance.now();
  await work();
  return `${(performance.now() - start).toFixed(0)} ms`;
}

let paths = 0;
const count = (): void => void (paths += 1);

const opened = await timed(() => withNames(input, context.cancel, () => undefined));
const found = await timed(() => eachInArchive({ ...input, pattern: '*' }, context, count));
const below = await timed(() => listArchiveBelow(input, context, count));
const top = await timed(() => listArchiveFolder({ ...input, offset: 0, limit: PAGE }, context));
const inner = await timed(() =>
  listArchiveFolder({ ...input, path: 'd1', offset: 0, limit: PAGE }, context),
);
const peakMiB = Math.ceil(process.resourceUsage().maxRSS / 1024);
console.log(
  `opened in ${opened}; then ${paths / 2} paths by find in ${found}, by ls -R in ${below} ` +
    `(goal: below ${GOAL_MS} ms); the page's call for the top ${top}, for a folder ${inner}; ` +
    `peak ${peakMiB} MiB`,
);
