import { createClient, defineInterface } from 'dbus-native';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBus } from '../../main/dbus/bus.ts';
import { showOnDesktop } from '../../main/notify/desktop-sender.ts';
import { mailText, sendMail } from '../../main/notify/mail-sender.ts';
import { sendNotice } from '../../main/notify/send-notice.ts';
import { NoticeWay, type Notice } from '../../shared/model/notice.ts';
import { startMessageBus } from '../harness/message-bus.ts';

const notice: Notice = {
  event: 'failure',
  subject: 'plan 1 drive',
  title: 'Hömé to "Blue" Drive: the backup failed\r\nBcc: everyone@example.org',
  text: 'The drive is full <b>now</b>. $(rm -rf /)',
  atMs: Date.UTC(2026, 10, 27, 12),
};
const world = { hostName: 'laptop' };
let folder: string;

beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'dendro-notify-'))));
afterAll(() => rmSync(folder, { recursive: true }));

function program(name: string, lines: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, ['#!/bin/sh', ...lines, ''].join('\n'));
  chmodSync(path, 0o755);
  return path;
}
const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable('it should have failed'),
    (error: Error & { code: string; hint: string }) => error,
  );

describe('the desktop', () => {
  it('shows a notice, and the next one of the same subject in its place', async () => {
    const daemon = await startMessageBus();
    const peer = createClient({ busAddress: daemon.address });
    const shown: Record<string, unknown>[] = [];
    const connect = () => openBus({ address: daemon.address });
    expect(await errorOf(showOnDesktop(notice, connect))).toMatchObject({ code: 'no-desktop' });
    await peer.export(
      '/org/freedesktop/Notifications',
      defineInterface({
        name: 'org.freedesktop.Notifications',
        methods: {
          Notify: {
            in: {
              app: 's',
              replaces: 'u',
              icon: 's',
              summary: 's',
              body: 's',
              actions: 'as',
              hints: 'a{sv}',
              timeout: 'i',
            },
            out: { id: 'u' },
            handler: (args) => {
              shown.push(args);
              return 42;
            },
          },
        },
      }),
    );
    await peer.ownName('org.freedesktop.Notifications');
    await showOnDesktop(notice, connect);
    await showOnDesktop({ ...notice, event: 'recovery', title: 'Good again' }, connect);
    expect(shown[0]).toMatchObject({
      app: 'Dendro',
      replaces: 0,
      body: 'The drive is full &lt;b&gt;now&lt;/b&gt;. $(rm -rf /)',
      hints: { urgency: 2 },
      timeout: -1,
    });
    expect(shown[1]).toMatchObject({ replaces: 42, summary: 'Good again', hints: { urgency: 1 } });
    await peer.close();
    await daemon.close();
  });
});

describe('mail', () => {
  it('goes to sendmail with the address as an argument, and no text becomes a header', async () => {
    const out = join(folder, 'mail');
    const sendmail = program('sendmail', [`printf '%s\\n' "$@" > '${out}.args'`, `cat > '${out}'`]);
    await sendMail(notice, 'admin@example.org', 'laptop', sendmail);
    expect(readFileSync(`${out}.args`, 'utf8')).toBe('-i\n--\nadmin@example.org\n');
    const text = readFileSync(out, 'utf8');
    const [head = '', body = ''] = text.split('\n\n');
    expect(head.split('\n').filter((line) => /^Bcc/i.test(line))).toEqual([]);
    expect(head.split('\n').every((line) => line.length <= 78)).toBe(true);
    const subject = [...head.matchAll(/=\?utf-8\?B\?([^?]*)\?=/g)].map(([, part]) =>
      Buffer.from(part!, 'base64').toString(),
    );
    expect(subject.join('')).toBe(`[laptop] ${notice.title}`);
    expect(Buffer.from(body, 'base64').toString()).toContain('$(rm -rf /)');
    expect(head).toContain('Date: Fri, 27 Nov 2026 12:00:00 +0000');
    expect(mailText(notice, 'root', 'laptop')).toContain('To: root\n');
  });

  it('says when it cannot be sent', async () => {
    const failing = program('failing-sendmail', ['exit 75']);
    expect(await errorOf(sendMail(notice, 'a@b', 'laptop', failing))).toMatchObject({
      code: 'mail-failed',
    });
    expect(await errorOf(sendMail(notice, 'a@b', 'laptop', join(folder, 'none')))).toMatchObject({
      kind: 'Unsupported',
    });
  });

  it('takes no address that could be an option or a second one', () => {
    for (const to of ['a b', 'a@b,c@d', '<a@b>', '']) {
      expect(NoticeWay.safeParse({ way: 'mail', to }).success).toBe(false);
    }
  });
});

describe('a command', () => {
  it('gets the notice as JSON and in its environment, without a shell', async () => {
    const out = join(folder, 'command');
    const path = program('command.sh', [
      `cat > '${out}'`,
      `printf '%s|%s|%s' "$1" "$DENDRO_EVENT" "$DENDRO_TEXT" > '${out}.env'`,
    ]);
    const way = NoticeWay.parse({ way: 'command', command: [path, 'two words; exit'] });
    await sendNotice(notice, way, world);
    expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual({ ...notice, host: 'laptop' });
    expect(readFileSync(`${out}.env`, 'utf8')).toBe(`two words; exit|failure|${notice.text}`);
  });

  it('that fails is reported without its arguments', async () => {
    const path = program('fails.sh', ['echo hush-secret >&2', 'exit 3']);
    const error = await errorOf(
      sendNotice(
        notice,
        NoticeWay.parse({ way: 'command', command: [path, 'hush-secret'] }),
        world,
      ),
    );
    expect(error.code).toBe('command-failed');
    expect(JSON.stringify({ ...error, message: error.message })).not.toContain('hush-secret');
    const missing = NoticeWay.parse({ way: 'command', command: ['/nonexistent/hush-secret'] });
    const other = await errorOf(sendNotice(notice, missing, world));
    expect(`${other.message} ${other.hint}`).not.toContain('hush-secret');
  });
});

describe('a webhook', () => {
  let server: Server;
  let base: string;
  const got: { request: IncomingMessage; body: string }[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => {
        got.push({ request, body });
        if (request.url === '/moved') response.writeHead(302, { location: '/other' });
        else if (request.url!.startsWith('/refused')) response.writeHead(403);
        response.end('ok');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('is posted the notice, with the token of a file', async () => {
    const tokenFile = join(folder, 'token');
    writeFileSync(tokenFile, 'hush\n');
    await sendNotice(
      notice,
      NoticeWay.parse({ way: 'webhook', url: `${base}/in`, tokenFile }),
      world,
    );
    const { request, body } = got.pop()!;
    expect(request.headers).toMatchObject({
      authorization: 'Bearer hush',
      'content-type': 'application/json',
    });
    expect(JSON.parse(body)).toEqual({ ...notice, host: 'laptop' });
  });

  it('is named by its host only when it fails, and a redirect is not followed', async () => {
    const refused = NoticeWay.parse({ way: 'webhook', url: `${base}/refused?key=hush` });
    const error = await errorOf(sendNotice(notice, refused, world));
    expect(error).toMatchObject({ kind: 'Denied', code: 'webhook-denied' });
    expect(`${error.message} ${error.hint} ${JSON.stringify(error)}`).not.toContain('hush');
    got.length = 0;
    const moved = NoticeWay.parse({ way: 'webhook', url: `${base}/moved` });
    expect(await errorOf(sendNotice(notice, moved, world))).toMatchObject({
      code: 'webhook-failed',
    });
    expect(got).toHaveLength(1);
    const gone = NoticeWay.parse({ way: 'webhook', url: 'http://user:hush@127.0.0.1:9/hush' });
    const other = await errorOf(sendNotice(notice, gone, world));
    expect(`${other.message} ${String(other.cause)} ${other.stack}`).not.toContain('hush');
  });

  it('takes http and https addresses only', () => {
    for (const url of ['file:///etc/passwd', 'ftp://x/y', 'nonsense']) {
      expect(NoticeWay.safeParse({ way: 'webhook', url }).success).toBe(false);
    }
  });
});
