import { expect, test } from 'vitest';
import { COMMANDS, loadCommand, type CommandName } from '../../main/cli/commands.ts';
import { parse } from '../../main/cli/options.ts';

const ARGUMENT = 'no-such-place';

/** Usage errors come before anything is looked for: none of the places has to be there. */
async function refusal(line: string): Promise<string> {
  const words = line.split(' ');
  const name = (
    words[0] === 'archive' ? words.splice(0, 2).join(' ') : words.shift()!
  ) as CommandName;
  const command = await loadCommand(name);
  try {
    await command.run(parse(name, command, words));
    return 'taken';
  } catch (error) {
    const { kind, message } = error as { kind?: string; message: string };
    return kind === 'Usage' ? message : `${kind}: ${message}`;
  }
}

// Each of these was taken in silence: the option had no effect, or the first of two won.
test.each([
  ...['-p x', '-c x', '--to x', '--exclude x', '--exclude-from x', '--parent-exclude x', '-e'].map(
    (option) => `send --plain ${option}`,
  ),
  ...['--resume-from 7', '--no-data', '--compressed-data', '--snapshot'].map(
    (option) => `send --plain ${option}`,
  ),
  ...['-f x', '-e', '--resume-from 7', '--no-data'].map((option) => `send --to x ${option}`),
  ...['--ssh-config x', '--remote-dendro x', '--remote-btrfs x'].flatMap((option) => [
    `send ${option}`,
    `send --to /folder ${option}`,
  ]),
  'send --parent-exclude x',
  ...['--privileged', '--owner 1:1', '--map-user 1:1', '--map-group 1:1'].map(
    (option) => `receive ${option}`,
  ),
  'receive --plain --parent-by-uuid',
  'estimate --proto 7',
  'estimate --proto x',
  'estimate --proto 1 --compressed-data',
  'estimate --parent-exclude x',
  ...['--larger 5', '--smaller 5', '--after 2026-01-01', '--before 2026-01-01', '--deleted'].map(
    (option) => `find ${option} place`,
  ),
  ...['--extension x', '--limit 5', '--update'].map((option) => `find ${option} place`),
  'find --limit 0',
  'find --limit 10k',
  'verify --record --json',
  'verify --record --kept',
  'verify --record --against x',
  'verify --record --with-record x',
  'verify --kept --against x',
  'verify --kept --with-record x',
  'verify --against x --with-record x',
  'rescue --list --to x',
  'rescue --snapshots',
  'rescue --list --snapshots',
  'rescue --to x --snapshots --subvolume 5',
  'rescue --subvolume 5',
  'rescue --list --subvolume 5 --path x',
  'recover --ls --to x 1',
  'recover --clash skip 1',
  'recover --clash some 1',
  'recover --ls',
  'recover --to x',
  'recover --ls 1 x y',
  'restore --in-place --beside',
  'restore --undo x',
  'restore --in-place --clash some',
  'leftovers --key x',
  'history --limit abc',
  'history --limit 1.5',
  'history --limit 0',
  'history --limit 5 run',
  'update --check --download',
  'tag --remove some reason',
  'archive export --proto 1 --compressed-data snapshot',
  'archive restore --privileged --to x',
  'archive restore --plain --sidecar --to x',
  'archive restore --plain --keep-chain --to x',
  'archive restore --sidecar --keep-chain --to x',
  'archive restore --sidecar --to x point path',
  'archive restore --keep-chain --to x point path',
  'archive restore --sidecar --dry-run --to x',
  'archive restore --sidecar --clash skip --to x',
])('dendro %s is refused', async (line) => {
  expect(await refusal(`${line} ${ARGUMENT}`)).toMatch(
    /do not go together|does nothing|takes|needs|is no|numeric value|requires|not "some"/,
  );
});

test.each([
  'receive --dump --plain',
  'receive --dump --parent-by-uuid',
  'receive --wire --dump',
  'receive --wire -f x',
  'restore --undo x --json',
  'restore --undo x --in-place',
  'tag --remove',
  'plan list --yaml',
  'plan list --months 3',
  'plan show --json --yaml',
  'plan add --before-packages file',
  'plan check --months 3 file',
  'plan run --before-packages --no-wait',
  'plan run --yaml plan',
  'plan preview --yaml plan',
])('dendro %s is refused', async (line) => {
  expect(await refusal(line)).toMatch(/do not go together|does nothing|takes/);
});

// The archive was made in another folder, with U+FFFD in its name.
test.each(['archive export no\udcff snapshot', 'archive list no\udcff'])(
  'dendro %s is refused',
  async (line) => expect(await refusal(line)).toMatch(/is not UTF-8/),
);

test('options that say what they need name options that there are', async () => {
  for (const name of Object.keys(COMMANDS) as CommandName[]) {
    const { options } = await loadCommand(name);
    for (const { needs = [], without = [] } of Object.values(options)) {
      for (const other of [...needs, ...without]) expect(Object.keys(options)).toContain(other);
    }
  }
});
