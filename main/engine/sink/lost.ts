import { noted, say, type Note } from '../../../shared/said.ts';

/** What a target could not keep of one thing; what a folder's sidecar keeps is called without `its`. */
export const lost = {
  owner: noted('lost-owner', 'its owner'),
  mode: noted('lost-mode', 'its mode'),
  flags: noted('lost-flags', 'its flags'),
  times: noted('lost-times', 'its times'),
  capabilities: noted('lost-capabilities', 'its capabilities'),
  attributes: noted('lost-attributes', 'its attributes, which could not be read'),
  barring: noted('lost-barring', 'immutable or append-only, left off'),
  subvolume: noted('lost-subvolume', 'a subvolume of its own: its files are in its own snapshots'),
  link: noted('lost-link', 'a hard link (a copy instead)'),
  linkHere: noted('lost-link', 'a hard link: it is a file of its own here'),
  data: noted('lost-data-not-sent', 'sent without data'),
  reserved: noted('lost-reserved', 'preallocated space'),
  tooLarge: noted('lost-too-large', 'content (the file is too large for this filesystem)'),
  sizeHere: noted('lost-size-here', 'not restored: this filesystem cannot hold a file of its size'),
  name: noted('lost-name', 'its name, which this filesystem cannot have'),
} satisfies Record<string, Note>;

/** What the sidecar of a folder keeps for it, called as it always was: the names are counted there. */
export const inSidecar = {
  name: noted('lost-name', 'name'),
  mode: noted('lost-mode', 'mode'),
  owner: noted('lost-owner', 'owner'),
  times: noted('lost-times', 'exact times'),
  flags: noted('lost-flags', 'file flags'),
  end: noted('lost-end', 'the end of a file (too large here; kept beside it)'),
  link: noted('lost-link', 'hard link (a copy instead)'),
  symlink: noted('lost-symlink', 'symbolic link'),
  device: noted('lost-device', 'device node'),
  special: noted('lost-special', 'FIFO or socket'),
  data: noted('lost-data-not-sent', 'content (sent without data)'),
  verity: noted('lost-verity', 'fs-verity'),
} satisfies Record<string, Note>;

export function attributeInSidecar(name: string): Note {
  return noted('lost-attribute', say`attribute ${{ name }}`);
}

export function lostAttribute(name: string): Note {
  return noted('lost-attribute', say`the attribute ${{ name }}`);
}

/** @param kind of file, as `tree` calls it: symlink, fifo ... */
export function lostKind(kind: string): Note {
  return noted('lost-kind', say`a ${{ kind }}, which this filesystem cannot have`);
}

/** @param real what it is called instead */
export function lostName(real: string): Note {
  return noted('lost-called', say`its name: it is called "${{ name: real }}" here`);
}

/** @param why the target refused it */
export function notRestored(why: Note, isFile: boolean): Note {
  const said = say`not restored: ${{ reason: why }}`;
  return isFile ? noted('lost-file-not-restored', said) : noted('lost-not-restored', said);
}

const LEFT_OUT = ['lost-file-not-restored', lost.sizeHere.code, lost.tooLarge.code];

/** A file, with what is in it: whoever relies on the copy has to know. */
export function isFileLeftOut({ code }: Note): boolean {
  return LEFT_OUT.includes(code);
}

export function inPieces(count: number): Note {
  return noted(
    'lost-in-pieces',
    say`too large for this filesystem: a folder with ${{ count }} pieces, which cat joins`,
  );
}

/** @param why what the system said */
export function lostFlags(why: string): Note {
  return noted('lost-flags', say`file flags (${{ reason: why }})`);
}

/** @param flags their names, each with what the system said */
export function lostFlagsAlone(flags: string): Note {
  return noted('lost-these-flags', say`file flags ${{ flags }}`);
}

/** @param why what the system said */
export function lostVerity(why: string): Note {
  return noted('lost-verity', say`fs-verity (${{ reason: why }})`);
}
