// Waiting for what announces itself in no other way: a process that ends, a file that appears.

const POLL_MS = 20;

/** Asks again and again until the answer is not `undefined`. */
export async function eventually<T>(what: string, timeoutMs: number, ask: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
