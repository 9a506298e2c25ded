import { existsSync } from 'node:fs';
import { ioError, unsupported } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import type { Notice } from '../../shared/model/notice.ts';
import { runToEnd } from './run-to-end.ts';

const PLACES = ['/usr/sbin/sendmail', '/usr/lib/sendmail'];
/** Encoded, with its name before it, a line stays below the 76 characters of RFC 2047. */
const WORD_BYTES = 39;

/** @throws Unsupported 'no-sendmail'; Io 'mail-failed' */
export async function sendMail(
  notice: Notice,
  to: string,
  hostName: string,
  sendmail: string | undefined = PLACES.find((path) => existsSync(path)),
): Promise<void> {
  if (sendmail === undefined) {
    throw unsupported('no-sendmail', 'This computer cannot send mail: it has no sendmail.', {
      hint: 'Install a mail program such as msmtp-mta or postfix.',
    });
  }
  // -i: a line with a lone dot does not end the mail; --: an address is never an option.
  const { exitCode } = await runToEnd([sendmail, '-i', '--', to], mailText(notice, to, hostName));
  if (exitCode === 0) return;
  throw ioError('mail-failed', say`sendmail ended with exit code ${{ exitCode }}.`, {
    hint: 'See its log, for example with: journalctl -t sendmail',
  });
}

/** RFC 5322 with encoded words (RFC 2047): no text can add a header of its own. */
export function mailText({ title, text, atMs }: Notice, to: string, hostName: string): string {
  const body = Buffer.from(`${text}\n\n-- \nDendro · ${hostName}\n`).toString('base64');
  return [
    `To: ${to}`,
    `Subject: ${encodedWords(`[${hostName}] ${title}`)}`,
    `Date: ${new Date(atMs).toUTCString().replace('GMT', '+0000')}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    // So that no other program answers it.
    'Auto-Submitted: auto-generated',
    '',
    body.replace(/.{76}/g, '$&\n'),
    '',
  ].join('\n');
}

/** Words of at most 75 characters, split between characters and never inside one. */
function encodedWords(text: string): string {
  const words: string[] = [];
  let word = '';
  for (const character of text) {
    if (Buffer.byteLength(word + character) > WORD_BYTES) {
      words.push(word);
      word = '';
    }
    word += character;
  }
  return [...words, word]
    .map((part) => `=?utf-8?B?${Buffer.from(part).toString('base64')}?=`)
    .join('\n ');
}
