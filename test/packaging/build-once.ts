/** Run under a lock by `ensureBuilt`: whoever waited for it finds the work done. */
import { execFileSync } from 'node:child_process';
import { isBuilt } from '../../main/app/is-built.ts';
import { top } from './built.ts';

if (!isBuilt(top)) execFileSync('npm', ['run', '--silent', 'build'], { cwd: top });
