// Text at 200 %: nothing that can be pressed leaves a phone's screen.
import { Cashier } from "../../actors/cashier.ts";
import { expect, test, type Page } from "../../harness/index.ts";

const AVOCADO = { code: "9521000010239", priceMinor: 135 };

test("with_large_text_nothing_that_can_be_pressed_leaves_a_phones_screen", async ({ world }) => {
  const server = await world.startServer();
  const cashier = new Cashier(await (await world.launchBrowser("till")).open(server.url));
  await cashier.setUp(server.url, "Till 1");
  const { page } = cashier;
  await page.setViewportSize({ width: 390, height: 844 });
  await page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
  expect(await beyond(page), "opening the till").toEqual([]);
  await page.getByRole("button", { name: /^Open with/ }).click();
  await expect(page.getByRole("searchbox", { name: "Search or scan" })).toBeVisible();
  await cashier.scan(AVOCADO);
  await expect(page.getByRole("button", { name: /^1 line/ })).toContainText("1.35");
  expect(await beyond(page), "selling").toEqual([]);
  await page.getByRole("button", { name: /^1 line/ }).click();
  await expect(cashier.payButton).toBeVisible();
  expect(await beyond(page), "the ticket").toEqual([]);
  await page.getByRole("link", { name: "Close till" }).click();
  await expect(page.getByRole("heading", { name: "Close the till" })).toBeVisible();
  expect(await beyond(page), "closing").toEqual([]);
});

/** The names of buttons, links and fields that begin or end outside the screen's width. */
async function beyond(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("button, a, input")]
      .filter((element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
      .map((element) => ({ box: element.getBoundingClientRect(), name: element.getAttribute("aria-label") ?? element.innerText }))
      .filter(({ box }) => box.width > 1 && (box.left < -1 || box.right > window.innerWidth + 1))
      .map(({ box, name }) => `${name} from ${Math.round(box.left)} to ${Math.round(box.right)}`),
  );
}
