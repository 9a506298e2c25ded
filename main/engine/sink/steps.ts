/** Work on a folder or what is in it; what it yields is done before it goes on. */
export type Steps = Generator<Steps, void, void>;

/**
 * Does all of it without recursion: there may be more folders in each other than the stack has
 * room for. An error goes up through whoever waits for what failed, as if they had called it.
 */
export function runSteps(first: Steps): void {
  const open = [first];
  let failure: { readonly error: unknown } | undefined;
  for (let last = open.at(-1); last !== undefined; last = open.at(-1)) {
    try {
      const step = failure === undefined ? last.next() : last.throw(failure.error);
      failure = undefined;
      if (step.done === true) open.pop();
      else open.push(step.value);
    } catch (error) {
      failure = { error };
      open.pop();
    }
  }
  if (failure !== undefined) throw failure.error;
}
