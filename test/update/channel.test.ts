import { describe, expect, test } from 'vitest';
import type { ChannelBody } from '../../main/update/channel-format.ts';
import { installCommand, installedAs } from '../../main/update/installed-as.ts';
import { verifyChannel } from '../../main/update/verify-channel.ts';
import { compareVersions } from '../../main/update/version-order.ts';
import { makeKeys, publicKeyOf, signChannel } from '../../packaging/update/sign-channel.ts';

const NOW = Date.UTC(2026, 10, 28);
const DAY = 86_400_000;
const [ours, next, foreign] = [makeKeys(), makeKeys(), makeKeys()];

function body(part: Partial<ChannelBody> = {}): ChannelBody {
  return {
    ...{ serial: 7, issuedAtMs: NOW - DAY, expiresAtMs: NOW + 30 * DAY },
    ...{ version: '1.2.0', minimumVersion: '0.0.0', notes: '', files: [] },
    keys: [ours.publicKey],
    ...part,
  };
}

const bytesOf = (part: Partial<ChannelBody> = {}, keys = [ours]): Buffer =>
  Buffer.from(
    signChannel(
      body(part),
      keys.map(({ privateKey }) => privateKey),
    ),
  );
const read = (bytes: Uint8Array, last: Parameters<typeof verifyChannel>[2] = null) =>
  verifyChannel(bytes, [ours.publicKey], last, NOW);
const code = (act: () => unknown): string => {
  try {
    act();
    return 'none';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('a channel file', () => {
  test('is believed when a known key signed it', () => {
    expect(read(bytesOf()).body).toEqual(body());
    expect(read(bytesOf({}, [foreign, ours])).serial).toBe(7);
    expect(publicKeyOf(ours.privateKey)).toBe(ours.publicKey);
  });

  test('with another signature, or with one byte changed anywhere, is not', () => {
    expect(code(() => read(bytesOf({}, [foreign])))).toBe('channel-not-signed');
    const whole = bytesOf();
    const seen = new Set<string>();
    for (let at = 0; at < whole.length - 1; at++) {
      const spoilt = Buffer.from(whole);
      spoilt[at]! ^= 1;
      const found = code(() => read(spoilt));
      seen.add(found);
      // Base64 has more than one way to write the last bits: then nothing has changed.
      if (found === 'none') expect(read(spoilt).body).toEqual(body());
      else expect(found).toMatch(/^channel-(not-signed|damaged)$/);
    }
    expect(seen).toContain('channel-not-signed');
    expect(seen).toContain('channel-damaged');
  });

  test('cut short anywhere is refused', () => {
    const whole = bytesOf();
    for (let length = 0; length < whole.length - 1; length += 7) {
      expect(code(() => read(whole.subarray(0, length)))).toBe('channel-damaged');
    }
  });

  test('whose signature is of something else than a channel is refused', () => {
    const text = JSON.parse(bytesOf().toString()) as { signatures: { signature: string }[] };
    text.signatures[0]!.signature = Buffer.alloc(64).toString('base64');
    expect(code(() => read(Buffer.from(JSON.stringify(text))))).toBe('channel-not-signed');
    text.signatures[0]!.signature = 'AAAA';
    expect(code(() => read(Buffer.from(JSON.stringify(text))))).toBe('channel-not-signed');
  });

  test('that is older, or another one of the same number, is a replay', () => {
    const last = read(bytesOf());
    expect(read(bytesOf(), last).serial).toBe(7);
    expect(code(() => read(bytesOf({ serial: 6 }), last))).toBe('channel-replayed');
    expect(code(() => read(bytesOf({ notes: 'x' }), last))).toBe('channel-replayed');
    const earlier = bytesOf({ serial: 8, issuedAtMs: NOW - 2 * DAY });
    expect(code(() => read(earlier, last))).toBe('channel-replayed');
    expect(read(bytesOf({ serial: 8 }), last).serial).toBe(8);
  });

  test('that has expired, or comes from the future, is refused', () => {
    expect(code(() => read(bytesOf({ expiresAtMs: NOW - 1 })))).toBe('channel-expired');
    const future = bytesOf({ issuedAtMs: NOW + 2 * DAY });
    expect(code(() => read(future))).toBe('channel-from-the-future');
  });

  test('that is too long is not even read', () => {
    const long = Buffer.concat([bytesOf(), Buffer.alloc(300 * 1024, 0x20)]);
    expect(code(() => read(long))).toBe('channel-damaged');
  });

  test('that leads out of its folder is refused', () => {
    const file = { kind: 'deb', arch: 'x64', sizeBytes: 1, sha512: '0'.repeat(128) } as const;
    for (const name of ['../x.deb', '/etc/x', 'a/b', '.hidden', 'https://else/x', '']) {
      expect(() => bytesOf({ files: [{ ...file, name }] })).toThrow();
    }
  });

  test('hands over to other keys', () => {
    const handOver = read(bytesOf({ keys: [next.publicKey] }));
    const after = bytesOf({ serial: 8, keys: [next.publicKey] }, [next]);
    const trusted = handOver.body.keys;
    expect(verifyChannel(after, trusted, handOver, NOW).serial).toBe(8);
    const old = bytesOf({ serial: 9 });
    expect(code(() => verifyChannel(old, trusted, handOver, NOW))).toBe('channel-not-signed');
  });
});

test('versions are ordered as semver.org says', () => {
  const ordered =
    '0.9.0 1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0 1.0.1 1.2.0 1.10.0 2.0.0'.split(
      ' ',
    );
  for (const [i, a] of ordered.entries())
    for (const [j, b] of ordered.entries())
      expect(Math.sign(compareVersions(a, b)), `${a} ${b}`).toBe(Math.sign(i - j));
});

test('an update is of the kind that is installed', () => {
  const has = (path: string) => (at: string) => at === path;
  const kind = (env: NodeJS.ProcessEnv, program: string, path: string) =>
    installedAs(env, program, has(path)).kind;
  expect(kind({ APPIMAGE: '/home/a/D.AppImage' }, '/tmp/.mount/d', '')).toBe('appimage');
  expect(kind({}, '/usr/lib/dendro/bin/node', '/var/lib/dpkg/info/dendro-headless.list')).toBe(
    'headless-deb',
  );
  expect(kind({}, '/opt/Dendro/dendro-desktop', '/var/lib/dpkg/info/dendro.list')).toBe('deb');
  expect(kind({}, '/opt/Dendro/dendro-desktop', '/usr/lib/sysimage/rpm')).toBe('rpm');
  expect(kind({}, '/home/a/dendro/node', '/var/lib/dpkg/info/dendro.list')).toBeNull();
  const appImage = { kind: 'appimage', appImage: '/home/a/My D.AppImage' } as const;
  expect(installCommand('/x/new', 'appimage', appImage)).toEqual(
    'install -m 755 /x/new'.split(' ').concat('/home/a/My D.AppImage'),
  );
});
