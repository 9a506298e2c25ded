/**
 * How a snapshot goes from one volume to another on the same computer: compressed data as it
 * is, large writes, file attributes and the time of birth.
 */
export const transferProtocol = { protocol: 2, compressedData: true } as const;
