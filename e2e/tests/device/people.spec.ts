// Guessing is slowed down, installing is offered, and erasing waits until everything was sent.
import { Cashier, DENIS, ELIF, signIn, type Product } from "../../actors/cashier.ts";
import { isInOrder, TILL_TABLET_AND_PHONE } from "../../harness/in-order.ts";
import { expect, test, type Page } from "../../harness/index.ts";

const AVOCADO: Product = { code: "9521000010239", priceMinor: 135 };
/** Longer than an engine waits until it tries again. */
const WITHIN_A_HEARTBEAT_MS = 45_000;
const you = (page: Page) => page.getByRole("list", { name: "You" });

/** Somebody known here takes over. */
async function takeOver(page: Page, url: string, name: RegExp): Promise<void> {
  await page.goto(`${url}/people`);
  await page.getByRole("button", { name }).click();
  await page.waitForURL((address) => address.pathname !== "/people");
  await page.goto(`${url}/settings`);
}

test("whoever_guesses_a_password_is_told_to_wait", async ({ world }) => {
  const server = await world.startServer();
  const page = await (await world.launchBrowser("stranger")).open(`${server.url}/sign-in`);
  const button = page.getByRole("button", { name: "Sign in" });
  await page.getByLabel("Company").fill(DENIS.company);
  await page.getByLabel("E-mail").fill(DENIS.email);
  const throttled = page.getByText(/There were too many tries\. Wait \d+ seconds?, then try again\./);
  // The pauses double: one of them is soon longer than a try.
  await expect(async () => {
    const answered = page.waitForResponse(/\/identity\/sessions$/);
    await page.getByLabel("Password", { exact: true }).fill("not this one");
    await button.click();
    await answered;
    await expect(button).toBeEnabled();
    await expect(throttled).toBeVisible({ timeout: 500 });
  }).toPass({ intervals: [0], timeout: 60_000 });
  await expect(page.getByLabel("Password", { exact: true })).toHaveValue("");
});

test("a_wrong_pin_is_slowed_down_and_then_even_the_right_one_waits", async ({ world }) => {
  const server = await world.startServer();
  const page = await (await world.launchBrowser("till")).open(server.url);
  await signIn(page, server.url, DENIS);
  await page.goto(`${server.url}/settings`);
  await page.getByRole("button", { name: "Set PIN" }).click();
  await expect(page.getByText("Choose four digits")).toBeVisible();
  await page.keyboard.type("2580", { delay: 60 });
  await expect(page.getByText("The same four once more")).toBeVisible();
  await page.keyboard.type("2580", { delay: 60 });
  await expect(page.getByRole("button", { name: "Change PIN" })).toBeVisible();

  await page.goto(`${server.url}/people`);
  await page.getByRole("button", { name: /Denis/ }).click();
  for (let wrong = 0; wrong < 2; wrong++) {
    await page.keyboard.type("1111", { delay: 60 });
    await expect(page.getByText("That is not the PIN. Try again.")).toBeVisible();
    await expect(page.getByRole("status").or(page.getByText("0 of 4 digits entered")).first()).toBeVisible();
  }
  await page.keyboard.type("1111", { delay: 60 });
  const wait = page.getByText(/Too many wrong tries\. Wait \d+ seconds?\./);
  await expect(wait).toBeVisible();
  await page.keyboard.type("2580", { delay: 60 });
  await expect(wait).toBeVisible();
  expect(new URL(page.url()).pathname).toBe("/people");
});

test("installing_is_offered_when_the_browser_offers_it", async ({ world }) => {
  const server = await world.startServer();
  const page = await (await world.launchBrowser("till")).open(server.url);
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await signIn(page, server.url, DENIS);
  await page.goto(`${server.url}/set-up`);
  for (const step of ["Which till is this?", "A PIN for quick changes", "Keep data on this device"]) {
    await expect(page.getByRole("heading", { name: step })).toBeVisible();
    await page.getByRole("button", { name: "Skip" }).click();
  }
  await expect(page.getByRole("heading", { name: "Install the app" })).toBeVisible();
  // Chromium itself offers it: the manifest, the icons and the service worker are as it wants them.
  await expect(page.getByRole("button", { name: "Install" })).toBeVisible({ timeout: 30_000 });
});

test("what_is_ones_own_is_there_without_a_network_for_oneself_alone_and_gone_with_who_leaves_the_device", async ({ world }) => {
  test.setTimeout(240_000);
  const server = await world.startServer();
  const cashier = new Cashier(await (await world.launchBrowser("till")).open(server.url));
  const { page } = cashier;
  await cashier.setUp(server.url, "Till 1");
  await page.goto(`${server.url}/settings`);
  await expect(you(page)).toContainText("Shift leader", { timeout: WITHIN_A_HEARTBEAT_MS });
  await signIn(page, server.url, ELIF);
  await page.goto(`${server.url}/settings`);
  await expect(you(page)).toContainText("Cashier", { timeout: WITHIN_A_HEARTBEAT_MS });
  await isInOrder(page, "settings-you", TILL_TABLET_AND_PHONE);

  await server.stop();
  await takeOver(page, server.url, /Denis/);
  await expect(you(page)).toContainText(DENIS.email);
  await expect(you(page)).toContainText("Shift leader");
  await expect(page.getByText(ELIF.email)).toHaveCount(0);
  await takeOver(page, server.url, /Elif/);
  await expect(you(page)).toContainText(ELIF.email);
  await expect(you(page)).toContainText("Harbour Street");

  const databases = () => page.evaluate(async () => (await indexedDB.databases()).length);
  const before = await databases();
  await page.getByRole("button", { name: "Leave …" }).click();
  await isInOrder(page, "leave-device", TILL_TABLET_AND_PHONE);
  await page.getByRole("dialog").getByRole("button", { name: "Leave this device" }).click();
  await expect.poll(databases).toBe(before - 1);
  await page.goto(`${server.url}/people`);
  await expect(page.getByRole("button", { name: /Denis/ })).toBeVisible();
  await expect(page.getByRole("button", { name: /Elif/ })).toHaveCount(0);
});

test("a_device_is_erased_only_when_everything_was_sent", async ({ world }) => {
  const server = await world.startServer();
  const cashier = new Cashier(await (await world.launchBrowser("till")).open(server.url));
  const { page } = cashier;
  await cashier.setUp(server.url, "Till 1");
  await cashier.open();
  await server.stop();
  await cashier.sell([AVOCADO]);
  await page.goto(`${server.url}/settings/erase`);
  const erase = page.getByRole("button", { name: "Erase this device" });
  await expect(page.getByText(/changes? (has|have) not been sent yet/)).toBeVisible();
  await expect(page.getByRole("list", { name: "What waits" })).toContainText("Ticket");
  await expect(erase).toBeDisabled();

  await world.startServer();
  await expect(erase).toBeEnabled({ timeout: 45_000 });
  await erase.click();
  await page.getByRole("dialog").getByRole("button", { name: "Erase this device" }).click();
  await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();
  // What stays is the empty list of accounts.
  await expect.poll(() => page.evaluate(async () => (await indexedDB.databases()).length)).toBe(1);
  await page.goto(`${server.url}/people`);
  await expect(page.getByText("This device knows nobody yet")).toBeVisible();
});
