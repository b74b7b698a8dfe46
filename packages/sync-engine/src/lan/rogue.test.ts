/** Whoever should not be let in, against a replica on real sockets. */

import { createServer as createHttpServer } from "node:http";
import { connect as connectInClear } from "node:net";
import { connect, createServer, type TLSSocket } from "node:tls";
import { nodeCrypto } from "@tillmesh/kernel/node";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer, type ClientOptions } from "ws";
import { issueDeviceCertificate, issueEnrolment } from "../identity/certificate-authority.ts";
import { caOf, type Identity } from "../identity/identity.ts";
import { issueCertificate } from "../identity/issue-certificate.ts";
import { publicKeyOf } from "../identity/keys.ts";
import { layCable } from "../testing/cable.ts";
import { dial, helloOf, linkToVictim, sayHello, tlsOf } from "../testing/hostile-peer.ts";
import {
  businessAsUsual,
  draftSale,
  nextAttack,
  openBusyHostileShop,
  type HostileShop,
} from "../testing/hostile-shop.ts";
import { until } from "../testing/until.ts";

const dayMs = 86_400_000;
const crypto = nodeCrypto();
let shop: HostileShop;

beforeAll(async () => {
  shop = await openBusyHostileShop();
});
beforeEach(() => nextAttack(shop));
afterAll(async () => {
  shop.reset();
  await shop.close();
});

/** What an end that is turned away reads. */
async function turnedAwayFor(client: ClientOptions, path = "/exchange"): Promise<string> {
  const socket = new WebSocket(`wss://127.0.0.1:${shop.port}${path}`, client);
  return new Promise((resolve) => {
    socket.on("open", () => resolve("let in"));
    socket.on("error", (error) => resolve(error.message));
    socket.on("unexpected-response", (_request, response) => {
      resolve(response.statusMessage ?? "");
      socket.terminate();
    });
  });
}

const loggedReasons = () =>
  shop.events
    .filter(({ event }) => event === "connection-refused" || event === "peer-refused")
    .map(({ reason }) => String(reason));

/** The hostile device with another chain for its own key. */
async function hostileWith(chain: (publicKey: Uint8Array) => Promise<readonly string[]>) {
  const publicKey = (await publicKeyOf(shop.hostile.privateKeyPem))!;
  return { ...shop.hostile, chain: await chain(publicKey) };
}

describe("the channel (TL)", () => {
  test("[TL1] both ends are devices under TLS 1.3, and a cable tells nothing", async () => {
    const cable = await layCable(shop.port);
    const socket = await new Promise<TLSSocket>((resolve) => {
      const one = connect({
        port: cable.port,
        host: "127.0.0.1",
        ...(tlsOf(shop.hostile) as object),
      });
      one.once("secureConnect", () => resolve(one));
    });
    expect(socket.getProtocol()).toBe("TLSv1.3");
    expect(socket.getPeerX509Certificate()!.subject).toContain(shop.victim.device.id);
    socket.destroy();
    cable.reset();
    const raw = new WebSocket(`wss://127.0.0.1:${cable.port}/exchange`, tlsOf(shop.hostile));
    await new Promise((resolve) => raw.once("message", resolve));
    raw.send(JSON.stringify(helloOf(shop)));
    await new Promise((resolve) => raw.once("message", resolve));
    const said = Buffer.from(cable.everything()).toString("latin1");
    expect(said.length).toBeGreaterThan(2_000);
    for (const word of [
      "hello",
      "exchange",
      "HTTP",
      "ledger",
      "digest",
      shop.hostile.device.id,
      shop.victim.organisation.id,
    ]) {
      expect(said).not.toContain(word);
    }
    raw.terminate();
    await cable.close();
  });

  test("[TL2] without a certificate nobody gets a word", async () => {
    const bare = { rejectUnauthorized: false };
    expect(await turnedAwayFor(bare)).toBe("no certificate");
    expect(await turnedAwayFor(bare, `/sync/${"A".repeat(22)}`)).toBe("no certificate");
    await until("logged", () => loggedReasons().includes("no certificate"));
    await businessAsUsual(shop);
  });

  test("[TL2] an older TLS is no TLS", async () => {
    const older = { ...tlsOf(shop.hostile), minVersion: "TLSv1.2", maxVersion: "TLSv1.2" } as const;
    expect(await turnedAwayFor(older)).toMatch(/protocol version/);
    await until("logged", () => loggedReasons().some((reason) => reason.startsWith("no TLS 1.3")));
    await businessAsUsual(shop);
  });

  test.each([
    "GET /exchange HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\n\r\n",
    "\0".repeat(600),
    "",
  ])(
    "[TL2] in clear nobody gets a word: %j",
    async (said) => {
      const socket = connectInClear(shop.port, "127.0.0.1");
      socket.on("error", () => undefined);
      let answer = "";
      socket.on("data", (chunk: Buffer) => (answer += chunk.toString("latin1")));
      const closed = new Promise((resolve) => socket.on("close", resolve));
      socket.write(said);
      await closed;
      expect(answer).not.toContain("HTTP");
      expect(answer.length).toBeLessThan(10);
    },
    15_000,
  );

  test("[TL3] a device of another organisation is not let in", async () => {
    expect(await turnedAwayFor(tlsOf(shop.stranger))).toBe("certificate not of this organisation");
    const own = { ...tlsOf(shop.stranger), ca: shop.stranger.caCertificate };
    expect(await turnedAwayFor(own)).toBe("certificate not of this organisation");
    await businessAsUsual(shop);
  });

  test("[TL3] a till that dials a stranger tells it that it is none of its own, and nothing else", async () => {
    const { key, cert } = tlsOf(shop.stranger) as { key: string; cert: string };
    const messages: string[] = [];
    const server = createServer({ key, cert, requestCert: true, rejectUnauthorized: false });
    const port = await new Promise<number>((resolve) => {
      server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
    });
    const http = createHttpServer();
    const web = new WebSocketServer({ server: http });
    const over = new Promise<string>((resolve) => {
      web.on("connection", (socket) => {
        socket.on("message", (data: Buffer) => messages.push(data.toString("utf8")));
        socket.on("close", (_code, reason) => resolve(reason.toString("utf8")));
      });
    });
    server.on("secureConnection", (socket) => http.emit("connection", socket));
    const { replica } = await shop.openAnother({ peers: [{ host: "127.0.0.1", port }] });
    expect(await over).toBe("certificate not of this organisation");
    expect(messages).toEqual([]);
    await replica.close();
    await new Promise((resolve) => server.close(resolve));
  });

  test("[TL4] another device's certificates in hello do not help", async () => {
    const raw = await dial(shop, "/exchange");
    raw.say(helloOf({ hostile: shop.elsewhere }));
    await until("closed", () => raw.isClosed());
    expect(raw.closedFor()).toBe("certificate of another device");
    const named = await dial(shop, "/exchange");
    named.say({ ...helloOf(shop), device: shop.elsewhere.device.id });
    await until("closed", () => named.isClosed());
    expect(named.closedFor()).toBe("certificate of another device");
    expect(shop.victim.exceptions()).not.toContainEqual(
      expect.objectContaining({ reason: "certificate of another device" }),
    );
    await businessAsUsual(shop);
  });

  test("[TL4] a device cannot make a certificate for another, nor one for itself with more roles", async () => {
    const { hostile, elsewhere } = shop;
    const publicKey = (await publicKeyOf(hostile.privateKeyPem))!;
    const issuer = { subject: subjectOf(hostile), publicKey, privateKeyPem: hostile.privateKeyPem };
    const validity = { notBeforeMs: Date.now() - dayMs, notAfterMs: Date.now() + dayMs };
    for (const subject of [
      subjectOf(elsewhere),
      { ...subjectOf(hostile), roles: ["hq"] as const },
    ]) {
      const leaf = await issueCertificate({ subject, publicKey, ...validity }, issuer, crypto);
      const fake = { ...hostile, chain: [leaf, hostile.chain[0]!] };
      expect(await turnedAwayFor(tlsOf(fake))).toBe("certificate not of this organisation");
    }
    await businessAsUsual(shop);
  });

  test("[TL4] an enrolment makes its own device and no other, which OpenSSL alone would let in", async () => {
    const ca = caOf(shop.hq)!;
    const context = { crypto, nowMs: Date.now() };
    const { hostile, elsewhere } = shop;
    const enrolment = await issueEnrolment(ca, { device: hostile.device }, context);
    const enrolmentKey = (await publicKeyOf(enrolment.privateKeyPem))!;
    const issuer = {
      subject: { ...subjectOf(hostile), kind: "enrolment" as const },
      publicKey: enrolmentKey,
      privateKeyPem: enrolment.privateKeyPem,
    };
    const validity = { notBeforeMs: Date.now(), notAfterMs: Date.now() + dayMs };
    const other = await hostileWith(async (publicKey) => [
      await issueCertificate(
        { subject: subjectOf(elsewhere), publicKey, ...validity },
        issuer,
        crypto,
      ),
      enrolment.certificate,
    ]);
    const raw = await dial(shop, "/exchange", tlsOf(other));
    raw.say({ ...helloOf({ hostile: other }), device: elsewhere.device.id });
    await until("closed", () => raw.isClosed());
    expect(raw.closedFor()).toBe("untrusted: OtherDevice");
    const boss = await hostileWith(async (publicKey) => [
      await issueCertificate(
        { subject: { ...subjectOf(hostile), roles: ["till", "hq"] }, publicKey, ...validity },
        issuer,
        crypto,
      ),
      enrolment.certificate,
    ]);
    const second = await dial(shop, "/exchange", tlsOf(boss));
    second.say(helloOf({ hostile: boss }));
    await until("closed", () => second.isClosed());
    expect(second.closedFor()).toBe("untrusted: RoleNotGranted");
    await businessAsUsual(shop);
  });

  test("[TL4] a second key for a device that is known is not that device", async () => {
    const ca = caOf(shop.hq)!;
    const context = { crypto, nowMs: Date.now() };
    const twin = await hostileWith(async (publicKey) => [
      await issueDeviceCertificate(
        ca,
        { device: { ...shop.hostile.device, id: shop.honest.device.id }, publicKey },
        context,
      ),
    ]);
    const raw = await dial(shop, "/exchange", tlsOf(twin));
    raw.say({ ...helloOf({ hostile: twin }), device: shop.honest.device.id });
    await until("closed", () => raw.isClosed());
    expect(raw.closedFor()).toBe("untrusted: SecondKey");
    await businessAsUsual(shop);
  });

  test("[TL5] a genuine connection played again opens nothing", async () => {
    const cable = await layCable(shop.port);
    const genuine = new WebSocket(`wss://127.0.0.1:${cable.port}/exchange`, tlsOf(shop.hostile));
    await new Promise((resolve) => genuine.once("message", resolve));
    genuine.send(JSON.stringify(helloOf(shop)));
    await new Promise((resolve) => genuine.once("message", resolve));
    const [said] = cable.recorded();
    genuine.terminate();
    await cable.close();
    await until("gone", () => !isLinked(shop.hostile));
    const replay = connectInClear(shop.port, "127.0.0.1");
    replay.on("error", () => undefined);
    replay.resume();
    const closed = new Promise((resolve) => replay.on("close", resolve));
    replay.write(said!);
    await closed;
    expect(isLinked(shop.hostile)).toBe(false);
    expect(shop.events.filter(({ event }) => event === "peer-linked")).toHaveLength(1);
    await businessAsUsual(shop);
  });

  test("[TL7] a revoked device is sent away with the reason, and not let in again", async () => {
    const link = await linkToVictim(shop);
    shop.revoke(shop.hostile.device.id);
    await until("closed", () => link.isClosed());
    expect(link.closedFor()).toBe("revoked");
    shop.advance(61_000);
    const again = await sayHello(shop);
    await until("closed", () => again.isClosed());
    expect(again.closedFor()).toBe("revoked");
    await expect(dial(shop, link.sync)).rejects.toThrow();
    await businessAsUsual(shop);
    shop.revoke(undefined);
    shop.advance(61_000);
    await linkToVictim(shop);
  });

  test("[TL6] a certificate that has expired by the clock of the system", async () => {
    const context = { crypto, nowMs: Date.now() - 10 * dayMs };
    const expired = await hostileWith(async (publicKey) => [
      await issueDeviceCertificate(
        caOf(shop.hq)!,
        { device: shop.hostile.device, publicKey, validDays: 1 },
        context,
      ),
    ]);
    expect(await turnedAwayFor(tlsOf(expired))).toBe("certificate expired");
    await until("logged", () => loggedReasons().includes("certificate expired"));
    await businessAsUsual(shop);
  });

  // The last one: from here on everybody that was invited is out of date.
  test("[TL6] by the clock of the till: links end, both ends know why, and both go on selling", async () => {
    const link = await linkToVictim(shop);
    expect(shop.honest.status().peers.some(({ state }) => state === "connected")).toBe(true);
    // HQ renews whom it meets; after so long everything that anybody has has run out.
    shop.advance(800 * dayMs);
    expect((await shop.victim.commit(draftSale(shop.victim, "C001"))).ok).toBe(true);
    await until("closed", () => link.isClosed());
    expect(link.closedFor()).toBe("certificate expired");
    await until("the honest till knows", () =>
      shop.honest.status().peers.some(({ refusal }) => refusal === "certificate expired"),
    );
    expect(loggedReasons()).toContain("certificate expired");
    expect((await shop.honest.commit(draftSale(shop.honest, "C001"))).ok).toBe(true);
  }, 40_000);
});

function isLinked({ device }: Identity): boolean {
  return shop.victim.status().peers.some((peer) => peer.device === device.id);
}

function subjectOf({ organisation, device }: Identity) {
  return {
    kind: "device" as const,
    organisationId: organisation.id,
    locationId: device.location.id,
    deviceId: device.id,
    roles: device.roles,
  };
}
