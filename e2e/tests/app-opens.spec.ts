// The app opens at all: under the server's strict Content-Security-Policy, and without a network once it is installed.
import { expect, test } from "../harness/index.ts";

test("the_page_opens_under_the_strict_policy_without_a_complaint", async ({ world }) => {
  const server = await world.startServer();
  const browser = await world.launchBrowser("newcomer");
  const page = await browser.open(server.url);
  await expect(page.getByRole("heading").first()).toBeVisible();
  const response = await page.request.get(server.url);
  const policy = response.headers()["content-security-policy"] ?? "";
  const scripts = policy.split(";").find((directive) => directive.trim().startsWith("script-src "));
  expect(scripts?.trim().split(" ").sort()).toEqual(["'self'", "'wasm-unsafe-eval'", "script-src"]);
  // Asked who is signed in, the server refuses to say, for nobody is: the browser reports every refusal.
  expect(browser.complaints.filter(({ page }) => !page.endsWith("/api/v1/identity/session"))).toEqual([]);
});

test("the_page_opens_after_browser_and_server_are_gone", async ({ world }) => {
  const server = await world.startServer();
  const first = await world.launchBrowser("till");
  const page = await first.open(server.url);
  await expect(page.getByRole("heading").first()).toBeVisible();
  // The worker is active only once every file of the build is on the device.
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await server.stop();
  await first.kill();

  const second = await world.launchBrowser("till");
  const reopened = await second.open(server.url);
  await expect(reopened.getByRole("heading").first()).toBeVisible();
});
