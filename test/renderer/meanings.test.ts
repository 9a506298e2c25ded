import { afterEach, describe, expect, test } from 'vitest';
import { whatHappened, whatToDo } from '../../renderer/model/meanings.ts';
import { errors } from '../../renderer/text/en/errors.ts';
import { speak } from '../../renderer/text/index.ts';
import { errorCodes } from '../../packaging/manual/error-codes.ts';
import { top } from '../packaging/built.ts';

const away = { code: 'drive-away', message: '"Blue" is not plugged in.', hint: 'Plug it in.' };
const rare = { code: 'node-depth', message: 'A tree is too deep.', hint: 'Use another copy.' };

describe('an error of the service', () => {
  afterEach(() => speak('en'));

  test('is told in its own words where the page speaks English, too', () => {
    expect(whatHappened(away)).toEqual({ headline: away.message, detail: '' });
    expect(whatToDo(away)).toEqual({ advice: 'Plug it in.', isOurs: false });
  });

  test('is told in German by its code, with the names in English behind it', async () => {
    await speak('de');
    expect(whatHappened(away)).toEqual({
      headline: 'Das Laufwerk ist nicht angeschlossen.',
      detail: away.message,
    });
    expect(whatToDo(away)).toMatchObject({ isOurs: true });
    expect(whatToDo(away).advice).toMatch(/^Schließen Sie es an/);
  });

  test('of a rare kind stays English, and is marked as such', async () => {
    await speak('de');
    expect(whatHappened(rare)).toEqual({ headline: rare.message, detail: '' });
    expect(whatToDo(rare)).toEqual({ advice: rare.hint, isOurs: false });
  });

  test('that the page has words for exists', () => {
    const known = new Set(errorCodes(top).codes.map(({ code }) => code));
    expect(Object.keys(errors.told).filter((code) => !known.has(code))).toEqual([]);
    expect(Object.keys(errors.advice)).toEqual(Object.keys(errors.told));
  });
});
