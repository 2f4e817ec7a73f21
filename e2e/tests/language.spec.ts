// A person's language: chosen once, kept on the device, and spoken without a network.
import { MARA, signIn } from "../actors/cashier.ts";
import { expect, test } from "../harness/index.ts";

test("the_chosen_language_is_spoken_without_a_network", async ({ world }) => {
  const server = await world.startServer();
  const browser = await world.launchBrowser("till");
  const page = await browser.open(server.url);
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await signIn(page, server.url, MARA);
  await page.goto(`${server.url}/settings`);
  await page.getByLabel("Language").selectOption("Română");
  await expect(page.getByRole("heading", { name: "Setări" })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "ro");

  await server.stop();
  await browser.close();
  const again = await (await world.launchBrowser("till")).open(`${server.url}/sign-in`);
  await expect(again.getByRole("button", { name: "Autentificare" })).toBeVisible();
});

test("every_language_reaches_the_screen", async ({ world }) => {
  const server = await world.startServer();
  const page = await (await world.launchBrowser("anyone")).open(`${server.url}/sign-in`);
  for (const [language, words] of [
    ["fr", "Se connecter"],
    ["it", "Accedi"],
    ["de", "Anmelden"],
    ["tr", "Giriş yap"],
    ["en", "Sign in"],
  ] as const) {
    await page.evaluate((tag) => localStorage.setItem("holdfast.language", tag), language);
    await page.reload();
    await expect(page.getByRole("button", { name: words })).toBeVisible();
  }
});
