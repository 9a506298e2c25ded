import * as fs from 'node:fs';
import { acl } from './fill.ts';
import type { Edit, Site } from './random-tree.ts';
import * as sys from './syscalls.ts';

/**
 * Names of one length whose CRC-32C is the same. Not used for so many links of one file that their
 * references are extended ones: Linux 6.18 may turn the filesystem read-only when one is removed.
 */
export const COLLIDING = ['aaaaaaaa', 'QULu2ok8', 'SXJ7kxMM', '8GMcwzyu', 'f25_DDK7'];

/** Of nested subvolumes and snapshots in one tree: each doubles what is walked. */
const MAX_ENTRIES = 250;
const SECOND = 1_000_000_000n;
/** A header of 101 bytes, of the item 25, of the attribute 30: what an attribute can take is left. */
const LEAF_OVERHEAD = 156;

/** Edits that meet limits of the format: hashes that are the same, times far away, full leaves. */
export const oddEdits: Record<string, readonly [weight: number, edit: Edit]> = {
  collide: [4, collide],
  collidingXattrs: [2, collidingXattrs],
  farTimes: [2, farTimes],
  fullXattr: [1, fullXattr],
  snapshotInside: [1, snapshotInside],
  defaultAcl: [2, defaultAcl],
  exchangeWithAbove: [2, exchangeWithAbove],
};

/** Two entries whose names have one hash: made, moved to each other's name, or one of them gone. */
function collide(site: Site): Buffer[] {
  const { random } = site;
  const directory = random.pick(site.directories);
  const name = (): Buffer => sys.joinPath(directory, random.pick(COLLIDING));
  const [first, second] = [name(), name()];
  if (random.chance(0.5)) fs.writeFileSync(first, random.bytes(random.between(0, 3000)));
  else if (random.chance(0.3)) fs.mkdirSync(first);
  else if (random.chance(0.3)) fs.unlinkSync(first);
  else if (random.chance(0.5)) sys.exchange(first, second);
  else fs.renameSync(random.chance(0.5) ? first : site.entry(), second);
  return [first, second];
}

function collidingXattrs(site: Site): Buffer[] {
  const path = site.random.pick([...site.files, ...site.directories]);
  for (let i = 0; i < 4; i++) {
    const name = `user.${site.random.pick(COLLIDING)}`;
    if (site.random.chance(0.6))
      sys.setXattr(path, name, site.random.bytes(site.random.pick([0, 9, 900])));
    else if (sys.listXattrs(path).includes(name)) sys.removeXattr(path, name);
  }
  return [path];
}

/** Before 1970, and after 32 bits of seconds. */
function farTimes(site: Site): Buffer[] {
  const path = site.entry();
  const far = (): bigint =>
    SECOND * BigInt(site.random.pick([-1, -(2 ** 31), -(2 ** 31) - 7, 2 ** 31, 2 ** 32 + 5, 9e9])) +
    BigInt(site.random.pick([0, 1, 999_999_999]));
  sys.setTimes(path, far(), far());
  return [path];
}

/** To the byte what a leaf of some size can take. */
function fullXattr(site: Site): Buffer[] {
  const path = site.random.pick([...site.files, ...site.directories]);
  const name = 'trusted.full';
  const leaf = site.random.pick([4096, 8192, 16_384, 32_768, 65_536]);
  const size = leaf - LEAF_OVERHEAD - name.length - site.random.pick([0, 1]);
  sys.setXattr(path, name, site.random.bytes(size));
  return [path];
}

/** A snapshot of the tree in itself, or of a subvolume in it. */
function snapshotInside(site: Site): Buffer[] {
  const tops = site.directories.filter((path) => fs.lstatSync(path).ino === 256);
  const [from, to] = [site.random.pick(tops), site.place()];
  if (site.entries.length > MAX_ENTRIES) return [];
  sys.createSnapshot(from, to, false);
  return [from, to];
}

function defaultAcl(site: Site): Buffer[] {
  const { random } = site;
  const path = random.pick(site.directories);
  const name = 'system.posix_acl_default';
  if (sys.listXattrs(path).includes(name) && random.chance(0.5)) sys.removeXattr(path, name);
  else sys.setXattr(path, name, acl(random.between(1000, 1003), random.between(0, 8)));
  return [path];
}

/** A directory and one above it change places, step by step: the lower one is the higher one then. */
function exchangeWithAbove(site: Site): Buffer[] {
  const lower = site.some(site.directories.slice(1));
  const upper = lower.subarray(0, lower.lastIndexOf('/'));
  const aside = sys.joinPath(site.directories[0]!, 'aside');
  fs.renameSync(lower, aside);
  fs.renameSync(upper, sys.joinPath(aside, 'e'));
  fs.renameSync(aside, upper);
  return [lower, upper];
}
