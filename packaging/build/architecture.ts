/** What is packaged for: Node's name and Debian's. */
export type Arch = 'x64' | 'arm64';

export const DEBIAN_ARCH: Record<Arch, string> = { x64: 'amd64', arm64: 'arm64' };

export function isArch(text: string): text is Arch {
  return Object.hasOwn(DEBIAN_ARCH, text);
}
