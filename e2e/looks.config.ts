// Not tests: the screens as their users see them, photographed for people to look at. HOLDFAST_LOOKS names the folder for the pictures.
import { defineConfig } from "@playwright/test";
import { join } from "node:path";

const results = process.env["HOLDFAST_E2E_RESULTS"] ?? join(import.meta.dirname, "results");

export default defineConfig({
  testDir: "looks",
  testMatch: "*.looks.ts",
  outputDir: join(results, "looks"),
  workers: 1,
  timeout: 900_000,
  expect: { timeout: 20_000 },
  reporter: "list",
});
