/**
 * `npm run channel`: makes the keys of an update channel, and signs one.
 *
 *     npm run channel -- keys KEYFILE ADDRESS    new keys; what a package ships of them
 *     npm run channel -- sign FOLDER --key KEYFILE [--key KEYFILE] [--next KEYFILE]
 *         [--minimum VERSION] [--days N] [--notes FILE]
 *
 * `sign` puts all packages of FOLDER (electron-builder's dist) into FOLDER/channel.json; its
 * number is one more than that of the channel that is there. With `--next` keys are changed: the
 * file is signed by the old ones and names the next ones, which sign from then on.
 */
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { ChannelBody, ChannelEnvelope } from '../../main/update/channel-format.ts';
import type { PackageKind, UpdateFile } from '../../shared/model/update.ts';
import { makeKeys, publicKeyOf, sha512Of, signChannel } from './sign-channel.ts';

const DAY_MS = 86_400_000;
const DAYS_VALID = '60';
const top = join(import.meta.dirname, '../..');

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    key: { type: 'string', multiple: true, default: [] },
    next: { type: 'string', multiple: true, default: [] },
    minimum: { type: 'string', default: '0.0.0' },
    days: { type: 'string', default: DAYS_VALID },
    notes: { type: 'string' },
  },
});
const [verb, place, address] = positionals;
if (verb === 'keys' && place !== undefined && address !== undefined) writeKeys(place, address);
else if (verb === 'sign' && place !== undefined && values.key.length > 0) sign(place);
else {
  console.error('npm run channel -- keys KEYFILE ADDRESS | sign FOLDER --key KEYFILE');
  process.exitCode = 2;
}

function writeKeys(keyFile: string, channelAddress: string): void {
  const { privateKey, publicKey } = makeKeys();
  writeFileSync(keyFile, privateKey, { mode: 0o600, flag: 'wx' });
  const shipped = { address: channelAddress, keys: [publicKey] };
  const path = join(top, 'main/update/channel.json');
  writeFileSync(path, `${JSON.stringify(shipped, null, 2)}\n`);
  console.log(`${keyFile} is the secret. What packages ship stands in ${path}.`);
}

function sign(folder: string): void {
  const { version } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')) as {
    version: string;
  };
  const keys = values.key.map((path) => readFileSync(path, 'utf8'));
  const next = values.next.map((path) => readFileSync(path, 'utf8'));
  const now = Date.now();
  const path = join(folder, 'channel.json');
  const body: ChannelBody = {
    serial: serialOf(path) + 1,
    issuedAtMs: now,
    expiresAtMs: now + Number(values.days) * DAY_MS,
    version,
    minimumVersion: values.minimum,
    notes: values.notes === undefined ? '' : readFileSync(values.notes, 'utf8'),
    files: filesIn(folder),
    keys: (next.length > 0 ? next : keys).map(publicKeyOf),
  };
  writeFileSync(path, signChannel(body, keys));
  console.log(`${path}: ${version}, number ${body.serial}, ${body.files.length} files`);
}

function serialOf(path: string): number {
  if (!existsSync(path)) return 0;
  const { body } = ChannelEnvelope.parse(JSON.parse(readFileSync(path, 'utf8')));
  return ChannelBody.parse(JSON.parse(Buffer.from(body, 'base64').toString())).serial;
}

function filesIn(folder: string): UpdateFile[] {
  return globSync('*.{deb,rpm,AppImage,tar.gz}', { cwd: folder })
    .sort()
    .map((name) => {
      const bytes = readFileSync(join(folder, name));
      const arch = /arm64|aarch64/.test(name) ? 'arm64' : 'x64';
      return { name, kind: kindOf(name), arch, sizeBytes: bytes.length, sha512: sha512Of(bytes) };
    });
}

function kindOf(name: string): PackageKind {
  if (name.endsWith('.rpm')) return 'rpm';
  if (name.endsWith('.AppImage')) return 'appimage';
  if (name.endsWith('.tar.gz')) return 'tar.gz';
  return basename(name).startsWith('dendro-headless') ? 'headless-deb' : 'deb';
}
