const HEADER = 17;

/** The bytes of a stream from this command on. */
export function tailFrom(stream: Buffer, command: number): Buffer {
  let at = HEADER;
  for (let index = 0; index < command; index++) at += 10 + stream.readUInt32LE(at);
  return stream.subarray(at);
}
