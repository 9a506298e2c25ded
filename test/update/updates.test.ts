import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ChannelBody } from '../../main/update/channel-format.ts';
import { Updates } from '../../main/update/updates.ts';
import { makeKeys, sha512Of, signChannel } from '../../packaging/update/sign-channel.ts';
import type { UpdateFile } from '../../shared/model/update.ts';
import { dendro } from '../harness/dendro.ts';
import { run } from '../harness/run.ts';

const DAY = 86_400_000;
const now = Date.now();
const [ours, next] = [makeKeys(), makeKeys()];
const program = randomBytes(300_000);
const file: UpdateFile = {
  ...{ name: 'dendro_2.0.0_amd64.deb', kind: 'deb', arch: 'x64' },
  ...{ sizeBytes: program.length, sha512: sha512Of(program) },
};

function channel(part: Partial<ChannelBody> = {}, key = ours.privateKey): string {
  const body: ChannelBody = {
    ...{ serial: 1, issuedAtMs: now, expiresAtMs: now + 30 * DAY, version: '2.0.0' },
    ...{ minimumVersion: '0.0.0', notes: 'Better.', files: [file], keys: [ours.publicKey] },
    ...part,
  };
  return signChannel(body, [key]);
}

/** What the server says: a test sets it. */
let say: { channel: string | Buffer; program: (response: ServerResponse, from: number) => void };
let asked: string[];
let server: Server;
let folder: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    const { range } = request.headers;
    asked.push(`${request.url} ${range ?? ''}`.trim());
    if (request.url === '/moved/channel.json') {
      response.writeHead(302, { location: '/channel.json' }).end();
    } else if (request.url === '/away/channel.json') {
      response.writeHead(302, { location: 'http://192.0.2.1/channel.json' }).end();
    } else if (request.url === '/channel.json') response.end(say.channel);
    else if (request.url === `/${file.name}`) {
      say.program(response, Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0));
    } else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  if (folder) rmSync(folder, { recursive: true, force: true });
  folder = mkdtempSync(join(tmpdir(), 'dendro-update-'));
  asked = [];
  say = { channel: channel(), program: honest };
});

const honest = (response: ServerResponse, from: number): void => {
  const headers = { 'content-range': `bytes ${from}-${program.length - 1}/${program.length}` };
  response.writeHead(from > 0 ? 206 : 200, from > 0 ? headers : {});
  response.end(program.subarray(from));
};

function address(path = '/channel.json'): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
}

function updates(version = '1.0.0', at = address(), keys = [ours.publicKey]): Updates {
  return new Updates({
    channel: { address: at, keys },
    ...{ version, folder, arch: 'x64', nowMs: () => now, shell: (words) => words.join(' ') },
    installed: { kind: 'deb', appImage: null },
  });
}

test('a newer version is found, downloaded, proved, and only shown', async () => {
  expect((await updates().state()).state).toBe('unknown');
  expect(await updates().check()).toMatchObject({
    ...{ state: 'available', newVersion: '2.0.0', notes: 'Better.', file, ready: null },
  });
  // What was learned is remembered by the next process.
  const { ready } = await updates().download();
  expect(readFileSync(ready!.path)).toEqual(program);
  expect(ready!.command).toBe(`sudo apt install ${ready!.path}`);
  expect(statSync(ready!.path).mode & 0o777).toBe(0o600);
  // Changed on the disk afterwards it is no longer called ready.
  const spoilt = Buffer.from(program);
  spoilt[9]! ^= 1;
  writeFileSync(ready!.path, spoilt);
  expect((await updates().state()).ready).toBeNull();
  expect(readFileSync((await updates().download()).ready!.path)).toEqual(program);
});

test('the same or a newer version here is left alone; a very old one is told to go by hand', async () => {
  expect(await updates('2.0.0').check()).toMatchObject({ state: 'current', newVersion: null });
  expect((await updates('2.1.0').state()).state).toBe('current');
  await expect(updates('2.0.0').download()).rejects.toMatchObject({ code: 'no-update' });
  say.channel = channel({ serial: 2, minimumVersion: '1.5.0' });
  expect((await updates('1.0.0').check()).state).toBe('by-hand');
  say.channel = channel({ serial: 3, files: [{ ...file, arch: 'arm64' }] });
  expect((await updates('1.0.0').check()).state).toBe('by-hand');
});

test('a download goes on where it was cut off, and begins anew where the server has no ranges', async () => {
  await updates().check();
  say.program = (response, from) => {
    response.writeHead(200, { 'content-length': program.length });
    response.write(program.subarray(from, 100_000), () => response.destroy());
  };
  await expect(updates().download()).rejects.toMatchObject({ code: 'update-unreachable' });
  const [part] = readdirSync(join(folder, 'packages'));
  const there = statSync(join(folder, 'packages', part!)).size;
  expect(there).toBeGreaterThan(0);
  say.program = honest;
  expect((await updates().download()).ready).not.toBeNull();
  expect(asked.at(-1)).toBe(`/${file.name} bytes=${there}-`);

  rmSync(join(folder, 'packages'), { recursive: true });
  say.program = (response) => {
    response.writeHead(200);
    response.write(program.subarray(0, 50_000), () => response.destroy());
  };
  await expect(updates().download()).rejects.toMatchObject({ code: 'update-unreachable' });
  say.program = (response) => response.writeHead(200).end(program);
  expect((await updates().download()).ready).not.toBeNull();
});

test('a package that is another one, longer or shorter is never kept', async () => {
  await updates().check();
  const other = Buffer.from(program);
  other[200_000]! ^= 4;
  say.program = (response) => response.end(other);
  await expect(updates().download()).rejects.toMatchObject({ code: 'update-damaged' });
  say.program = (response) => response.end(Buffer.concat([program, Buffer.alloc(1)]));
  await expect(updates().download()).rejects.toMatchObject({ code: 'update-too-large' });
  say.program = (response) => response.end(program.subarray(1));
  await expect(updates().download()).rejects.toMatchObject({ code: 'update-damaged' });
  say.program = honest;
  expect((await updates().download()).ready).not.toBeNull();
});

test('a cancelled download stops, and what is there stays', async () => {
  await updates().check();
  const stop = new Error('stopped');
  await expect(
    updates().download(() => {
      throw stop;
    }),
  ).rejects.toBe(stop);
  expect(readdirSync(join(folder, 'packages'))).toEqual([`${file.name}.part`]);
});

test('a channel that is forged, replayed or endless changes nothing, and is told', async () => {
  await updates().check();
  say.channel = channel({ serial: 2, version: '3.0.0' }, next.privateKey);
  await expect(updates().check()).rejects.toMatchObject({ code: 'channel-not-signed' });
  say.channel = channel({ version: '3.0.0' });
  await expect(updates().check()).rejects.toMatchObject({ code: 'channel-replayed' });
  say.channel = Buffer.alloc(2_000_000, 0x20);
  const one = updates();
  await expect(one.check()).rejects.toMatchObject({ code: 'update-too-large' });
  expect(await one.state()).toMatchObject({
    ...{ newVersion: '2.0.0', problem: { code: 'update-too-large' } },
  });
});

test('keys change hands once, and a package with other keys begins anew', async () => {
  say.channel = channel({ keys: [next.publicKey] });
  await updates().check();
  say.channel = channel({ serial: 2 });
  await expect(updates().check()).rejects.toMatchObject({ code: 'channel-not-signed' });
  say.channel = channel({ serial: 2, keys: [next.publicKey] }, next.privateKey);
  expect((await updates().check()).state).toBe('available');
  say.channel = channel({ serial: 1 });
  const newer = updates('1.0.0', address(), [ours.publicKey, next.publicKey]);
  expect((await newer.check()).state).toBe('available');
});

test('redirects are followed, but never to plain http elsewhere', async () => {
  expect((await updates('1.0.0', address('/moved/channel.json')).check()).state).toBe('available');
  const away = updates('1.0.0', address('/away/channel.json'));
  await expect(away.check()).rejects.toMatchObject({ code: 'update-unreachable' });
  const gone = updates('1.0.0', address('/nothing'));
  await expect(gone.check()).rejects.toMatchObject({ code: 'update-unreachable' });
});

test('what is remembered and cannot be read counts as nothing', async () => {
  await updates().check();
  for (const text of ['', '{}', readFileSync(join(folder, 'update.json'), 'utf8').slice(0, 80)]) {
    writeFileSync(join(folder, 'update.json'), text);
    expect((await updates().state()).state).toBe('unknown');
  }
});

test('a build without a channel says so', async () => {
  const none = new Updates({
    channel: null,
    ...{ version: '1.0.0', folder, arch: 'x64', nowMs: () => now, shell: () => '' },
    installed: { kind: null, appImage: null },
  });
  expect(await none.state()).toMatchObject({ state: 'none' });
  await expect(none.check()).rejects.toMatchObject({ code: 'no-update-channel' });
});

test('keys and a channel are made by the script, and read by `dendro update`', () => {
  const dist = join(folder, 'dist');
  run('mkdir', [dist]);
  writeFileSync(join(dist, file.name), program);
  const key = join(folder, 'key.pem');
  writeFileSync(key, ours.privateKey);
  const script = join(import.meta.dirname, '../../packaging/update/channel.ts');
  run(process.execPath, [script, 'sign', dist, '--key', key]);
  run(process.execPath, [script, 'sign', dist, '--key', key]);
  const text = readFileSync(join(dist, 'channel.json'), 'utf8');
  const { body } = JSON.parse(text) as { body: string };
  const signed = JSON.parse(Buffer.from(body, 'base64').toString()) as ChannelBody;
  expect(signed.serial).toBe(2);
  expect(signed.files).toEqual([
    { ...file, sha512: createHash('sha512').update(program).digest('hex') },
  ]);
  const answer = run(dendro, ['update'], { env: { DENDRO_STATE: folder } });
  expect(answer.stdout.toString()).toContain('This build has no update channel.');
});

test('`dendro update` at the command line: newer, forged, older, and cut off', async () => {
  const from = join(folder, 'from.json');
  writeFileSync(from, JSON.stringify({ address: address(), keys: [ours.publicKey] }));
  const ask = (option: string): Promise<{ status: number; text: string }> =>
    new Promise((resolve) => {
      execFile(
        dendro,
        ['update', option, '--channel', from],
        { env: { ...process.env, DENDRO_STATE: join(folder, 'state') } },
        (error, stdout, stderr) =>
          resolve({ status: Number(error?.code ?? 0), text: stdout + stderr }),
      );
    });
  say.channel = channel({ serial: 5 });
  expect(await ask('--check')).toMatchObject({
    status: 1,
    text: expect.stringContaining('Dendro 2.0.0 is there') as string,
  });
  const answers: readonly (readonly [said: string, code: string])[] = [
    [channel({ serial: 6, version: '3.0.0' }, next.privateKey), 'channel-not-signed'],
    [channel({ serial: 4, version: '3.0.0' }), 'channel-replayed'],
    [channel({ serial: 6 }).slice(0, 200), 'channel-damaged'],
  ];
  for (const [said, code] of answers) {
    say.channel = said;
    const { status, text } = await ask('--check');
    expect(text).toContain(code);
    expect(status).toBeGreaterThan(1);
  }
  say.channel = channel({ serial: 6, version: '0.0.1' });
  expect(await ask('--check')).toMatchObject({
    status: 0,
    text: expect.stringContaining('is the newest') as string,
  });
});
