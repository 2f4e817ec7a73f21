// The reference of the API: a page of the server's, also in a browser that has the app installed, which answers every other page from what it keeps.
import { DESK_AND_PHONE, isInOrder } from "../../harness/in-order.ts";
import { expect, test } from "../../harness/index.ts";

test("the_reference_is_the_servers_where_the_app_is_installed_too", async ({ world }) => {
  const server = await world.startServer();
  const page = await (await world.launchBrowser("integrator", { viewport: DESK_AND_PHONE[0] })).open(server.url);
  // The worker speaks for a page from the next one on.
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  const answer = await page.goto(`${server.url}/docs`);
  expect(answer?.fromServiceWorker()).toBe(false);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await isInOrder(page, "docs", DESK_AND_PHONE);
});
