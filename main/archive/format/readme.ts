import { baseOf } from '../folder/names.ts';
import type { Manifest, PointRecord, SourceRecord } from './manifest.ts';
import { restoreOrder, type Listed } from './restore-order.ts';
import { streamName } from './stream-name.ts';

/**
 * README.txt: for a person in trouble, with other tools than Dendro. Lines that begin with four
 * spaces are commands, to be typed as they stand, in this folder; what a person has to fill in
 * is set in variables first.
 */
export function readmeText(manifest: Manifest): string {
  const isEncrypted = manifest.encryption !== null;
  return [
    ...introduction(isEncrypted),
    ...preparation(manifest),
    ...snapshots(manifest),
    ...(isEncrypted ? cleaningUp(manifest) : []),
    '',
  ].join('\n');
}

function introduction(isEncrypted: boolean): string[] {
  const tools = isEncrypted
    ? 'btrfs-progs (6.0 or newer), zstd and age'
    : 'btrfs-progs (6.0 or newer) and zstd';
  return [
    'BACKUPS',
    '',
    'These are backups of btrfs snapshots, made by Dendro. Each *.btrfs.zst file is a stream of',
    '"btrfs send", compressed with zstd; a file that ends in .age is encrypted as well. You do not',
    'need Dendro to get them back. Linux will do, with',
    `${tools}.`,
    '',
    'With Dendro single files come back at once, on any filesystem:',
    '  dendro archive ls FOLDER, dendro archive restore FOLDER ...',
    '',
    'What else is here: manifest.json, source.json and *.point.json (what each file is),',
    '*.index.zst (where each file stands in the streams; not needed to restore), SHA256SUMS (see',
    'below), receipts (of restores that were tried out). What is called *.partial-* or',
    '*.unfinished.json was interrupted, and is no backup.',
    '',
  ];
}

function preparation({ encryption }: Manifest): string[] {
  const lines = [
    'BEFORE YOU BEGIN',
    '',
    'As root, in this folder. TARGET is a folder on a mounted btrfs with enough room: put its',
    'path in place of /mnt/restore.',
    '',
    '    TARGET=/mnt/restore',
    '',
    'Are the files whole? This reads all of them, and takes its time:',
    '',
    '    sha256sum --quiet -c SHA256SUMS',
    '',
  ];
  if (encryption === null) return lines;
  if (encryption.keyFile !== null) {
    return [
      ...lines,
      `The files are encrypted with the key in ${encryption.keyFile}, which opens with your passphrase:`,
      '',
      '    KEY=/dev/shm/dendro-key.txt',
      `    age -d -o "$KEY" ${quoted(encryption.keyFile)}`,
      '',
    ];
  }
  return [
    ...lines,
    'The files are encrypted. KEY is the file with your age identity (AGE-SECRET-KEY-1...): put',
    'its path in place of /root/key.txt.',
    '',
    '    KEY=/root/key.txt',
    '',
  ];
}

/** One section for points of a source that follow one another: others may have to come between. */
function snapshots(manifest: Manifest): string[] {
  const order = restoreOrder(manifest);
  const named = Map.groupBy(order, ({ point }) => streamName(point.name));
  const told = new Set<SourceRecord>();
  return order.flatMap((listed, i) => {
    const { source, point } = listed;
    const hasOwnFolder = named.get(streamName(point.name))!.length > 1;
    const text = pointText(listed, hasOwnFolder);
    if (source === order[i - 1]?.source) return text;
    const isFurther = told.has(source);
    told.add(source);
    return [...heading(source, isFurther), ...text];
  });
}

function heading({ title }: SourceRecord, isFurther: boolean): string[] {
  if (isFurther) return [`FURTHER SNAPSHOTS OF ${readable(title)}`, ''];
  return [
    `SNAPSHOTS OF ${readable(title)}`,
    '',
    'In an order in which they can be restored. An increment needs the one that it says it builds',
    'on: begin with the full one above it and go down to the one that you want.',
    '',
  ];
}

function pointText({ source, point, needs }: Listed, hasOwnFolder: boolean): string[] {
  const date = new Date(point.takenAtMs).toISOString().slice(0, 19).replace('T', ' ');
  const below = needs.map(({ name }) => readable(name));
  const { parent } = point;
  const isParentHere = needs.some(({ uuid }) => uuid === parent?.uuid);
  if (parent !== null && !isParentHere) below.unshift('one that is not here');
  const kind = below.length === 0 ? 'full' : `builds on ${below.join(' and ')}`;
  return [
    `${readable(point.name)}, ${date} UTC, ${kind}:`,
    '',
    ...restoreCommands(source.folder, point, hasOwnFolder).map((command) => `    ${command}`),
    '',
  ];
}

/** They turn a stream file into a snapshot below $TARGET; of several of one name each in a folder. */
function restoreCommands(
  folder: string,
  { parts, recipients }: PointRecord,
  hasOwnFolder: boolean,
): string[] {
  const files = parts.map(({ file }) => quoted(`${folder}/${file}`));
  const below = hasOwnFolder ? `/${quoted(`${folder}/${baseOf(parts[0]!.file)}`)}` : '';
  const isSealed = recipients.length > 0;
  const [first] = files;
  const read =
    files.length > 1
      ? [`cat ${files.join(' ')}`, ...(isSealed ? ['age -d -i "$KEY"'] : []), 'zstd -dc']
      : isSealed
        ? [`age -d -i "$KEY" ${first}`, 'zstd -dc']
        : [`zstd -dc ${first}`];
  return [
    ...(hasOwnFolder ? [`mkdir -p "$TARGET"${below}`] : []),
    [...read, `btrfs receive "$TARGET"${below}`].join(' | '),
  ];
}

function cleaningUp({ encryption }: Manifest): string[] {
  if (encryption?.keyFile === null) return [];
  return ['WHEN YOU ARE DONE', '', 'Take the opened key away:', '', '    rm -f "$KEY"', ''];
}

/** For a shell of POSIX. */
function quoted(text: string): string {
  return /^[A-Za-z0-9_./~+:@=-]+$/.test(text) && !text.startsWith('-')
    ? text
    : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** One line, whatever the name holds. */
function readable(text: string): string {
  return [...text]
    .map((c) =>
      c < ' ' || (c >= '\u007f' && c < '\u00a0') || (/[\ud800-\udfff]/.test(c) && c.length === 1)
        ? '?'
        : c,
    )
    .join('');
}
