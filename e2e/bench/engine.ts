// Speaks to a page's engine as the page itself does, past the screen: what is measured is the engine, its database and the line.
import type { Browser, Page } from "../harness/index.ts";

/** A page whose engine can be asked. */
export class EngineOf {
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
  }

  /** A new tab at that address. */
  static async open(browser: Browser, url: string): Promise<EngineOf> {
    const page = await browser.context.newPage();
    await page.addInitScript(() => {
      const engine = {
        worker: undefined as Worker | undefined,
        asked: new Map<number, (answer: unknown) => void>(),
        next: 1_000_000,
        moved: 0,
        toldAt: 0,
        tries: 0,
      };
      const Native = Worker;
      class Watched extends Native {
        constructor(...parameters: ConstructorParameters<typeof Worker>) {
          super(...parameters);
          engine.worker = this;
          this.addEventListener("message", ({ data }) => {
            const said = JSON.parse(String(data)) as {
              answer?: { id: number; result: unknown };
              event?: "tickets_moved" | { sync?: { tries: number } };
            };
            if (said.event !== undefined) engine.toldAt = Date.now();
            if (said.event === "tickets_moved") engine.moved = Date.now();
            if (typeof said.event === "object") engine.tries = said.event.sync?.tries ?? engine.tries;
            if (said.answer !== undefined) engine.asked.get(said.answer.id)?.(said.answer.result);
          });
        }
      }
      const ask = (request: unknown): Promise<unknown> =>
        new Promise((resolve) => {
          const id = engine.next++;
          engine.asked.set(id, (result) => {
            engine.asked.delete(id);
            resolve(result);
          });
          engine.worker!.postMessage(JSON.stringify({ id, tap: crypto.randomUUID(), request }));
        });
      Object.assign(globalThis, { Worker: Watched, engineOfBench: Object.assign(engine, { ask }) });
    });
    await page.goto(url);
    return new EngineOf(page);
  }

  /** Waits until the engine has said nothing unasked for so long: it is through with what happened last. */
  async rests(quietMs: number): Promise<void> {
    await this.page.waitForFunction(
      (quietMs) => Date.now() - (globalThis as unknown as { engineOfBench: { toldAt: number } }).engineOfBench.toldAt >= quietMs,
      quietMs,
    );
  }

  /** How often the engine has tried to reach the server since it last did, as the page was told. */
  async tries(): Promise<number> {
    return this.page.evaluate(() => (globalThis as unknown as { engineOfBench: { tries: number } }).engineOfBench.tries);
  }

  /** Asks the engine, and fails where it refuses. */
  async ask(request: unknown): Promise<unknown> {
    return this.page.evaluate(async (request) => {
      const { ask } = (globalThis as unknown as { engineOfBench: { ask: (request: unknown) => Promise<{ Ok?: unknown; Err?: { code: string } }> } })
        .engineOfBench;
      const result = await ask(request);
      if (result.Err !== undefined) throw new Error(result.Err.code);
      return result.Ok;
    }, request);
  }

  /** Sells one of each of these, ticket by ticket, and answers the milliseconds that each act took until it was durable. */
  async sell(codes: string[], priceMinor = 1_000_000): Promise<number[]> {
    return this.page.evaluate(
      async ([codes, tendered]) => {
        const { ask } = (globalThis as unknown as { engineOfBench: { ask: (request: unknown) => Promise<{ Err?: { code: string } }> } })
          .engineOfBench;
        const times: number[] = [];
        const act = async (request: unknown) => {
          const started = performance.now();
          const result = await ask(request);
          times.push(performance.now() - started);
          if (result.Err !== undefined) throw new Error(result.Err.code);
        };
        for (const code of codes) {
          await act({ scan: { code, quantity: "1" } });
          await act({ pay_cash: { tendered_minor: tendered } });
        }
        return times;
      },
      [codes, priceMinor] as const,
    );
  }
}
