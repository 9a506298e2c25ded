import type { Manifest, PointRecord, SourceRecord } from './manifest.ts';

/**
 * README.txt: for a person in trouble, with other tools than Dendro. Lines that begin with four
 * spaces are commands, to be typed as they stand, in this folder; what a person has to fill in
 * is set in variables first.
 */
export function readmeText(manifest: Manifest): string {
  const isEncrypted = manifest.encryption !== null;
  const sections = manifest.sources.filter(({ points }) => points.length > 0);
  return [
    ...introduction(isEncrypted),
    ...preparation(manifest),
    ...sections.flatMap((source) => sourceText(source)),
    ...(isEncrypted ? cleaningUp(manifest) : []),
    '',
  ].join('\n');
}

function introduction(isEncrypted: boolean): string[] {
  const tools = isEncrypted ? 'btrfs-progs, zstd and age' : 'btrfs-progs and zstd';
  return [
    'BACKUPS',
    '',
    'These are backups of btrfs snapshots, made by Dendro. Each *.btrfs.zst file is a stream of',
    '"btrfs send", compressed with zstd; a file that ends in .age is encrypted as well. You do not',
    `need Dendro to get them back: Linux with ${tools} will do.`,
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

function sourceText({ folder, title, points }: SourceRecord): string[] {
  return [
    `SNAPSHOTS OF ${readable(title)}`,
    '',
    'Oldest first. An increment needs the one that it says it builds on: begin with the full one',
    'before it and go down to the one that you want.',
    '',
    ...points.flatMap((point) => pointText(folder, point, points)),
  ];
}

function pointText(folder: string, point: PointRecord, points: readonly PointRecord[]): string[] {
  const { parent } = point;
  const below = parent && points.find(({ uuid }) => uuid === parent.uuid);
  const kind =
    parent === null ? 'full' : `builds on ${readable(below?.name ?? 'one that is not here')}`;
  const date = new Date(point.takenAtMs).toISOString().slice(0, 19).replace('T', ' ');
  return [
    `${readable(point.name)}, ${date} UTC, ${kind}:`,
    '',
    `    ${restoreCommand(folder, point)}`,
    '',
  ];
}

/** The command that turns a stream file into a snapshot below $TARGET. */
export function restoreCommand(folder: string, { parts, recipients }: PointRecord): string {
  const files = parts.map(({ file }) => quoted(`${folder}/${file}`));
  const receive = 'btrfs receive "$TARGET"';
  if (recipients.length > 0) {
    const open =
      files.length === 1
        ? `age -d -i "$KEY" ${files[0]}`
        : `cat ${files.join(' ')} | age -d -i "$KEY"`;
    return `${open} | zstd -dc | ${receive}`;
  }
  return files.length === 1
    ? `zstd -dc ${files[0]} | ${receive}`
    : `cat ${files.join(' ')} | zstd -dc | ${receive}`;
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
