export { compileGlob, type NameMatcher } from './glob.ts';
export { findNames, type FoundName } from './find.ts';
export { changedSince, type ChangedInode } from './changed-since.ts';
export { statInode, type ExtentFacts, type InodeFacts } from './stat.ts';
export { readSpaceBill, SpaceBill, type SubvolumeSpace } from './space-bill.ts';
export { verifySubvolume, verifyVolume } from './verify.ts';
export { missingDevices, type VerifyHooks, type VerifyReport } from './verify-tally.ts';
export { ownersOfData, withOwner } from './data-owners.ts';
export { readUsage, type DeviceUsage, type GroupUsage, type VolumeUsage } from './usage.ts';
