import { describe, expect, it, test } from 'vitest';
import { nearest } from '../../main/cli/nearest.ts';
import { dendro } from './dendro.ts';

const NOWHERE = '/proc/self/there-is-nothing';

describe('the nearest name', () => {
  const names = ['send', 'receive', 'status', 'archive export', '--proto', '--resume-from'];
  it.each([
    ['sned', 'send'],
    ['recieve', 'receive'],
    ['Status', 'status'],
    ['archive exprt', 'archive export'],
    ['--resume-form', '--resume-from'],
    ['--resumefrom', '--resume-from'],
    ['backup', undefined],
    ['x', undefined],
    ['', undefined],
  ])('of %j is %j', (given, meant) => {
    expect(nearest(given, names)).toBe(meant);
  });

  it('of what is no name at all is found without long work', () => {
    expect(nearest('x'.repeat(1_000_000), names)).toBeUndefined();
  });
});

describe('a mistyped word is answered with the one that was meant', () => {
  it.each([
    [['sttaus'], 'There is no command "sttaus".', 'dendro status'],
    [['archiv', 'list', '/x'], 'There is no command "archiv".', 'dendro archive list'],
    [['archive', 'exprot', '/x'], 'There is no command "archive exprot".', 'dendro archive export'],
    [['achive'], 'There is no command "achive".', 'dendro archive'],
    [['help', 'volume'], 'There is no command "volume".', 'dendro volumes'],
    [['plan', 'previw', 'Home'], 'dendro plan has no "previw".', 'dendro plan preview'],
    [['ls', '--jsno', '/'], "Unknown option '--jsno'.", '--json'],
    [['send', '--resume-form', '3', '/'], "Unknown option '--resume-form'.", '--resume-from'],
    [['snapshots', 'craete', '/a', '/b'], 'lists one volume', 'dendro snapshots create'],
    [['settings', 'langauge', 'de'], 'There is no setting "langauge".', 'language'],
  ])('%j', (args, said, meant) => {
    const { stderr } = dendro(args);
    expect(stderr).toContain(said);
    expect(stderr).toContain(`Did you mean ${meant}?`);
  });

  it('and what is like nothing is not guessed at', () => {
    expect(dendro(['backup']).stderr).not.toContain('Did you mean');
    expect(dendro(['ls', '--hrmpf', '/']).stderr).not.toContain('Did you mean');
  });
});

// "create" does not exist, it said, as of a path; and of a missing argument how many, not which.
test.each([
  [['snapshots', 'create'], 2, 'Name a subvolume and the new path.'],
  [['snapshots', 'delete'], 2, 'Name the snapshots to delete.'],
  [['rollback', '--json'], 2, 'Usage: dendro rollback '],
  [['leftovers'], 2, 'Usage: dendro leftovers '],
  [['restore', '/x'], 2, 'Usage: dendro restore PLACE ... FOLDER'],
  [['send'], 1, 'Usage: dendro send [OPTIONS] SNAPSHOT ...'],
  [['find', '/tmp'], 2, "To list all that is in that place: dendro find /tmp '*'"],
])('what is missing is told: %j', (args, exitCode, said) => {
  const { status, stderr } = dendro(args);
  expect([status, stderr]).toEqual([exitCode, expect.stringContaining(said)]);
});

test.each(['--version', '-V', 'version'])('%s', (word) => {
  expect(dendro([word]).stdout.toString()).toMatch(/^dendro \d+\.\d+\.\d+\n$/);
});

// The reference promised it, and `--json` had the same lines for people as without it.
test.each([
  [['ls', '--json', NOWHERE], 6, 'Conflict', 'not-found'],
  // Said to be a device that failed (7), where every other command said that nothing has that name.
  [['rescue', '--json', NOWHERE], 6, 'Conflict', 'not-found'],
  [['rescue', '--json', '--list', NOWHERE], 6, 'Conflict', 'not-found'],
  [['ls', '--json'], 2, 'Usage', 'bad-arguments'],
  [['ls', '--json', '--hrmpf', '/'], 2, 'Usage', 'bad-option'],
  [['archive', 'list', '--json', NOWHERE], 6, 'Conflict', 'no-archive'],
])('with --json an error is JSON, too: %j', (args, exitCode, kind, code) => {
  const { status, stdout, stderr } = dendro(args);
  expect([status, stdout.toString()]).toEqual([exitCode, '']);
  expect(JSON.parse(stderr)).toEqual({
    error: {
      ...{ kind, code, message: expect.any(String) as string, hint: expect.any(String) as string },
      place: expect.any(Object) as object,
    },
  });
});
