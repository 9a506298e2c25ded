export { Cursor, type TreeRoot } from '../volume/index.ts';
export {
  defaultSubvolume,
  listDeletedSubvolumes,
  listSubvolumes,
  openSubvolume,
  Subvolume,
  unknownSubvolume,
  type SubvolumeInfo,
  type Time,
} from './subvolume.ts';
export { forPeople, joinPath, trimSlashes } from './paths.ts';
export {
  directoryTwice,
  Inode,
  isDirectory,
  isRegular,
  isSymlink,
  missingInode,
  MODE,
  readInode,
} from './inode.ts';
export {
  findEntry,
  lookup,
  nameHash,
  nestedSubvolume,
  splitPath,
  type Found,
} from './directory.ts';
export { damagedDirectory, type DirectoryEntry } from './directory-entry.ts';
export { readDirectory, readDirectoryPastDamage } from './read-directory.ts';
export { eachName, inodeNames, inodePath, type InodeName } from './names.ts';
export { eachXattr, readXattrs, type Xattr } from './xattrs.ts';
export {
  FileExtent,
  fileExtents,
  fileExtentsPastDamage,
  isExtentOf,
  parseFileExtent,
  seekExtent,
} from './file-extent.ts';
export { FileReader } from './file-reader.ts';
export { readFile, readStored, readSymlink, type FileChunk } from './read-file.ts';
export { extentReferences, type ExtentReference } from './backrefs.ts';
