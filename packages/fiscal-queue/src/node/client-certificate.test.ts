import { execFileSync, spawnSync } from "node:child_process";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { createHttpTransport } from "./http-transport.ts";

interface Identity {
  readonly cert: string;
  readonly key: string;
}

function identity(name: string): Identity {
  const options = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const said = ["-days", "9", "-subj", `/CN=${name}`, "-addext", "subjectAltName=IP:127.0.0.1"];
  const out = ["-keyout", "-", "-out", "-"];
  const pem = execFileSync("openssl", ["req", ...options, ...said, ...out], { stdio: "pipe" });
  const parts = pem.toString().match(/-----BEGIN[\s\S]*?-----END[^\n]*\n/g) ?? [];
  const [key = "", cert = ""] = parts;
  return { cert, key };
}

function listening(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      resolve(`https://127.0.0.1:${(server.address() as AddressInfo).port}`);
    });
  });
}

const isInstalled = spawnSync("openssl", ["version"]).status === 0;

// Shown as skipped where there is no openssl to make certificates with.
test.skipIf(!isInstalled)(
  "[FPO5] a client certificate is shown, and who asks for one gets nothing without",
  async () => {
    const [authority, shop, stranger] = [
      identity("authority"),
      identity("shop"),
      identity("stranger"),
    ];
    const demand = { requestCert: true, rejectUnauthorized: true, ca: shop.cert };
    const server = createServer({ ...authority, ...demand }, (_, response) => response.end("in"));
    const baseUrl = await listening(server);
    const options = { baseUrl, timeoutMs: 5000, maxBytes: 100, ca: authority.cert };
    const request = { method: "GET", path: "/", headers: {}, body: "" } as const;
    const as = (clientCertificate: Identity | undefined) =>
      createHttpTransport(
        clientCertificate === undefined ? options : { ...options, clientCertificate },
      ).send(request);
    const answers = [await as(shop), await as(stranger), await as(undefined)];
    const { ca: _, ...untrusting } = options;
    const unsure = await createHttpTransport({ ...untrusting, clientCertificate: shop }).send(
      request,
    );
    server.closeAllConnections();
    server.close();
    expect(answers.map(({ type }) => type === "answer")).toEqual([true, false, false]);
    expect(unsure).toMatchObject({ type: "unsent" });
  },
);
