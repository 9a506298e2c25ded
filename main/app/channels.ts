/** The two channels between the page and the app: text messages of the contract, either way. */
export const TO_SERVICE = 'dendro:to-service';
export const TO_PAGE = 'dendro:to-page';
/** The page asks the desktop: for a file or folder, answered with its path or null. */
export const CHOOSE = 'dendro:choose';
/** The page asks for the helper that may do what the user may not; answered with `Unlocked`. */
export const UNLOCK = 'dendro:unlock';

/** The page hands over a file that is being dragged out of the window: `Dragged`. */
export const DRAG = 'dendro:drag';

/** As much as a preview shows of a document at the most. */
export const MOST_DRAGGED_BYTES = 8 * 1_048_576;

export interface Dragged {
  /** Without a folder. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly modifiedAtMs: number | null;
}

/** no-helper: the package with the polkit action is not installed (AppImage, a checkout). */
export type Unlocked = 'unlocked' | 'refused' | 'no-helper';

/** What can be chosen in the desktop's own dialog. */
export type Choice = 'file' | 'folder';
