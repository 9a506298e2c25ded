import { expect, test } from 'vitest';
import { desktopText } from '../../main/app/text.ts';
import { begun } from '../../main/runs/report.ts';
import { toPlace } from '../../main/runs/titles.ts';
import { ioError, toErrorData } from '../../shared/errors.ts';
import { noted, say } from '../../shared/said.ts';
import { ENGLISH, tongueOf } from '../../shared/text/tell.ts';

const german = desktopText(await tongueOf('system', ['de-AT']));
const title = toPlace('Home', 'Blue Drive');
const spec = { kind: 'backup', title, steps: [], source: null, commandLine: '' } as const;
const run = begun('run-1', spec, 0);

// The tray and notifications had the titles and errors of runs in English.
test('runs and errors are told in the language of the tray', () => {
  const half = { ...run, progress: { ...run.progress, percent: 71.8 } };
  expect(german.running(half)).toBe('Home auf Blue Drive: 71\u00a0%');
  expect(german.running(run)).toBe('Home auf Blue Drive');
  expect(german.failed(run)).toBe('Home auf Blue Drive: fehlgeschlagen');
  expect(german.done(run)).toBe('Home auf Blue Drive: fertig');
  const reason = noted('line-broke', 'the line broke');
  const why = say`${{ origin: 'https://a' }}${{ pathname: '/b' }} could not be read: ${{ reason }}.`;
  const error = ioError('update-unreachable', say`${why}${{ why: reason }}`, {
    hint: 'Try again.',
  });
  expect(german.what(toErrorData(error))).toBe(
    'https://a/b ließ sich nicht lesen (die Verbindung riss ab).',
  );
  expect(german.todo(toErrorData(error))).toMatch(/^Prüfen Sie das Netz/);
});

test('moments are written as the language writes them', () => {
  const until = Date.UTC(2026, 10, 3, 18);
  expect(german.paused(until)).toMatch(/^Pläne ruhen bis 0?3\.11\.(20)?26,? \d\d:00$/);
  expect(desktopText(ENGLISH).paused(until)).toMatch(/^Plans are paused until 03\/11\/2026/);
});
