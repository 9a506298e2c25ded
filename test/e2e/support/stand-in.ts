import type { Page, WebSocketRoute } from '@playwright/test';
import {
  calls,
  type CallInput,
  type CallName,
  type CallOutput,
} from '../../../shared/contract/calls.ts';
import { events, type EventData, type EventName } from '../../../shared/contract/events.ts';
import { conflict, toErrorData } from '../../../shared/errors.ts';

/** Answers for the calls that a test cares for; a call without one fails as a real one can. */
export type Answers = {
  [N in CallName]?: (input: CallInput<N>) => CallOutput<N> | Promise<CallOutput<N>>;
};

export interface StandIn {
  tell<N extends EventName>(event: N, data: EventData<N>): void;
  /** Drops the line and refuses new ones until `restore`. */
  goAway(): Promise<void>;
  comeBack(): void;
  /** Until all that the page asks, and asks upon the answers, is answered and drawn. */
  allDrawn(): Promise<void>;
}

/**
 * Stands in for the service behind the page, for states that a real one is in only for a
 * moment or with a million of everything. What it says is checked by the contract's schemas.
 */
export async function standIn(page: Page, answers: Answers): Promise<StandIn> {
  const lines = new Set<WebSocketRoute>();
  let away = false;
  const count = { asked: 0, answered: 0 };
  await page.routeWebSocket(/\/socket\?token=/, (line) => {
    if (away) {
      void line.close();
      return;
    }
    lines.add(line);
    line.onMessage((text) => {
      count.asked += 1;
      void answer(String(text)).then((reply) => {
        line.send(reply);
        count.answered += 1;
      });
    });
  });
  const answer = async (text: string): Promise<string> => {
    const { id, call, input } = JSON.parse(text) as { id: number; call: CallName; input: never };
    try {
      const checked = calls[call].input.parse(input) as never;
      const handler = answers[call] as ((input: never) => unknown) | undefined;
      if (!handler) throw conflict('not-answered', `No answer for ${call}.`);
      return `{"id":${id},"output":${checkedText(call, await handler(checked))}}`;
    } catch (error) {
      return JSON.stringify({ id, error: toErrorData(error) });
    }
  };
  return {
    tell: (event, data) => {
      const text = JSON.stringify({ event, data: events[event].parse(data) });
      for (const line of lines) line.send(text);
    },
    goAway: async () => {
      away = true;
      await Promise.all([...lines].map((line) => line.close()));
      lines.clear();
    },
    comeBack: () => {
      away = false;
    },
    allDrawn: async () => {
      for (let before = -1; before !== count.asked || count.answered < count.asked;) {
        before = count.asked;
        await page.evaluate(DRAWN);
      }
    },
  };
}

/** Two frames: one in which an answer is taken in, one in which what came of it is drawn. */
const DRAWN = `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))`;

/** What was checked once is not checked again: a scene says 20,000 points many times. */
const known = new Map<string, string>();

function checkedText(call: CallName, output: unknown): string {
  const said = `${call} ${JSON.stringify(output)}`;
  const before = known.get(said);
  if (before !== undefined) return before;
  const text = JSON.stringify(calls[call].output.parse(output)) ?? 'null';
  known.set(said, text);
  return text;
}
