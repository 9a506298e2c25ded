import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeKernel } from '../harness/kernel.ts';
import { run } from '../harness/run.ts';
import { RoundTrip } from './round-trip.ts';

const LEVELS = 30;

/** Thirty levels of 250 bytes: paths of 7,500 bytes, which no system call takes whole. */
const MAKE = `cd "$1" && for i in $(seq ${LEVELS}); do
  n=$(printf "%0250d" $i); mkdir $n; cd $n; echo $i > file; ln file link; mkdir sub; done`;

function inTheDeep(dir: string, command: string): void {
  const down = `cd "$1"; for i in $(seq ${LEVELS}); do cd $(printf "%0250d" $i); done; ${command}`;
  run('bash', ['-c', down, 'bash', dir]);
}

/** All that tar sees: it goes down directory by directory, so long paths do not trouble it. */
function listing(dir: string): string {
  const options = ['--sort=name', '--format=posix', '--pax-option=delete=atime,delete=ctime'];
  const archive = run('tar', [...options, '-C', dir, '-cf', '-', '.']).stdout;
  return run('sha256sum', [], { input: archive }).stdout.toString();
}

describeKernel('question 7: names: paths longer than any system call takes', () => {
  let trip: RoundTrip;
  beforeEach(() => {
    trip = new RoundTrip();
  });
  afterEach(() => trip.close());

  function expectSame(snapshot: string): void {
    expect(listing(join(trip.target.dir, snapshot))).toBe(listing(trip.at(snapshot)));
  }

  test('arrive in the stock receive, full and incremental', () => {
    run('bash', ['-c', MAKE, 'bash', trip.work]);
    trip.snapshot('a');
    trip.receive(trip.stream('a'));
    expectSame('a');
    inTheDeep(
      trip.work,
      'echo more >> file; rm link; mv sub bus; mkdir bus/new; touch -d 2001-02-03 bus/new',
    );
    trip.snapshot('b');
    trip.receive(trip.stream('b', { parent: 'a' }));
    expectSame('b');
    run('bash', [
      '-c',
      `cd "$1"; mv ${'0'.repeat(249)}1 top; mkdir x; mv top x/`,
      'bash',
      trip.work,
    ]);
    trip.snapshot('c');
    trip.receive(trip.stream('c', { parent: 'b' }));
    expectSame('c');
    run('rm', ['-r', join(trip.work, 'x')]);
    trip.snapshot('d');
    trip.receive(trip.stream('d', { parent: 'c' }));
    expectSame('d');
  });

  test('make the kernel fail', () => {
    run('bash', ['-c', MAKE, 'bash', trip.work]);
    trip.snapshot('a');
    expect(() => trip.kernelStream('a')).toThrow();
  });
});
