import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isPageAddress, PAGE_URL } from '../../main/app/page-address.ts';
import { answerPageRequest } from '../../main/app/page-files.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dendro-page-'));
  mkdirSync(join(folder, 'page/assets'), { recursive: true });
  writeFileSync(join(folder, 'page/index.html'), '<!doctype html>');
  writeFileSync(join(folder, 'page/assets/app.js'), 'export {};');
  writeFileSync(join(folder, 'secret'), 'not for the page');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the page of the app', () => {
  test('comes from its folder, with the content security policy', async () => {
    const answer = await answerPageRequest(PAGE_URL, join(folder, 'page'));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(answer.headers.get('content-security-policy')).not.toMatch(/unsafe|\*/);
    const script = await answerPageRequest('app://page/assets/app.js', join(folder, 'page'));
    expect(script.headers.get('content-type')).toMatch(/javascript/);
  });

  test.each([
    'app://page/../secret',
    'app://page/%2e%2e/secret',
    'app://page/..%2fsecret',
    'app://page/assets/..%2f..%2fsecret',
    'app://page/%00',
    'app://page/%zz',
    'app://elsewhere/index.html',
    'https://page/index.html',
    'file:///etc/passwd',
  ])('%s gets nothing', async (address) => {
    const answer = await answerPageRequest(address, join(folder, 'page'));
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(await answer.text()).toBe('');
  });

  test('only the page itself may talk to the service', () => {
    expect(isPageAddress(`${PAGE_URL}#/restore`)).toBe(true);
    for (const other of ['https://page/', 'app://page.evil/', 'app://evil/', 'about:blank', ''])
      expect(isPageAddress(other)).toBe(false);
  });
});
