// What a browser that has never been here fetches until somebody in the office sees the first of its pages.
import { ADA, signIn } from "../actors/cashier.ts";
import { expect, test } from "../harness/index.ts";
import { print } from "./figure.ts";

const KIB = 1024;

test("first load of the office", async ({ world }) => {
  await world.startServer();
  const proxy = await world.startFaultProxy();
  const page = await (await world.launchBrowser("newcomer")).open(proxy.url);
  await signIn(page, proxy.url, ADA);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  const seenAt = await page.evaluate(() => performance.timeOrigin + performance.now());
  // The program and what it shows itself with; what it then asks the server is a matter of the company.
  const before = proxy.carried.filter(({ path, endedAt }) => endedAt <= seenAt && !path.startsWith("/api/"));
  const bytes = before.reduce((sum, { bytes }) => sum + bytes, 0);
  print({
    name: "office.first_load_kib_brotli",
    value: bytes / KIB,
    unit: "KiB",
    detail: { target: 350, files: Object.fromEntries(before.map(({ path, bytes }) => [path, bytes])) },
  });
});
