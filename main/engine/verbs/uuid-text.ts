/** 16 bytes as 8-4-4-4-12 lower-case digits; null when all are zero, which means none. */
export function uuidText(bytes: Uint8Array): string | null {
  if (bytes.every((byte) => byte === 0)) return null;
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return `${parts.join('-')}-${hex.slice(20)}`;
}
