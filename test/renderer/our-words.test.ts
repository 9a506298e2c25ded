import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runTitle, toldNote } from '../../renderer/model/our-words.ts';
import { speak } from '../../renderer/text/index.ts';
import { parsePlanFile } from '../../main/plan/file/plan-file.ts';
import { inOneSentence } from '../../renderer/model/meanings.ts';
import { conflict, noteOfError, toErrorData } from '../../shared/errors.ts';
import { Retention } from '../../shared/model/retention.ts';
import { NoteModel } from '../../shared/model/basics.ts';
import { noted, say } from '../../shared/said.ts';
import { notRestored } from '../../main/engine/sink/lost.ts';
import { restoreOf, toPlace } from '../../main/runs/titles.ts';

function mistakesIn(text: string): string {
  try {
    parsePlanFile(text, 'toml', 'plans.toml');
  } catch (error) {
    return inOneSentence(toErrorData(error));
  }
  return '';
}

/** Why it was not done, within what was not done: both were once an English half of a sentence. */
const away = noteOfError(
  conflict('drive-away', say`"${{ name: 'Blue Drive' }}" is not plugged in.`),
);
const problem = noted('file-problem', say`${{ path: 'a.txt' }}: ${{ reason: away }}`);

describe('in German', () => {
  beforeAll(() => speak('de'));
  afterAll(() => speak('en'));

  test('a reason within a note is told as well, and an error by its own words', () => {
    expect(toldNote(problem)).toEqual({
      text: 'a.txt: „Blue Drive“ ist nicht angeschlossen.',
      isOurs: true,
    });
  });

  test('what a target does not keep, and why', () => {
    const tooLong = noted('refused-path-too-long', 'its path is too long here');
    const loss = noted('loss', say`${{ path: 'a' }}: ${{ what: notRestored(tooLong, false) }}`);
    expect(toldNote(loss).text).toBe(
      'a: nicht übernommen: nicht wiederhergestellt, denn der Pfad ist hier zu lang',
    );
  });

  // Its reasons came in English in the middle of the German sentence.
  test('what is wrong with a plan file', () => {
    const wrong = [
      '[[plan]]',
      'name = 7',
      'sources = ["home"]',
      'when = [{ every = "calendar", expression = "Mon 29:00" }, { every = "our" }]',
      'wekly = 1',
    ];
    expect(mistakesIn(wrong.join('\n'))).toBe(
      'Plandatei plans.toml, ' +
        'Zeile 2: „name“: hier gehört Text hin; ' +
        'Zeile 3: „sources.0“: das ist kein absoluter Pfad; ' +
        'Zeile 4: „when.1.every“: möglich sind minutes, hour, day, week, month, cron, calendar, plug-in und packages; ' +
        'Zeile 1: „keepLocal“: die Angabe fehlt. Die bisherigen Pläne gelten weiter.',
    );
    const keep = Object.keys(Retention.shape).map((rule) => `${rule} = 1`);
    const good = ['[[plan]]', 'name = "Home"', 'sources = ["/home"]'];
    const times = 'when = [{ every = "calendar", expression = "Mon 29:00" }]';
    expect(
      mistakesIn([...good, times, 'wekly = 1', `keepLocal = { ${keep.join(', ')} }`].join('\n')),
    ).toBe(
      'Plandatei plans.toml, Zeile 5: ein Feld „wekly“ gibt es nicht; ' +
        'Zeile 4: „Mon 29:00“ ist kein Kalenderausdruck: „29“ passt an seiner Stelle nicht. ' +
        'Die bisherigen Pläne gelten weiter.',
    );
    expect(mistakesIn('plan = ')).toMatch(
      /^Plandatei plans.toml, Zeile 1: das ist kein TOML \(.*\)\./,
    );
  });

  test('titles of runs, with how many', () => {
    expect(runTitle({ title: toPlace('Home', 'Blue Drive') })).toBe('Home auf Blue Drive');
    const titleOf = (...names: string[]): string =>
      runTitle({ title: restoreOf(names, 'monday', '/out') });
    expect(titleOf()).toBe('Alles aus monday nach /out');
    expect(titleOf('a')).toBe('a aus monday nach /out');
    expect(titleOf('a', 'b', 'c')).toBe('a und 2 weitere aus monday nach /out');
  });
});

test('in English the reason is part of the sentence', () => {
  expect(toldNote(problem).text).toBe('a.txt: "Blue Drive" is not plugged in.');
  expect(NoteModel.parse(problem)).toEqual(problem);
});
