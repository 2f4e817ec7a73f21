// A picture of a product and the contract of a supplier: chosen, dropped, seen, replaced, taken away; and what is none, in words.
import { ADA, BRUNO, signIn } from "../../actors/cashier.ts";
import { expect, test, type Page } from "../../harness/index.ts";
import { DESK_AND_PHONE, isInOrder } from "../../harness/in-order.ts";

interface Chosen {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

/** A picture in one colour. */
async function picture(page: Page, name: string, [width, height, colour]: [number, number, string], mimeType = "image/png"): Promise<Chosen> {
  const base64 = await page.evaluate(
    ({ width, height, colour, mimeType }) => {
      const canvas = Object.assign(document.createElement("canvas"), { width, height });
      const context = canvas.getContext("2d")!;
      context.fillStyle = colour;
      context.fillRect(0, 0, width, height);
      context.fillStyle = "rgb(255 255 255 / 60%)";
      context.fillRect(width / 4, height / 4, width / 2, height / 2);
      return canvas.toDataURL(mimeType).split(",")[1]!;
    },
    { width, height, colour, mimeType },
  );
  return { name, mimeType, buffer: Buffer.from(base64, "base64") };
}

const file = (page: Page) => page.locator(".file-field input[type=file]");
const shown = (page: Page, name: string) => page.getByRole("group", { name: "Picture" }).getByRole("img", { name });

/** The picture is there, and not a broken one. */
async function isSeen(page: Page, name: string): Promise<void> {
  await expect(shown(page, name)).toBeVisible();
  await expect.poll(() => shown(page, name).evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
}

async function saved(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("All is saved.")).toBeVisible();
}

/** Opens the product's page. */
async function product(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/office/catalog/products`);
  await page.getByRole("searchbox", { name: "Search" }).fill("avocado");
  await page.locator("tbody .row-link").filter({ hasText: "Avocado" }).first().click();
  await expect(page.getByRole("heading", { name: "Avocado" })).toBeVisible();
}

test("a_product_gets_a_picture_that_is_seen_replaced_and_taken_away", async ({ world }) => {
  test.setTimeout(300_000);
  const server = await world.startServer();
  const page = await (await world.launchBrowser("office", { viewport: DESK_AND_PHONE[0] })).open(server.url);
  await signIn(page, server.url, ADA);
  await product(page, server.url);
  await expect(page.getByText("Drop a picture here")).toBeVisible();
  await isInOrder(page, "product-without-picture", DESK_AND_PHONE);
  await file(page).setInputFiles(await picture(page, "avocado.png", [640, 480, "#4c7a34"]));
  await isSeen(page, "avocado.png");
  await expect(page.getByText("640 × 480 pixels")).toBeVisible();
  expect(server.query("select 1 from products where image is not null"), "nothing is saved yet").toEqual([]);
  await saved(page);
  await isSeen(page, "avocado.png");
  await page.reload();
  await isSeen(page, "avocado.png");
  await isInOrder(page, "product-with-picture", DESK_AND_PHONE);

  // Small in the list, where it is asked for with the reader's rights.
  await page.goto(`${server.url}/office/catalog/products?q=avocado`);
  const small = page.getByRole("row").filter({ hasText: "Avocado" }).getByRole("img", { name: "avocado.png" });
  await expect.poll(() => small.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(640);
  await isInOrder(page, "products-with-picture", DESK_AND_PHONE);

  // Replaced by a large photo, which is sent smaller and without what a camera adds; by the keyboard alone.
  await product(page, server.url);
  await isSeen(page, "avocado.png");
  const photo = await picture(page, "from the side.jpeg", [4_000, 3_000, "#9a6b2f"], "image/jpeg");
  await file(page).focus();
  await expect(file(page)).toBeFocused();
  const chooser = page.waitForEvent("filechooser");
  await page.keyboard.press("Space");
  await (await chooser).setFiles(photo);
  await isSeen(page, "from the side.jpg");
  await expect(page.getByText("2000 × 1500 pixels")).toBeVisible();
  await saved(page);
  await page.reload();
  await isSeen(page, "from the side.jpg");
  await expect(page.getByRole("list").filter({ hasText: "Changed" }).first()).toContainText("avocado.png → from the side.jpg");

  // Taken away.
  await page.getByRole("button", { name: "Take away" }).click();
  await expect(page.getByText("Drop a picture here")).toBeVisible();
  await saved(page);
  expect(server.query("select 1 from products where image is not null")).toEqual([]);
  await page.reload();
  await expect(page.getByText("Drop a picture here")).toBeVisible();
});

test("what_is_no_picture_is_refused_in_words_and_changes_nothing", async ({ world }) => {
  test.setTimeout(300_000);
  const server = await world.startServer();
  const network = await world.startFaultProxy();
  const page = await (await world.launchBrowser("office", { viewport: DESK_AND_PHONE[0] })).open(network.url);
  await signIn(page, network.url, ADA);
  await product(page, network.url);
  const html = Buffer.from("<!doctype html><script>document.title = 'run'</script>");
  await file(page).setInputFiles({ name: "avocado.png", mimeType: "image/png", buffer: html });
  await expect(page.getByText("This is none of the files that are taken here")).toBeVisible();
  await isInOrder(page, "product-picture-refused", DESK_AND_PHONE);
  await file(page).setInputFiles({ name: "large.bin", mimeType: "image/png", buffer: Buffer.alloc(5 << 20, 7) });
  await expect(page.getByText("The file is larger than 4.1 MB")).toBeVisible();
  await file(page).setInputFiles({ name: "empty.png", mimeType: "image/png", buffer: Buffer.alloc(0) });
  await expect(page.getByText("The file is empty")).toBeVisible();
  const sound = await picture(page, "avocado.png", [64, 48, "#4c7a34"]);
  await file(page).setInputFiles({ ...sound, buffer: sound.buffer.subarray(0, sound.buffer.length - 20) });
  await expect(page.getByText("The file is damaged")).toBeVisible();
  await expect(page.getByText("All is saved.")).toBeVisible();

  // Without a network it waits where it is, and goes up when somebody tries again.
  network.cut();
  await file(page).setInputFiles(sound);
  await expect(page.getByText("The server is out of reach").last()).toBeVisible();
  network.heal();
  await page.getByRole("button", { name: "Try again" }).click();
  await isSeen(page, "avocado.png");
  await saved(page);
  expect(server.query("select image ->> 'name' as name from products where image is not null")).toEqual([{ name: "avocado.png" }]);
});

test("a_contract_is_dropped_on_a_form_saved_and_read_by_whoever_may", async ({ world }) => {
  test.setTimeout(300_000);
  const server = await world.startServer();
  const page = await (await world.launchBrowser("office", { viewport: DESK_AND_PHONE[0] })).open(server.url);
  await signIn(page, server.url, ADA);
  await page.goto(`${server.url}/office/procurement/suppliers/new`);
  await page.getByLabel("Name", { exact: true }).fill("Exotic Liquids");
  const carried = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(["%PDF-1.7\n1 0 obj\n%%EOF\n"], "terms 2026.pdf", { type: "application/pdf" }));
    return transfer;
  });
  const place = page.getByRole("group", { name: "Contract" }).locator(".file-drop");
  await place.dispatchEvent("dragover", { dataTransfer: carried });
  await place.dispatchEvent("drop", { dataTransfer: carried });
  await expect(page.getByText("terms 2026.pdf")).toBeVisible();
  await page.keyboard.press("Control+Enter");
  await expect(page.getByRole("heading", { name: "Exotic Liquids" })).toBeVisible();
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download terms 2026.pdf" }).click();
  expect((await download).suggestedFilename()).toBe("terms 2026.pdf");
  await isInOrder(page, "supplier-contract", DESK_AND_PHONE, { fullPage: true });
  const supplier = page.url();
  const address = await page.getByRole("link", { name: "Download terms 2026.pdf" }).getAttribute("href");

  // Whose role does not reach contracts sees neither field nor file, of a supplier that they do see.
  const other = await (await world.launchBrowser("shop", { viewport: DESK_AND_PHONE[0] })).open(server.url);
  await signIn(other, server.url, BRUNO);
  await other.goto(supplier);
  await expect(other.getByRole("heading", { name: "Exotic Liquids" })).toBeVisible();
  await expect(other.getByRole("group", { name: "Contract" })).toHaveCount(0);
  expect((await other.request.get(`${server.url}${address}`)).status()).toBe(403);
});
