import { afterEach, describe, expect, test } from 'vitest';
import { conflict, ioError, toErrorData, type ErrorData } from '../../shared/errors.ts';
import { noted, say } from '../../shared/said.ts';
import { errorCodes } from '../../packaging/manual/error-codes.ts';
import {
  meaningOf,
  systemCall,
  UNREAD,
  whatHappened,
  whatToDo,
} from '../../renderer/model/meanings.ts';
import { toldNote } from '../../renderer/model/our-words.ts';
import { speak } from '../../renderer/text/index.ts';
import { top } from '../packaging/built.ts';

const away = toErrorData(
  conflict('drive-away', say`"${{ name: 'Blue' }}" is not plugged in.`, { hint: 'Plug it in.' }),
);
/** As records of older versions have it. */
const older: ErrorData = { ...away, values: undefined };
const rare: ErrorData = { ...away, code: 'of-tomorrow', message: 'It is new.', hint: 'Wait.' };

describe('an error of the service', () => {
  afterEach(() => speak('en'));

  test('is told in its own words where the page speaks English, too', () => {
    expect(whatHappened(away)).toEqual({
      headline: { text: '"Blue" is not plugged in.', isOurs: false },
      detail: '',
    });
    expect(whatToDo(away)).toEqual({ text: 'Plug it in.', isOurs: false });
  });

  test('is told in German with the name in it: it had only the English behind', async () => {
    await speak('de');
    expect(whatHappened(away)).toEqual({
      headline: { text: '„Blue“ ist nicht angeschlossen.', isOurs: true },
      detail: '',
    });
    expect(whatToDo(away).isOurs).toBe(true);
    expect(whatToDo(away).text).toMatch(/^Schließen Sie es an/);
  });

  test('of an older record has no values: a sentence without them, and its own message', async () => {
    await speak('de');
    expect(whatHappened(older)).toEqual({
      headline: { text: 'Das Laufwerk ist nicht mehr angeschlossen.', isOurs: true },
      detail: away.message,
    });
    const withoutWords = { ...older, code: 'drive-unknown' };
    expect(whatHappened(withoutWords).headline).toEqual({ text: away.message, isOurs: false });
  });

  test('with more values than the sentence takes keeps its message beside it', async () => {
    await speak('de');
    const { headline, detail } = whatHappened({ ...away, values: { name: 'Blue', disk: 'sda' } });
    expect(headline.text).toBe('„Blue“ ist nicht angeschlossen.');
    expect(detail).toBe(away.message);
  });

  // `Could not write to "…": ENOSPC.` stood in English below the German headline.
  test('of a system call needs no English sentence: call and errno stand with the code', async () => {
    const path = '/mnt/a';
    const message = say`Could not ${{ what: 'write to' }} "${{ path }}": ${{ errno: 'ENOSPC' }}.`;
    const full = toErrorData(ioError('target-full', message, { place: { path } }));
    await speak('de');
    expect(whatHappened(full)).toEqual({
      headline: { text: 'Das Laufwerk ist voll.', isOurs: true },
      detail: '',
    });
    expect(systemCall(full)).toBe('write to: ENOSPC');
    expect(systemCall(away)).toBe('');
    await speak('en');
    expect(whatHappened(full).detail).toBe('Could not write to "/mnt/a": ENOSPC.');
  });

  test('that this page does not know stays English, and is marked as such', async () => {
    await speak('de');
    const headline = { text: rare.message, isOurs: false };
    expect(whatHappened(rare)).toEqual({ headline, detail: '' });
    expect(whatToDo(rare)).toEqual({ text: rare.hint, isOurs: false });
  });

  test('has numbers as the language writes them where they count, and bare where they name', async () => {
    await speak('de');
    const values = { neededBytes: 12_345_678, freeBytes: 4_096, folder: '/mnt' };
    expect(whatHappened({ ...away, code: 'target-full', values }).headline.text).toContain(
      'braucht 12.345.678 Bytes, in „/mnt“ sind 4.096 frei',
    );
    const inode = { ...away, code: 'inode-damaged', values: { inode: 12_345 } };
    expect(whatHappened(inode).headline.text).toBe('Inode 12345 ist beschädigt.');
  });

  test('for those who know the system has words for anyone before it', () => {
    const full = { ...away, code: 'target-full', message: 'ENOSPC' };
    const headline = { text: 'The drive is full.', isOurs: true };
    expect(whatHappened(full)).toEqual({ headline, detail: 'ENOSPC' });
  });

  // `This version of Dendro cannot read that part of it.` stood below `sendmail is missing`.
  test('says what it means for the data, of data only where it is about data', () => {
    const unread = 'this version of Dendro cannot read that part of it';
    expect(meaningOf({ kind: 'Unsupported', code: 'size-too-large' })).toContain(unread);
    for (const code of ['no-sendmail', 'tool-missing', 'partition-table', 'disk-locked'])
      expect(meaningOf({ kind: 'Unsupported', code })).toBe('Everything that was there is intact.');
    // A restore that found no room said that nothing of it "is shown as a restore point".
    expect(meaningOf({ kind: 'Io', code: 'target-full' })).not.toContain('restore point');
    // `Everything that was there is intact. Nothing was changed; try again.`
    expect(meaningOf({ kind: 'Denied', code: 'passphrase-wrong' })).toBe('');
    // It may come after the first files.
    expect(meaningOf({ kind: 'Denied', code: 'permission-denied' })).not.toContain('Nothing was');
    expect(meaningOf({ kind: 'Conflict', code: 'snapshot-changed' })).toContain(
      'Nothing of it is shown as a restore point',
    );
  });

  test('of a format not known here is one that there is', () => {
    const kinds = new Map(errorCodes(top).codes.map(({ code, kinds: own }) => [code, own]));
    expect([...UNREAD].filter((code) => !kinds.get(code)?.includes('Unsupported'))).toEqual([]);
  });

  test('keeps names that look like what is filled in as they are', () => {
    const odd = conflict('exists', say`"${{ name: '{{path}} $& {path}' }}" is there.`);
    expect(odd.message).toBe('"{{path}} $& {path}" is there.');
    expect(toErrorData(odd).values).toEqual({ name: '{{path}} $& {path}' });
  });
});

describe('what a run noted', () => {
  afterEach(() => speak('en'));

  test('is told in the language of the page: it stayed English', async () => {
    const note = (count: number) => noted('points-removed', say`${{ count }} removed`);
    expect(toldNote(note(2))).toEqual({ text: '2 removed', isOurs: false });
    await speak('de');
    expect(toldNote(note(1)).text).toBe('1 Wiederherstellungspunkt entfernt');
    expect(toldNote(note(1_200)).text).toBe('1.200 Wiederherstellungspunkte entfernt');
  });

  test('by an older version stays as it is', async () => {
    await speak('de');
    const text = '3 restore points removed';
    expect(toldNote(text)).toEqual({ text, isOurs: false });
  });
});
