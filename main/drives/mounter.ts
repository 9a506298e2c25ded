/** What mounts drives: UDisks2 where there is one, else this process as root. */
export interface Mounter {
  /** Resolves with the mount point. */
  mount(devicePath: string, driveId: string): Promise<string>;
  /** Fails when a file on it is open: nothing is forced. */
  unmount(devicePath: string, mountPath: string): Promise<void>;
  /** Resolves with the node of what it holds. @throws Denied 'passphrase-wrong' */
  unlock(devicePath: string, passphrase: string): Promise<string>;
  lock(devicePath: string): Promise<void>;
  /** Takes the power from the whole disk, or ejects it; false when it can do neither. */
  powerOff(devicePath: string): Promise<boolean>;
}
