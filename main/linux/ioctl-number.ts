/** Request numbers as `asm-generic/ioctl.h` builds them: direction, size, type, number. */
const request = (direction: number, type: number, number: number, sizeBytes: number): number =>
  ((direction << 30) | (sizeBytes << 16) | (type << 8) | number) >>> 0;

export const iow = (type: number, number: number, sizeBytes: number): number =>
  request(1, type, number, sizeBytes);
export const ior = (type: number, number: number, sizeBytes: number): number =>
  request(2, type, number, sizeBytes);
export const iowr = (type: number, number: number, sizeBytes: number): number =>
  request(3, type, number, sizeBytes);
