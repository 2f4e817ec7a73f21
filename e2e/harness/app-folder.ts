// Built apps, as `cargo xtask app` lays them out, and how to come by a second build without compiling one.
import { createHash } from "node:crypto";
import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

const AT_ROOT = ["index.html", "manifest.webmanifest"];

/** Copies a built app under another build's name: the same program at other addresses, which is all that a browser can tell builds apart by. */
export function asAnotherBuild(app: string, into: string, build: string): void {
  const old = basename(app);
  cpSync(app, into, { recursive: true });
  renameSync(join(into, old), join(into, build));
  const hashes = new Map<string, string>();
  for (const name of [...AT_ROOT, "sw.js"]) {
    // What was compressed is of the old build: without it, the server sends the file itself.
    for (const end of [".br", ".gz"]) rmSync(join(into, name + end), { force: true });
    const file = join(into, name);
    const before = readFileSync(file);
    let after = before.toString("utf8").replaceAll(old, build);
    for (const [from, to] of hashes) after = after.replaceAll(from, to);
    writeFileSync(file, after);
    hashes.set(integrity(before), integrity(Buffer.from(after)));
  }
}

function integrity(content: Buffer): string {
  return `sha256-${createHash("sha256").update(content).digest("base64")}`;
}
