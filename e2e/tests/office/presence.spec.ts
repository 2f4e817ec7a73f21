// Two people at one record see each other: by name, whether they edit, and no longer than they are there.
import { ADA, MARA, signIn } from "../../actors/cashier.ts";
import { expect, test, type Page } from "../../harness/index.ts";
import { DESK_AND_PHONE, isInOrder } from "../../harness/in-order.ts";

/** What a screen reader is told of the others. */
const others = (page: Page) => page.locator(".record-top").getByRole("status");

test("two_at_one_record_see_each_other_and_who_edits", async ({ world }) => {
  test.setTimeout(240_000);
  const server = await world.startServer();
  const ada = await (await world.launchBrowser("ada", { viewport: DESK_AND_PHONE[0] })).open(server.url);
  await signIn(ada, server.url, ADA);
  await ada.goto(`${server.url}/office/procurement/suppliers/new`);
  await ada.getByLabel("Name", { exact: true }).fill("Exotic Liquids");
  await ada.keyboard.press("Control+Enter");
  await expect(ada.getByRole("heading", { name: "Exotic Liquids" })).toBeVisible();
  await expect(others(ada)).toHaveText("");

  const browser = await world.launchBrowser("mara", { viewport: DESK_AND_PHONE[0] });
  const mara = await browser.open(server.url);
  await signIn(mara, server.url, MARA);
  await mara.goto(ada.url());
  await expect(others(mara)).toHaveText("Ada Morel is looking at this, too");
  await expect(others(ada)).toHaveText(/^Mara .* is looking at this, too$/);
  await isInOrder(ada, "presence-looking", DESK_AND_PHONE, { fullPage: true });

  await ada.getByLabel("City").fill("London");
  await expect(others(mara)).toHaveText("Ada Morel is editing this");
  await expect(mara.locator(".record-foot")).toContainText("Ada Morel is editing this");
  await isInOrder(mara, "presence-editing", DESK_AND_PHONE, { fullPage: true });
  await ada.keyboard.press("Control+Enter");
  await expect(others(mara)).toHaveText("Ada Morel is looking at this, too");

  // A second page of the same person is no other person.
  const second = await mara.context().newPage();
  await second.goto(ada.url());
  await expect(others(second)).toHaveText("Ada Morel is looking at this, too");
  await expect(others(ada)).toHaveText(/^Mara .* is looking at this, too$/);
  await second.close();

  // Whoever goes to another page is gone from this one, and so is whoever closes it.
  await mara.goto(`${server.url}/office/procurement/suppliers`);
  await expect(others(ada)).toHaveText("");
  await mara.goBack();
  await expect(others(ada)).toHaveText(/^Mara/);
  await mara.close();
  await expect(others(ada)).toHaveText("");
});

test("who_is_lost_is_gone_and_after_the_servers_end_both_are_there_again", async ({ world }) => {
  test.setTimeout(240_000);
  const server = await world.startServer();
  const ada = await (await world.launchBrowser("ada")).open(server.url);
  await signIn(ada, server.url, ADA);
  await ada.goto(`${server.url}/office/identity/sites`);
  await ada.getByRole("link", { name: "Harbour Street" }).click();
  const browser = await world.launchBrowser("mara");
  const mara = await browser.open(server.url);
  await signIn(mara, server.url, MARA);
  await expect(ada.getByRole("heading", { name: "Harbour Street" })).toBeVisible();
  await mara.goto(ada.url());
  await expect(others(ada)).toHaveText(/^Mara/);

  // The network is gone without a word: nobody answers when the line asks.
  await mara.context().setOffline(true);
  await expect(others(ada)).toHaveText("", { timeout: 30_000 });
  await mara.context().setOffline(false);
  await expect(others(ada)).toHaveText(/^Mara/, { timeout: 30_000 });

  await world.server.stop();
  await expect(others(ada)).toHaveText("");
  await world.startServer();
  await expect(others(ada)).toHaveText(/^Mara/, { timeout: 30_000 });
  await expect(others(mara)).toHaveText(/^Ada Morel/, { timeout: 30_000 });

  // A process that dies says no goodbye either.
  await browser.kill();
  await expect(others(ada)).toHaveText("", { timeout: 30_000 });
});
