// A thousand tickets made without a network: from coming online until the server has answered for the last of them, which it does after its commit.
import { Cashier } from "../actors/cashier.ts";
import { expect, test } from "../harness/index.ts";
import { EngineOf } from "./engine.ts";
import { print } from "./figure.ts";
import { reservedNumbers, someCodes } from "./large_shop.ts";

const TICKETS = 1_000;

test("a thousand tickets made offline", async ({ world }) => {
  const server = await world.startServer();
  const network = await world.startFaultProxy();
  const engine = await EngineOf.open(await world.launchBrowser("till"), network.url);
  const cashier = new Cashier(engine.page);
  await cashier.setUp(network.url, "Till 1");
  await cashier.open();
  // As many receipt numbers as a till has in the end.
  await expect.poll(() => reservedNumbers(server), { timeout: 60_000 }).toBeGreaterThan(TICKETS);
  const [code] = someCodes(server, 1);
  network.cut();
  const acts = await engine.sell(Array.from({ length: TICKETS }, () => code!));
  const offline = engine.page.getByRole("button", { name: /^Offline/ });
  await offline.waitFor({ timeout: 60_000 });
  await offline.click();
  network.heal();
  const before = network.carried.length;
  const started = await engine.page.getByRole("button", { name: "Try now" }).evaluate((button) => {
    (button as unknown as HTMLElement).click();
    return Date.now();
  });
  const sold = () => server.query<{ tickets: number }>(`select count(*)::int as "tickets" from sales_tickets where status = 'completed'`)[0]?.tickets;
  await expect.poll(sold, { timeout: 120_000, intervals: [1_000] }).toBe(TICKETS);
  const pushes = () => network.carried.slice(before).filter(({ path }) => path.endsWith("/sync/push"));
  // The last answer comes after the last commit.
  await expect(engine.page.getByText("Everything is accepted")).toBeVisible({ timeout: 60_000 });
  const ended = Math.max(...pushes().map(({ endedAt }) => endedAt));
  print({
    name: "sync.offline_1000_tickets_ms",
    value: ended - started,
    unit: "ms",
    detail: {
      target: 600,
      tickets: TICKETS,
      lines_a_ticket: 1,
      changes: 3 * TICKETS,
      pushes: pushes().length,
      at_the_server_ms: pushes().reduce((sum, { askedAt, endedAt }) => sum + endedAt - askedAt, 0),
      made_in_ms: Math.round(acts.reduce((sum, ms) => sum + ms, 0)),
    },
  });
});
