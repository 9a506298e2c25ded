import { afterEach, describe, expect, test } from 'vitest';
import { whatHappened, whatToDo } from '../../renderer/model/meanings.ts';
import { errors } from '../../renderer/text/en/errors.ts';
import { speak } from '../../renderer/text/index.ts';
import { errorCodes } from '../../packaging/manual/error-codes.ts';
import { top } from '../packaging/built.ts';

const away = { code: 'drive-away', message: '"Blue" is not plugged in.', hint: 'Plug it in.' };
const rare = { code: 'node-depth', message: 'A tree is too deep.', hint: 'Use another copy.' };

/**
 * Without words in the page's other languages: what the inside of a damaged disk, stream or wire is
 * told by, what only a command line can be refused for, and what no person can act on. Of these the
 * page has the meaning by kind, and the message in English. A new code is given words, or stands here.
 */
const ENGLISH_ONLY = `
  age-header age-length already-received archive-lock archive-read-only archive-version
  bad-arguments bad-date bad-input bad-months bad-option bad-pattern bad-port bad-recipient
  bad-size bad-subvolume-name bad-target bit-rot boot-by-number boots-another bug bus-denied
  bus-failed bus-no-answer bus-object-gone bus-service-missing busy cancelled cannot-listen
  catalogue-ended channel-damaged channel-from-the-future channel-setting-damaged
  checksum-missing chunk-damaged clock-wrong clone-past-end clone-source-missing command-denied
  command-missing compressed-data-damaged compressed-data-needs-protocol-2 compression
  compression-unknown connection-garbled damage-found data-moved data-moves device-missing
  device-read-failed device-too-short device-without-direct devices-unreadable
  different-filesystems directory-damaged directory-without-top disk-locked drill-failed
  drive-marker-missing duplicate-device edit-given-up encoded-data encrypted-extent exclude-file
  extent-damaged extent-encoding extent-item-damaged far-end-bare file-extent-damaged
  file-replaced history-too-new import-failed index-mismatch index-missing inode-damaged
  inode-item-damaged inode-missing inode-ref-damaged inode-without-name input-damaged
  input-encrypted input-incomplete input-locked is-an-archive kept-gone kernel-without-modules
  leftover-differs member-disk message-malformed message-too-long name-damaged name-not-text
  name-too-long name-unsafe no-device no-editor no-sidecar no-streams no-such-inode
  no-target-folder no-twin-needed no-update-channel not-a-directory not-in-group not-read-only
  number-too-large other-subvolume output-closed output-failed page-not-built parent-changed
  parent-writable parity-insufficient part-too-short partition-table passphrases-differ
  path-has-dots pin-unknown plan-ambiguous point-ambiguous point-elsewhere point-not-whole
  port-taken protocol-unknown read-only-source rebuild-failed recipient-missing record-damaged
  record-missing report-unknown rescue-target-exists rescue-target-failed resume-mismatch
  rollback-not-confirmed rollback-onto-itself rollback-target-unknown root-item-damaged
  root-ref-damaged seek-table sent-differently service-answer service-gone service-running
  sidecar-damaged sidecar-mismatch staging-not-ours stdout-is-a-terminal stream-command
  stream-empty stream-hash stream-not-opened stream-resumed stream-too-short symlink-damaged
  target-unknown token-unreadable tool-failed tool-missing tree-block-damaged tree-damaged
  tree-gone tree-missing tree-order trees-move udisks-denied udisks-refused unknown-action
  unknown-checksum unknown-command unknown-compression unknown-extent unknown-group
  unknown-setting unmapped-address unsupported-feature update-too-large which-point
  whole-in-place wire-malformed wire-version xattr-damaged
`
  .trim()
  .split(/\s+/);

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

  test('has words in every language, or is named as one that has none', () => {
    const codes = errorCodes(top).codes.map(({ code }) => code);
    expect(codes.filter((code) => !Object.hasOwn(errors.told, code))).toEqual(ENGLISH_ONLY);
  });

  test('for those who know the system has words for anyone before it, and German advice', async () => {
    const full = { code: 'target-full', message: 'ENOSPC', hint: 'Free some space.' };
    expect(whatHappened(full)).toEqual({ headline: 'The drive is full.', detail: 'ENOSPC' });
    await speak('de');
    expect(whatHappened(full)).toEqual({ headline: 'Das Laufwerk ist voll.', detail: 'ENOSPC' });
    expect(whatToDo(full)).toMatchObject({ isOurs: true });
    expect(whatToDo(full).advice).toMatch(/^Schaffen Sie/);
  });
});
