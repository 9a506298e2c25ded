import { INODE_FLAG } from '../format/constants.ts';

/** Names of attributes that need care, as latin1 text. */
const DEFAULT_ACL = 'system.posix_acl_default';
const ACCESS_ACL = 'system.posix_acl_access';
const CAPABILITY = 'security.capability';
const PROPERTY = 'btrfs.';
const COMPRESSION = 'btrfs.compression';

/** No change to the inode or, for a directory, to its names is possible under these. */
export const SEALS = INODE_FLAG.immutable | INODE_FLAG.append;
/** What a compression property brings with it. */
export const COMPRESSION_FLAGS = INODE_FLAG.compress | INODE_FLAG.nocompress;
/** Flags that a new inode takes over from its directory. */
export const INHERITED_FLAGS = INODE_FLAG.nodatacow | COMPRESSION_FLAGS;
/** Flags that a person can set; the others are the filesystem's own business. */
export const USER_FLAGS =
  SEALS |
  INHERITED_FLAGS |
  INODE_FLAG.nodatasum |
  INODE_FLAG.sync |
  INODE_FLAG.nodump |
  INODE_FLAG.noatime |
  INODE_FLAG.dirsync;

/** What an inode takes over from the directory in which it is made. */
export function isInherited(name: Uint8Array): boolean {
  return is(name, DEFAULT_ACL) || (name.length > PROPERTY.length && startsWith(name, PROPERTY));
}

/** The kernel keeps the flags of compression by it: whoever removes it removes them, too. */
export function isCompression(name: Uint8Array): boolean {
  return is(name, COMPRESSION);
}

/** What a compression property holds that forbids it. */
export function isRefusal(value: Uint8Array): boolean {
  return is(value, 'no') || is(value, 'none');
}

/** Lost on every write and chown. */
export function isCapability(name: Uint8Array): boolean {
  return is(name, CAPABILITY);
}

/** Changes the permissions when it is set. */
export function isAccessAcl(name: Uint8Array): boolean {
  return is(name, ACCESS_ACL);
}

function is(name: Uint8Array, text: string): boolean {
  return name.length === text.length && startsWith(name, text);
}

function startsWith(name: Uint8Array, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (name[i] !== text.charCodeAt(i)) return false;
  return true;
}
