import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { freeMarkedPath } from '../../main/engine/restore/destination.ts';

const folder = mkdtempSync(join(tmpdir(), 'dendro-names-'));
const root = openSync(folder, 'r');
afterAll(() => {
  closeSync(root);
  rmSync(folder, { recursive: true });
});

// A restored snapshot was called `home (restored).20261130-043200`.
test.each([
  ['letter.txt', 'letter (restored).txt'],
  ['letters/to mum.odt', 'letters/to mum (restored).odt'],
  ['film.7z', 'film (restored).7z'],
  ['письмо.док', 'письмо (restored).док'],
  ['.bashrc', '.bashrc (restored)'],
  ['home.20261130-043200', 'home.20261130-043200 (restored)'],
  ['home.20261130T0432', 'home.20261130T0432 (restored)'],
  ['2026-11-22T10:05.3', '2026-11-22T10:05.3 (restored)'],
  ['v1.2/notes', 'v1.2/notes (restored)'],
  ['Dr. Who and the others', 'Dr. Who and the others (restored)'],
])('the mark in %s', (path, expected) => {
  expect(Buffer.from(freeMarkedPath(root, Buffer.from(path), 'restored')).toString()).toBe(
    expected,
  );
});
