// Takes a screen's picture at every size, in both themes, and with text at twice its size.
import { type Page } from "@playwright/test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

interface View {
  name: string;
  width: number;
  height: number;
  theme: "light" | "dark";
  largeText?: boolean;
}

const SIZES = [
  { name: "1280", width: 1280, height: 800 },
  { name: "1024", width: 1024, height: 768 },
  { name: "390", width: 390, height: 844 },
];
const [DESK, TABLET, PHONE] = SIZES as [View, View, View];

const VIEWS: View[] = [
  ...SIZES.flatMap((size) => (["light", "dark"] as const).map((theme) => ({ ...size, theme, name: `${size.name}-${theme}` }))),
  { ...DESK, name: "1280-text200", theme: "light", largeText: true },
  { ...PHONE, name: "390-text200", theme: "light", largeText: true },
];

const WORDS: View[] = [
  { ...TABLET, name: "1024", theme: "light" },
  { ...PHONE, name: "390", theme: "light" },
];

/** The folder for the pictures. */
const folder = process.env["HOLDFAST_LOOKS"] ?? join(import.meta.dirname, "..", "results", "looks");

async function shoot(page: Page, name: string, view: View): Promise<void> {
  await page.setViewportSize({ width: view.width, height: view.height });
  await page.emulateMedia({ colorScheme: view.theme, reducedMotion: "reduce" });
  await page.evaluate((size) => (document.documentElement.style.fontSize = size), view.largeText === true ? "200%" : "");
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}--${view.name}.png`), animations: "disabled" });
}

/** All views of what the page shows now; then it is as it was. */
export async function photograph(page: Page, name: string): Promise<void> {
  for (const view of VIEWS) await shoot(page, name, view);
  await shoot(page, name, { ...DESK, name: "1280-light", theme: "light" });
}

/** What a press on a print button puts on paper. */
export async function photographPaper(page: Page, name: string, print: () => Promise<void>): Promise<void> {
  // A browser without a window prints at once and takes the paper away: here it stays for the picture.
  await page.evaluate(() => (window.print = () => undefined));
  await print();
  await page.emulateMedia({ media: "print", colorScheme: "light" });
  const paper = page.locator(".print-area");
  await paper.screenshot({ path: join(folder, `${name}.png`) });
  await page.emulateMedia({ media: "screen" });
  await page.evaluate(() => window.dispatchEvent(new Event("afterprint")));
}

/** The same with the words of one language, where only their length matters. */
export async function photographWords(page: Page, name: string, language: string): Promise<void> {
  for (const view of WORDS) await shoot(page, `${name}--${language}`, view);
}
