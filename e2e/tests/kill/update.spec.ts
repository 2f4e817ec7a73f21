// A new build, and a browser that is killed at each point of the change: the sale that waits goes up once, whichever build sends it.
import { agreed, books } from "../../actors/books.ts";
import { type Product } from "../../actors/cashier.ts";
import { MortalTill } from "../../actors/mortal-till.ts";
import { asAnotherBuild } from "../../harness/app-folder.ts";
import { expect, test, type Verdict, type World } from "../../harness/index.ts";

const AVOCADO: Product = { code: "9521000010239", priceMinor: 135 };
const NEW_BUILD = "0123456789ab";
const PUSH = /\/sync\/push$/;

/** A till with a sale that nobody hears of, and a server that offers a new build. */
async function withANewBuild(world: World) {
  const till = await MortalTill.setUp(world);
  const { page } = till.cashier;
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  const old = await buildOf(till);
  till.network.intercept("POST", PUSH, () => "lose");
  await till.cashier.sell([AVOCADO]);
  await world.server.stop();
  asAnotherBuild(world.app, world.folder("new-app"), NEW_BUILD);
  await world.startServer({ app: world.folder("new-app") });
  return { till, old };
}

const buildOf = (till: MortalTill) => till.cashier.page.locator('meta[name="holdfast-build"]').getAttribute("content");

/** Asks for the new build, and waits until it lies beside the old one. */
const install = (till: MortalTill) =>
  till.cashier.page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    const installed = new Promise<void>((resolve) => {
      const watch = (worker: ServiceWorker | null) => {
        if (worker?.state === "installed") resolve();
        worker?.addEventListener("statechange", () => worker.state === "installed" && resolve());
      };
      watch(registration.installing ?? registration.waiting);
      registration.addEventListener("updatefound", () => watch(registration.installing));
    });
    await registration.update();
    await installed;
  });

async function theBooksAreTheSame(world: World, till: MortalTill) {
  await expect(await till.cashier.lookAtTickets()).toHaveCount(1);
  await till.online();
  await expect.poll(() => books(world.server), { timeout: 30_000 }).toEqual(agreed(1, AVOCADO.priceMinor));
  await expect(till.cashier.ticketRows.filter({ hasText: "Accepted" })).toHaveCount(1, { timeout: 30_000 });
}

test("killed_while_the_new_build_is_fetched_the_old_one_sells_on", async ({ world }) => {
  const { till, old } = await withANewBuild(world);
  let killed: Promise<void> | undefined;
  till.network.intercept("GET", new RegExp(`^/${NEW_BUILD}/.*\\.wasm`), async (): Promise<Verdict> => {
    await (killed ??= till.kill());
    return "lose";
  });
  // It dies with its browser.
  void install(till).catch(() => undefined);
  await expect.poll(() => killed !== undefined, { timeout: 30_000 }).toBe(true);
  await killed;

  till.offline();
  await till.start();
  expect(await buildOf(till)).toBe(old);
  await theBooksAreTheSame(world, till);
  await install(till);
});

test("killed_while_the_new_build_waits_the_next_start_is_whole", async ({ world }) => {
  const { till, old } = await withANewBuild(world);
  await install(till);
  await till.kill();
  till.offline();
  await till.start();
  expect([old, NEW_BUILD]).toContain(await buildOf(till));
  await theBooksAreTheSame(world, till);
});

test("killed_while_the_new_build_takes_over_it_is_whole_and_so_is_the_sale", async ({ world }) => {
  const { till } = await withANewBuild(world);
  await install(till);
  const { page } = till.cashier;
  const reloads = page.waitForEvent("framenavigated");
  await page.getByRole("button", { name: "Update now" }).click();
  await reloads;
  await till.kill();
  till.offline();
  await till.start();
  expect(await buildOf(till)).toBe(NEW_BUILD);
  await theBooksAreTheSame(world, till);
});
