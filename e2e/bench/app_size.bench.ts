// What a newcomer's browser fetches: until the sign-in screen is there, and in all.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "../harness/index.ts";
import { print } from "./figure.ts";

const KIB = 1024;

test("size of the app", async ({ world }) => {
  await world.startServer();
  const proxy = await world.startFaultProxy();
  const browser = await world.launchBrowser("newcomer");
  const page = await browser.open(proxy.url);
  await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();
  const screenAt = await page.evaluate(() => performance.timeOrigin + performance.now());
  const before = proxy.carried.filter(({ endedAt }) => endedAt <= screenAt);
  const bytes = before.reduce((sum, { bytes }) => sum + bytes, 0);
  print({
    name: "app.first_screen_kib_brotli",
    value: bytes / KIB,
    unit: "KiB",
    detail: { target: 250, files: Object.fromEntries(before.map(({ path, bytes }) => [path, bytes])) },
  });

  const all = sizes(world.app);
  print({
    name: "app.all_kib_brotli",
    value: all.reduce((sum, size) => sum + size, 0) / KIB,
    unit: "KiB",
    detail: { target: 1000, files: all.length },
  });
});

/** Each file of the app as it travels: its .br where there is one. */
function sizes(folder: string): number[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => statSync(join(folder, name)).isFile());
  const compressed = new Set(names.filter((name) => name.endsWith(".br")).map((name) => name.slice(0, -".br".length)));
  return names.filter((name) => !/\.(br|gz)$/.test(name)).map((name) => statSync(join(folder, compressed.has(name) ? `${name}.br` : name)).size);
}
