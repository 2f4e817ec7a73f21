// A day of the shop, a picture of every screen.
import { Cashier, MARA, signIn, type Product } from "../actors/cashier.ts";
import { asAnotherBuild } from "../harness/app-folder.ts";
import { expect, test } from "../harness/index.ts";
import { photograph, photographPaper, photographWords } from "./camera.ts";

const AVOCADO: Product = { code: "9521000010239", priceMinor: 135 };
const RAISIN_SWIRL: Product = { code: "9521000020092", priceMinor: 175 };
const MADELEINES: Product = { code: "9521000020184", priceMinor: 295 };
const LANGUAGES = ["de", "ro", "fr", "it", "tr"];

test("a_day_at_the_till", async ({ world }) => {
  const server = await world.startServer();
  const network = await world.startFaultProxy();
  const browser = await world.launchBrowser("till");
  const page = await browser.open(`${network.url}/sign-in`);
  const cashier = new Cashier(page);
  await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();
  await photograph(page, "01-sign-in");
  await page.getByLabel("Company").fill("seahorse");
  await page.getByLabel("E-mail").fill("denis@seahorse.example");
  await page.getByLabel("Password", { exact: true }).fill("wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByText("You are not signed in")).toBeVisible();
  await photograph(page, "02-sign-in-wrong");

  await page.getByLabel("Password", { exact: true }).fill("seahorse-demo");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((address) => !address.pathname.startsWith("/sign-in"));
  await page.goto(`${network.url}/set-up`);
  await expect(page.getByRole("heading", { name: "Which till is this?" })).toBeVisible();
  await photograph(page, "03-set-up-till");
  await page.getByRole("button", { name: "Use this till" }).click();
  await expect(page.getByRole("heading", { name: "A PIN for quick changes" })).toBeVisible();
  await page.keyboard.type("12");
  await photograph(page, "04-set-up-pin");
  await page.keyboard.type("34");
  await page.keyboard.type("1234");
  await expect(page.getByRole("heading", { name: "Keep data on this device" })).toBeVisible();
  await photograph(page, "05-set-up-storage");
  await page.getByRole("button", { name: "Skip" }).click();
  await photograph(page, "06-set-up-install");
  await page.getByRole("button", { name: "Skip" }).click();
  await expect(page.getByRole("heading", { name: "Open the till" })).toBeVisible();
  await photograph(page, "07-open");
  await page.getByText("Notes and coins").click();
  await photograph(page, "08-open-by-piece");
  await page.getByText("Amount", { exact: true }).click();
  await page.keyboard.type("15000", { delay: 120 });
  await page.getByRole("button", { name: /^Open with/ }).click();
  await expect(page.getByText("Ready for the next customer")).toBeVisible();
  await expect(page.getByRole("button", { name: /Avocado/ }).first()).toBeVisible();
  await photograph(page, "10-sale-empty");

  await cashier.scan(AVOCADO);
  await cashier.scan(AVOCADO);
  await cashier.scan(RAISIN_SWIRL);
  await cashier.scan(MADELEINES);
  await expect(cashier.payButton).toContainText("7.40");
  await photograph(page, "11-sale-lines");
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole("button", { name: /lines/ }).click();
  await photograph(page, "12-sale-lines-ticket-side");
  await page.getByRole("list", { name: "Lines on the ticket" }).getByRole("button").first().click();
  await photograph(page, "13-sale-line-chosen");
  await page.getByRole("button", { name: "Remove" }).click();
  await expect(page.getByRole("button", { name: "Undo" })).toBeVisible();
  await photograph(page, "14-sale-line-removed");
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("button", { name: "Abandon" }).click();
  await photograph(page, "15-sale-abandon");
  await page.getByRole("button", { name: "Keep it" }).click();
  await cashier.scan({ code: "9529999999990", priceMinor: 0 });
  await expect(page.getByRole("alert")).toBeVisible();
  await photograph(page, "16-sale-unknown-code");
  await cashier.scan(AVOCADO);
  const search = page.getByRole("searchbox", { name: "Search or scan" });
  await search.fill("ban");
  await expect(page.getByRole("button", { name: /^Bananas/ })).toBeVisible();
  await photograph(page, "17-sale-search");
  await page.getByRole("button", { name: /^Bananas/ }).click();
  await expect(page.getByRole("dialog", { name: "Bananas" })).toBeVisible();
  await page.keyboard.type("482", { delay: 120 });
  await photograph(page, "18-sale-weigh");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await search.fill("zzzz");
  await expect(page.getByText("Nothing found")).toBeVisible();
  await photograph(page, "19-sale-nothing-found");
  await search.fill("");
  await page.keyboard.press("Escape");
  await page.keyboard.type("3", { delay: 300 });
  await photograph(page, "20-sale-quantity");
  await page.keyboard.press("Escape");
  await cashier.payButton.click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await photograph(page, "21-pay");
  await page.keyboard.type("500", { delay: 120 });
  await photograph(page, "22-pay-too-little");
  await page.keyboard.press("Backspace");
  await page.keyboard.type("000", { delay: 120 });
  await photograph(page, "23-pay-change");
  await page.getByRole("button", { name: "Take payment" }).click();
  await expect(page.getByRole("button", { name: "Next customer" })).toBeVisible();
  await photograph(page, "24-paid");
  await photographPaper(page, "26-paper", () => page.getByRole("button", { name: "Print receipt" }).click());
  await page.getByRole("button", { name: "Next customer" }).click();
  await expect(page.getByText("Ready for the next customer")).toBeVisible();
  await photograph(page, "25-after-sale");

  await cashier.sell([MADELEINES]);
  await expect(page.getByRole("button", { name: "All accepted" })).toBeVisible();
  await page.getByRole("button", { name: "All accepted" }).click();
  await photograph(page, "30-sync-settled");
  await page.keyboard.press("Escape");
  network.cut();
  await server.stop();
  await cashier.sell([AVOCADO]);
  await cashier.sell([AVOCADO, RAISIN_SWIRL]);
  await cashier.scan(AVOCADO);
  await page.getByRole("button", { name: "Abandon" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Abandon" }).click();
  const offline = page.getByRole("button", { name: /^Offline/ });
  await expect(offline).toBeVisible({ timeout: 45_000 });
  await photograph(page, "31-sale-offline");
  await offline.click();
  await photograph(page, "32-sync-offline");
  await page.keyboard.press("Escape");
  await cashier.lookAtTickets();
  await photograph(page, "33-tickets");
  await cashier.ticketRows.last().getByRole("button").click();
  await expect(page.getByRole("article")).toBeVisible();
  await photograph(page, "34-ticket-accepted");
  await page.goBack();
  await cashier.ticketRows.nth(1).getByRole("button").click();
  await photograph(page, "35-ticket-saved-here");
  await page.getByRole("link", { name: "Close till" }).click();
  await photograph(page, "36-close");
  await page.keyboard.type("14900", { delay: 120 });
  await photograph(page, "37-close-difference");
  await page.getByRole("button", { name: "Close the till" }).click();
  await photograph(page, "38-close-confirm");
  await page.getByRole("button", { name: "Count again" }).click();
  await page.goto(`${network.url}/settings`);
  await expect(page.getByRole("heading", { name: "Settings" })).toBeVisible();
  await photograph(page, "40-settings");
  await page.goto(`${network.url}/waiting`);
  await expect(page.getByRole("heading", { name: "What waits" })).toBeVisible();
  await photograph(page, "46-waiting");
  await page.goto(`${network.url}/settings/erase`);
  await expect(page.getByRole("heading", { name: "Erase this device" })).toBeVisible();
  await photograph(page, "41-erase-refused");
  await page.goto(`${network.url}/people`);
  await photograph(page, "42-people");
  await page.getByRole("button", { name: /Denis/ }).click();
  await page.keyboard.type("9999");
  await expect(page.getByText("That is not the PIN")).toBeVisible();
  await photograph(page, "43-pin-wrong");
  await page.goto(`${network.url}/sign-in`);
  await expect(page.getByText("No network")).toBeVisible();
  await photograph(page, "44-sign-in-offline");
  await page.goto(`${network.url}/till`);

  asAnotherBuild(world.app, world.folder("new-app"), "0123456789ab");
  await world.startServer({ app: world.folder("new-app") });
  network.heal();
  await page.evaluate(async () => void (await (await navigator.serviceWorker.ready).update()));
  await expect(page.getByRole("button", { name: "Update now" })).toBeVisible();
  await photograph(page, "45-update");
  for (const language of LANGUAGES) {
    await page.evaluate((tag) => localStorage.setItem("holdfast.language", tag), language);
    for (const [name, path] of [
      ["sale", "/till"],
      ["tickets", "/till/tickets"],
      ["close", "/till/close"],
      ["settings", "/settings"],
      ["waiting", "/waiting"],
      ["people", "/people"],
      ["sign-in", "/sign-in"],
      ["set-up", "/set-up"],
    ] as const) {
      await page.goto(`${network.url}${path}`);
      await expect(page.getByRole("main")).toBeVisible();
      await expect(page.locator(".skeleton")).toHaveCount(0);
      await photographWords(page, `60-${name}`, language);
    }
    await page.goto(`${network.url}/till`);
    await expect(page.getByRole("searchbox")).toBeVisible();
    await cashier.scan(AVOCADO);
    await expect(page.locator("[data-line]")).toHaveCount(1);
    await page.keyboard.press("Enter");
    await expect(page.getByRole("dialog")).toBeVisible();
    await photographWords(page, "61-pay", language);
    await page.keyboard.press("Escape");
  }
});

test("a_day_in_the_office", async ({ world }) => {
  const server = await world.startServer();
  const till = new Cashier(await (await world.launchBrowser("till")).open(server.url));
  await till.setUp(server.url, "Till 1");
  await till.open();
  for (const basket of [[AVOCADO], [RAISIN_SWIRL, MADELEINES], [AVOCADO, AVOCADO, MADELEINES]]) await till.sell(basket);
  const second = new Cashier(await (await world.launchBrowser("second")).open(server.url));
  await second.setUp(server.url, "Till 2");
  await second.open();
  for (const basket of [[MADELEINES, MADELEINES], [RAISIN_SWIRL]]) await second.sell(basket);
  const page = await (await world.launchBrowser("office")).open(server.url);
  await signIn(page, server.url, MARA);
  await page.goto(`${server.url}/office`);
  await expect(page.getByText("€19.35").first()).toBeVisible();
  await photograph(page, "50-office-today");
  await page.goto(`${server.url}/office/tickets`);
  await expect(page.getByRole("row").nth(3)).toBeVisible();
  await photograph(page, "51-office-tickets");
  await page.getByRole("row").nth(1).getByRole("link").first().click();
  await expect(page.getByText("History")).toBeVisible();
  await photograph(page, "52-office-ticket");
  await page.goto(`${server.url}/office/tickets?day=2020-01-01`);
  await expect(page.getByText("No tickets")).toBeVisible();
  await photograph(page, "53-office-empty");
  await page.goto(`${server.url}/office/hand-in`);
  await expect(page.getByRole("heading", { name: "Hand in a file" })).toBeVisible();
  await photograph(page, "55-office-hand-in");
  for (const language of LANGUAGES) {
    await page.evaluate((tag) => localStorage.setItem("holdfast.language", tag), language);
    await page.goto(`${server.url}/office`);
    await expect(page.getByRole("heading").first()).toBeVisible();
    await expect(page.getByRole("table").last()).toBeVisible();
    await photographWords(page, "62-office", language);
  }
  await server.stop();
  await page.evaluate(() => localStorage.removeItem("holdfast.language"));
  await page.goto(`${server.url}/office`);
  await expect(page.getByText("out of reach").first()).toBeVisible();
  await photograph(page, "54-office-offline");
});
