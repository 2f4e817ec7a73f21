// Photos of a closing count: taken offline, they outlive the browser, go up after the closing in as many pieces as it takes, and are seen in the office.
import { Cashier, ELIF, MARA, signIn, type Product } from "../../actors/cashier.ts";
import { isInOrder, TILL_TABLET_AND_PHONE } from "../../harness/in-order.ts";
import { expect, test, type Page } from "../../harness/index.ts";

const AVOCADO: Product = { code: "9521000010239", priceMinor: 135 };
/** Longer than an engine waits until it tries again. */
const WITHIN_A_HEARTBEAT_MS = 45_000;
const CHUNK_BYTES = 128 * 1024;
/** A picture of that size which no encoder makes small, as a camera's file. */
async function picture(page: Page, width: number, height: number): Promise<{ name: string; mimeType: string; buffer: Buffer }> {
  const base64 = await page.evaluate(
    ({ width, height }) => {
      const canvas = Object.assign(document.createElement("canvas"), { width, height });
      const context = canvas.getContext("2d")!;
      for (let y = 0; y < height; y += 6) {
        for (let x = 0; x < width; x += 6) {
          context.fillStyle = `hsl(${(x * 7 + y * 13) % 360} 60% ${30 + ((x * y) % 50)}%)`;
          context.fillRect(x, y, 6, 6);
        }
      }
      return canvas.toDataURL("image/png").split(",")[1]!;
    },
    { width, height },
  );
  return { name: "count.png", mimeType: "image/png", buffer: Buffer.from(base64, "base64") };
}

const photo = (page: Page, n: number) => page.getByRole("button", { name: `Show photo ${n} large` });

test("a_photo_of_a_closing_made_offline_outlives_browser_and_network_and_is_seen_in_the_office", async ({ world }) => {
  test.setTimeout(300_000);
  const server = await world.startServer();
  const network = await world.startFaultProxy();
  const browser = await world.launchBrowser("till");
  const cashier = new Cashier(await browser.open(network.url));
  await cashier.setUp(network.url, "Till 1", ELIF);
  await cashier.open();
  await cashier.sell([AVOCADO]);
  await expect(cashier.page.getByRole("button", { name: "All accepted" })).toBeVisible({ timeout: WITHIN_A_HEARTBEAT_MS });

  network.cut();
  await cashier.page.getByRole("link", { name: "Close till" }).click();
  const field = cashier.page.getByLabel("Add a photo");
  await field.setInputFiles([await picture(cashier.page, 2_400, 1_800), await picture(cashier.page, 600, 800)]);
  await expect(cashier.page.getByRole("img", { name: "Photo 2" })).toBeVisible();
  await field.setInputFiles({ name: "list.png", mimeType: "image/png", buffer: Buffer.from("no picture") });
  await expect(cashier.page.getByText("This file is no photo")).toBeVisible();
  await cashier.page.keyboard.type("135", { delay: 120 });
  await isInOrder(cashier.page, "close-photos", TILL_TABLET_AND_PHONE, { fullPage: true });
  await cashier.page.getByRole("button", { name: "Remove photo 2" }).click();
  await expect(cashier.page.getByRole("img", { name: "Photo 2" })).toHaveCount(0);
  await cashier.page.getByRole("button", { name: "Close the till" }).click();
  await expect(photo(cashier.page, 1)).toBeVisible();

  // The browser is closed, and opened again without a network: it is still there, and so is what waits.
  await browser.close();
  const page = await (await world.launchBrowser("till")).open(`${network.url}/till`);
  await expect(photo(page, 1)).toBeVisible({ timeout: 30_000 });
  await photo(page, 1).click();
  await isInOrder(page, "closed-photos", TILL_TABLET_AND_PHONE, { fullPage: true });
  await page.goto(`${network.url}/waiting`);
  await expect(page.getByRole("list", { name: "Photos not sent yet" }).getByRole("listitem")).toHaveCount(1);
  await isInOrder(page, "waiting-photos", TILL_TABLET_AND_PHONE, { fullPage: true });

  // The network comes, and breaks in the middle of the upload: the closing is in the books, the photo is not.
  let chunks = 0;
  network.heal();
  network.intercept("PATCH", /\/api\/v1\/blobs\//, () => {
    if (++chunks < 2) return "deliver";
    network.cut();
    return "lose";
  });
  await page.getByRole("button", { name: "Try now" }).click();
  await expect.poll(() => chunks, { timeout: WITHIN_A_HEARTBEAT_MS }).toBe(2);
  expect(server.query("select 1 from sales_till_sessions where status = 'closed'")).toHaveLength(1);
  expect(server.query("select 1 from blobs")).toHaveLength(0);
  expect(server.query("select received from blob_uploads")).toEqual([{ received: 2 * CHUNK_BYTES }]);

  const office = await (await world.launchBrowser("office")).open(server.url);
  await signIn(office, server.url, MARA);
  await office.goto(`${server.url}/office`);
  await office.getByRole("table", { name: "Tills closed" }).getByRole("button", { name: "1 photo" }).click();
  await expect(office.getByText("Photo 1: Not sent yet")).toBeVisible();
  await isInOrder(office, "office-photo-missing", TILL_TABLET_AND_PHONE);

  // It comes back, and the server dies with the next chunk; it goes on where the server is: no byte twice.
  network.heal();
  network.intercept("PATCH", /\/api\/v1\/blobs\//, async () => {
    if (++chunks > 3) return "deliver";
    await server.kill();
    return "lose";
  });
  await page.getByRole("button", { name: "Try now" }).click();
  await expect.poll(() => server.runs, { timeout: WITHIN_A_HEARTBEAT_MS }).toBe(false);
  await world.startServer();
  await page.getByRole("button", { name: "Try now" }).click();
  await expect(photo(office, 1)).toBeVisible({ timeout: WITHIN_A_HEARTBEAT_MS });
  const [stored] = server.query<{ bytes: number; media_type: string }>("select bytes, media_type from blobs");
  expect(stored!.media_type).toBe("image/jpeg");
  expect(chunks).toBe(Math.ceil(stored!.bytes / CHUNK_BYTES));
  await photo(office, 1).click();
  const shown = office.locator(".photo-large");
  await expect.poll(() => shown.evaluate((image: HTMLImageElement) => [image.naturalWidth, image.naturalHeight])).toEqual([2_000, 1_500]);
  await isInOrder(office, "office-photo", TILL_TABLET_AND_PHONE);
  await expect(page.getByText("Everything is accepted")).toBeVisible();
});
