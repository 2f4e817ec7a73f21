// What the engine's program takes of a device's memory with 10,000 tickets stored: after a start, with the till shown and its tickets listed.
import { Cashier } from "../actors/cashier.ts";
import { test } from "../harness/index.ts";
import { EngineOf } from "./engine.ts";
import { print } from "./figure.ts";
import { someCodes } from "./large_shop.ts";

const TICKETS = 10_000;
const MIB = 1024 * 1024;

test("memory with ten thousand tickets", async ({ world }) => {
  test.setTimeout(1_800_000);
  const server = await world.startServer();
  const engine = await EngineOf.open(await world.launchBrowser("till"), server.url);
  const cashier = new Cashier(engine.page);
  await cashier.setUp(server.url, "Till 1");
  await cashier.open();
  const [code] = someCodes(server, 1);
  // A till never asks for more numbers than it may hold: sold in parts, with time to reserve the next.
  for (let sold = 0; sold < TICKETS; sold += 500) {
    await engine.sell(Array.from({ length: 500 }, () => code!));
    await engine.page.getByRole("button", { name: "All accepted" }).waitFor({ timeout: 120_000 });
  }
  const making = await memory(engine);
  await engine.page.goto(`${server.url}/till/tickets`);
  await cashier.ticketRows.first().waitFor();
  const value = await memory(engine);
  print({
    name: "store.memory_10k_tickets_mib",
    value,
    unit: "MiB",
    detail: { target: 64, tickets: TICKETS, after_making_them: Math.round(making) },
  });
});

/** The memory of the engine's program, which only grows while it runs. */
async function memory({ page }: EngineOf): Promise<number> {
  const [worker] = page.workers();
  const bytes = await worker!.evaluate(async () => {
    const program = (globalThis as unknown as { wasm_bindgen: () => Promise<{ memory: WebAssembly.Memory }> }).wasm_bindgen;
    return (await program()).memory.buffer.byteLength;
  });
  return bytes / MIB;
}
