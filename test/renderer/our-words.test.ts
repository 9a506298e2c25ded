import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runTitle, toldNote } from '../../renderer/model/our-words.ts';
import { speak } from '../../renderer/text/index.ts';
import { conflict, noteOfError } from '../../shared/errors.ts';
import { NoteModel } from '../../shared/model/basics.ts';
import { noted, say } from '../../shared/said.ts';
import { notRestored } from '../../main/engine/sink/lost.ts';
import { restoreOf, toPlace } from '../../main/runs/titles.ts';

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
    const loss = noted('loss', say`${{ path: 'a' }}: ${{ what: notRestored(tooLong) }}`);
    expect(toldNote(loss).text).toBe(
      'a: nicht übernommen: nicht wiederhergestellt, denn der Pfad ist hier zu lang',
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
