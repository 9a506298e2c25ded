import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolders } from '../linux/make-folders.ts';

const NAME = 'io.github.dendro.desktop';

/**
 * Whether the app starts with the session, without a window: an entry of the XDG autostart
 * specification, for Electron's own (setLoginItemSettings) does nothing on Linux.
 */
export class Autostart {
  readonly #file: string;
  readonly #program: string;

  /** `program` is what starts the app: the AppImage, or the installed program. */
  constructor(environment: NodeJS.ProcessEnv, program: string) {
    const { XDG_CONFIG_HOME, HOME } = environment;
    const config = XDG_CONFIG_HOME || join(HOME || '/', '.config');
    this.#file = join(config, 'autostart', NAME);
    this.#program = environment['APPIMAGE'] ?? program;
  }

  get isOn(): boolean {
    return existsSync(this.#file);
  }

  set(isOn: boolean): void {
    if (!isOn) return rmSync(this.#file, { force: true });
    makeFolders(dirname(this.#file));
    const lines = [
      '[Desktop Entry]',
      'Type=Application',
      'Name=Dendro',
      `Exec=${quoted(this.#program)} --hidden`,
      'Icon=dendro-desktop',
      'X-GNOME-Autostart-enabled=true',
      '',
    ];
    writeFileSync(this.#file, lines.join('\n'));
  }
}

/** Desktop entry specification, "The Exec key": quoted, and % stands for itself when doubled. */
function quoted(path: string): string {
  const escaped = path.replaceAll(/["`$\\]/g, (letter) => `\\${letter}`).replaceAll('%', '%%');
  // The value is a string, in which a backslash is written twice.
  return `"${escaped}"`.replaceAll('\\', '\\\\');
}
