// A device whose disk is full, whose browser clears it, or is asked to keep its data.
import { agreed, books } from "../../actors/books.ts";
import { Cashier, type Product } from "../../actors/cashier.ts";
import { expect, test, type World } from "../../harness/index.ts";

const AVOCADO: Product = { code: "9521000010239", priceMinor: 135 };
const MADELEINES: Product = { code: "9521000020184", priceMinor: 295 };

async function atTheTill(world: World): Promise<Cashier> {
  const server = await world.startServer();
  const cashier = new Cashier(await (await world.launchBrowser("till")).open(server.url));
  await cashier.setUp(server.url, "Till 1");
  await cashier.open();
  return cashier;
}

test("on_a_full_disk_nothing_is_confirmed_and_it_is_said_at_once", async ({ world }) => {
  const first = await atTheTill(world);
  await first.scan(AVOCADO);
  await expect(first.payButton).toContainText("1.35");
  const till = first.page.url();
  const { origin } = new URL(till);

  // The browser remembers for a while how much room there was, so it is told before it first looks.
  await world.browsers[0]!.close();
  const page = await (await world.launchBrowser("till")).open("about:blank");
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 1 });
  await page.goto(till);
  const cashier = new Cashier(page);
  await expect(cashier.payButton).toContainText("1.35");

  await cashier.scan(MADELEINES);
  await expect(page.getByRole("alert")).toContainText("This device is full");
  await expect(cashier.payButton).toContainText("1.35");
  await page.getByRole("button", { name: "Understood" }).click();

  await cashier.payButton.click();
  await page.getByRole("button", { name: /^Exact/ }).click();
  await expect(page.getByRole("dialog").getByRole("alert")).toContainText("do not hand over the goods yet");
  await expect(page.getByText("Change due")).toHaveCount(0);
  await expect(page.getByRole("article", { name: /^Receipt/ })).toHaveCount(0);
  expect(books(world.server)).toEqual(agreed(0, 0));

  await devtools.send("Storage.overrideQuotaForOrigin", { origin });
  await page.getByRole("button", { name: /^Exact/ }).click();
  await expect(page.getByRole("article", { name: /^Receipt/ })).toBeVisible();
  await expect.poll(() => books(world.server), { timeout: 45_000 }).toEqual(agreed(1, 135));
});

test("a_device_that_the_browser_cleared_says_so", async ({ world }) => {
  const cashier = await atTheTill(world);
  const { page } = cashier;
  const origin = new URL(page.url()).origin;
  const devtools = await page.context().newCDPSession(page);
  await page.goto("about:blank");
  await devtools.send("Storage.clearDataForOrigin", { origin, storageTypes: "indexeddb" });
  await page.context().clearCookies();
  await page.goto(origin);
  await expect(page.getByText("The browser cleared this device")).toBeVisible();
  await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();
});

test("whether_the_browser_keeps_the_data_is_shown_and_can_be_asked_for", async ({ world }) => {
  const cashier = await atTheTill(world);
  const { page } = cashier;
  const settings = new URL("/settings", page.url()).href;
  await page.goto(settings);
  await expect(page.getByText("The browser may clear it when space runs out")).toBeVisible();

  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Browser.grantPermissions", { origin: new URL(settings).origin, permissions: ["durableStorage"] });
  await page.getByRole("button", { name: "Keep data" }).click();
  await expect(page.getByText("Kept by the browser")).toBeVisible();
  await expect(page.getByRole("button", { name: "Keep data" })).toHaveCount(0);
  await page.reload();
  await expect(page.getByText("Kept by the browser")).toBeVisible();
});
