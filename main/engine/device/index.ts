export type { Device } from './device.ts';
export { allocateAligned, releaseAligned } from './aligned.ts';
export { identityOfDevice, isAnotherThere } from './device-identity.ts';
export { openDevice } from './file-device.ts';
export { refuseForeign } from './foreign-disk.ts';
export { MemoryDevice } from './memory-device.ts';
export { listBlockDevices, listSiblingImages } from './list-devices.ts';
