// A network between browser and server that can lose what it carries: a plain HTTP proxy in front of the server.
import { once } from "node:events";
import { type IncomingMessage, type Server as HttpServer, type ServerResponse, createServer, request as forward } from "node:http";
import type { AddressInfo } from "node:net";

/** What becomes of an exchange. `lose` cuts the connection without a byte of answer. */
export type Verdict = "deliver" | "lose";

/** A request, and what the server answered. */
export interface Exchange {
  method: string;
  path: string;
  status: number;
  answer: Buffer;
}

interface Interception {
  matches: (method: string, path: string) => boolean;
  /** Runs after the server has answered, before the browser hears of it. */
  decide: (exchange: Exchange) => Verdict | Promise<Verdict>;
}

/** A body that travelled from the server to the browser. */
export interface Carried {
  path: string;
  /** As it travelled, compressed. */
  bytes: number;
  /** When its request came, in milliseconds since 1970. */
  askedAt: number;
  /** Milliseconds since 1970. */
  endedAt: number;
}

export class FaultProxy {
  readonly url: string;
  /** Every answer that arrived whole, in the order of their ends. */
  readonly carried: Carried[] = [];
  readonly #http: HttpServer;
  readonly #targetPort: number;
  readonly #held = new Map<string, { asked: boolean }>();
  #interceptions: Interception[] = [];
  #cut = false;

  private constructor(http: HttpServer, targetPort: number) {
    this.#http = http;
    this.#targetPort = targetPort;
    this.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    http.on("request", (request, response) => this.#carry(request, response));
  }

  /** Starts a proxy in front of the server on that port. The server may come and go. */
  static async start(targetPort: number, port = 0): Promise<FaultProxy> {
    const http = createServer().listen(port, "127.0.0.1");
    await once(http, "listening");
    return new FaultProxy(http, targetPort);
  }

  /** Decides on each answered exchange of that method and path from now on; who came last decides first. */
  intercept(method: string, path: RegExp, decide: Interception["decide"]): void {
    this.#interceptions.unshift({ matches: (m, p) => m === method && path.test(p), decide });
  }

  /** Never answers who asks for that path, not even while cut. The answer tells whether somebody has asked since. */
  hold(path: string): () => boolean {
    const held = { asked: false };
    this.#held.set(path, held);
    return () => held.asked;
  }

  /** Lets everything pass again. */
  heal(): void {
    this.#interceptions = [];
    this.#cut = false;
  }

  /** Cuts every connection, the open ones too, until healed. */
  cut(): void {
    this.#cut = true;
    this.#http.closeAllConnections();
  }

  /** Of exchanges of that method and path, the first answer is lost, the second arrives, the third is lost … The answer tells how many were lost. */
  loseEveryAnswerOnce(method: string, path: RegExp): () => number {
    let seen = 0;
    this.intercept(method, path, () => (seen++ % 2 === 0 ? "lose" : "deliver"));
    return () => Math.ceil(seen / 2);
  }

  async close(): Promise<void> {
    this.#http.closeAllConnections();
    this.#http.close();
    await once(this.#http, "close");
  }

  #carry(request: IncomingMessage, response: ServerResponse): void {
    const lose = (): void => {
      request.socket.destroy();
    };
    const { method = "GET", url: path = "/", headers } = request;
    const held = this.#held.get(path);
    if (held !== undefined) return void (held.asked = true);
    if (this.#cut) return lose();
    const askedAt = Date.now();
    const interception = this.#interceptions.find(({ matches }) => matches(method, path));
    const onward = forward({ host: "127.0.0.1", port: this.#targetPort, method, path, headers }, (answer) => {
      if (interception === undefined) {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        let bytes = 0;
        answer.on("data", (part: Buffer) => (bytes += part.length));
        answer.on("end", () => this.carried.push({ path, bytes, askedAt, endedAt: Date.now() }));
        answer.pipe(response);
        answer.on("error", lose);
      } else {
        void this.#decide(interception, answer, { method, path, askedAt }, response).catch(lose);
      }
    });
    onward.on("error", lose);
    response.on("close", () => onward.destroy());
    request.pipe(onward);
  }

  async #decide(
    interception: Interception,
    answer: IncomingMessage,
    asked: { method: string; path: string; askedAt: number },
    response: ServerResponse,
  ) {
    const parts: Buffer[] = [];
    for await (const part of answer) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    const status = answer.statusCode ?? 502;
    const verdict = await interception.decide({ method: asked.method, path: asked.path, status, answer: body });
    if (verdict === "lose") {
      response.socket?.destroy();
    } else {
      response.writeHead(status, answer.headers).end(body);
      this.carried.push({ path: asked.path, bytes: body.length, askedAt: asked.askedAt, endedAt: Date.now() });
    }
  }
}
