// How builds change hands on a device: whole or not at all, and never while a tab has not agreed.
import { appendFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Cashier, MARA, signIn, type Product } from "../actors/cashier.ts";
import { asAnotherBuild } from "../harness/app-folder.ts";
import { expect, test, type Page } from "../harness/index.ts";

const NEW_BUILD = "0123456789ab";
const AVOCADO: Product = { code: "9521000010239", priceMinor: 135 };

const buildOf = (page: Page) => page.locator('meta[name="holdfast-build"]').getAttribute("content");

/** Asks for a new build, and tells what became of it: `installed`, or `redundant` where it was thrown away. */
const update = (page: Page) =>
  page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    const settled = new Promise<string>((resolve) => {
      registration.addEventListener("updatefound", () => {
        const worker = registration.installing;
        worker?.addEventListener("statechange", () => resolve(worker.state), { once: true });
      });
    });
    await registration.update();
    return settled;
  });

test("a_new_build_waits_while_a_tab_is_open_and_is_there_when_all_were_closed", async ({ world }) => {
  const server = await world.startServer();
  const browser = await world.launchBrowser("till");
  const page = await browser.open(server.url);
  const first = await buildOf(page);
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await page.reload();

  await server.stop();
  asAnotherBuild(world.app, world.folder("new-app"), NEW_BUILD);
  await world.startServer({ app: world.folder("new-app") });
  expect(await update(page)).toBe("installed");
  const beside = await browser.open(server.url);
  expect(await buildOf(beside)).toBe(first);

  await browser.close();
  const later = await world.launchBrowser("till");
  expect(await buildOf(await later.open(server.url))).toBe(NEW_BUILD);
});

test("a_new_build_is_announced_and_taken_over_by_all_tabs_when_the_person_says_so", async ({ world }) => {
  const server = await world.startServer();
  const browser = await world.launchBrowser("till");
  const page = await browser.open(server.url);
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await signIn(page, server.url, MARA);
  const beside = await browser.open(server.url);

  await server.stop();
  asAnotherBuild(world.app, world.folder("new-app"), NEW_BUILD);
  await world.startServer({ app: world.folder("new-app") });
  expect(await update(page)).toBe("installed");
  await page.getByRole("button", { name: "Update now" }).click();
  for (const tab of [page, beside]) await expect(tab.locator('meta[name="holdfast-build"]')).toHaveAttribute("content", NEW_BUILD);
});

test("an_app_that_is_too_old_for_the_servers_news_still_hands_in_its_work_and_fetches_the_new_one", async ({ world }) => {
  const server = await world.startServer();
  const browser = await world.launchBrowser("till");
  const page = await browser.open(server.url);
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  const cashier = new Cashier(page);
  await cashier.setUp(server.url, "Till 1");
  await cashier.open();
  await server.stop();
  await cashier.sell([AVOCADO]);

  asAnotherBuild(world.app, world.folder("new-app"), NEW_BUILD);
  const newer = await world.startServer({ app: world.folder("new-app"), extraArguments: ["--oldest-app", "2"] });
  await expect(page.getByRole("button", { name: "Update now" })).toBeVisible({ timeout: 60_000 });
  await page.getByRole("button", { name: "All accepted" }).click();
  await expect(page.getByText("This app is too old for the server’s news")).toBeVisible();
  await expect
    .poll(() => newer.query<{ sold: number }>(`select count(*)::int as "sold" from sales_tickets where status = 'completed'`)[0]?.sold)
    .toBe(1);
});

test("a_new_build_waits_for_the_open_sale", async ({ world }) => {
  const server = await world.startServer();
  const cashier = new Cashier(await (await world.launchBrowser("till")).open(server.url));
  const { page } = cashier;
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await cashier.setUp(server.url, "Till 1");
  await cashier.open();
  await cashier.scan(AVOCADO);
  await expect(cashier.payButton).toContainText("1.35");

  await server.stop();
  asAnotherBuild(world.app, world.folder("new-app"), NEW_BUILD);
  await world.startServer({ app: world.folder("new-app") });
  expect(await update(page)).toBe("installed");
  await expect(page.getByText("It waits until the open sale on this device is finished.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Update now" })).toBeDisabled();

  await cashier.payButton.click();
  await page.getByRole("button", { name: /^Exact/ }).click();
  await page.getByRole("button", { name: "Update now" }).click();
  await expect(page.locator('meta[name="holdfast-build"]')).toHaveAttribute("content", NEW_BUILD);
  await expect(await cashier.lookAtTickets()).toHaveCount(1);
});

test("a_build_of_which_one_file_arrives_damaged_is_not_installed", async ({ world }) => {
  const server = await world.startServer();
  const browser = await world.launchBrowser("till");
  const page = await browser.open(server.url);
  const first = await buildOf(page);
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));

  await server.stop();
  const damaged = world.folder("damaged-app");
  asAnotherBuild(world.app, damaged, NEW_BUILD);
  for (const end of [".br", ".gz"]) rmSync(join(damaged, NEW_BUILD, `engine.js${end}`));
  appendFileSync(join(damaged, NEW_BUILD, "engine.js"), " ");
  await world.startServer({ app: damaged });
  expect(await update(page)).toBe("redundant");
  await page.reload();
  expect(await buildOf(page)).toBe(first);
});
