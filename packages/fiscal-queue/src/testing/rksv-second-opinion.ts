/**
 * A second reader of Austrian exports, written from the specification alone and sharing nothing with the first.
 *
 * Signatures go through WebCrypto with keys as JWK, counters through deciphering, numbers through strings.
 *
 * @module
 */

import { createDecipheriv, createHash, webcrypto, type JsonWebKey } from "node:crypto";

export interface SecondOpinion {
  /** What is wrong, in words; empty where nothing is. */
  readonly complaints: readonly string[];
  readonly receipts: readonly SecondReceipt[];
  /** Cents at the end. */
  readonly turnover: bigint;
}

export interface SecondReceipt {
  readonly cashBox: string;
  readonly id: string;
  readonly time: string;
  readonly amounts: readonly string[];
  readonly counter: string;
  readonly serial: string;
  readonly chain: string;
  readonly isSigned: boolean;
}

export interface SecondKeys {
  readonly aesKey: Uint8Array;
  readonly jwks: ReadonlyMap<string, JsonWebKey>;
}

interface Dep {
  readonly "Belege-Gruppe": readonly { readonly "Belege-kompakt": readonly string[] }[];
}

export async function secondOpinion(depText: string, keys: SecondKeys): Promise<SecondOpinion> {
  const dep = JSON.parse(depText) as Dep;
  const all = dep["Belege-Gruppe"].flatMap((group) => group["Belege-kompakt"]);
  const complaints: string[] = [];
  const receipts: SecondReceipt[] = [];
  let turnover = 0n;
  let before: string | undefined;
  for (const jws of all) {
    const receipt = receiptOf(jws);
    receipts.push(receipt);
    if (receipt.counter !== "VFJB") turnover += sumOf(receipt.amounts);
    const found = await complaintsOf(receipt, { before, jws, turnover }, keys);
    complaints.push(...found.map((what) => `${receipt.id}: ${what}`));
    before = jws;
  }
  return { complaints, receipts, turnover };
}

async function complaintsOf(
  receipt: SecondReceipt,
  place: { readonly before: string | undefined; readonly jws: string; readonly turnover: bigint },
  { aesKey, jwks }: SecondKeys,
): Promise<readonly string[]> {
  const { before, jws, turnover } = place;
  const header = Buffer.from(jws.slice(0, jws.indexOf(".")), "base64url").toString();
  const holds = {
    header: header === '{"alg":"ES256"}',
    chain: receipt.chain === chainOf(before ?? receipt.cashBox),
    signature: !receipt.isSigned || (await isSignedBy(jwks.get(receipt.serial), jws)),
    counter: isMark(receipt.counter) || counterOf(receipt, aesKey) === turnover,
  };
  return Object.entries(holds).flatMap(([what, isRight]) => (isRight ? [] : [what]));
}

const failed = Buffer.from("Sicherheitseinrichtung ausgefallen").toString("base64url");

function receiptOf(jws: string): SecondReceipt {
  const [, body = "", tail = ""] = jws.split(".");
  const fields = Buffer.from(body, "base64url").toString("utf8").split("_");
  const [, , cashBox = "", id = "", time = ""] = fields;
  const [counter = "", serial = "", chain = ""] = fields.slice(10);
  const amounts = fields.slice(5, 10);
  return { cashBox, id, time, amounts, counter, serial, chain, isSigned: tail !== failed };
}

function chainOf(text: string): string {
  return createHash("sha256").update(text).digest().subarray(0, 8).toString("base64");
}

function isMark(counter: string): boolean {
  return ["TRA", "STO"].includes(Buffer.from(counter, "base64").toString());
}

function sumOf(amounts: readonly string[]): bigint {
  return amounts.reduce((sum, amount) => sum + BigInt(amount.split(",").join("")), 0n);
}

function counterOf({ cashBox, counter, id }: SecondReceipt, aesKey: Uint8Array): bigint {
  const iv = createHash("sha256").update(`${cashBox}${id}`).digest().subarray(0, 16);
  const decipher = createDecipheriv("aes-256-ctr", aesKey, iv);
  const plain = decipher.update(Buffer.from(counter, "base64"));
  return BigInt.asIntN(plain.length * 8, BigInt(`0x${plain.toString("hex")}`));
}

async function isSignedBy(jwk: JsonWebKey | undefined, jws: string): Promise<boolean> {
  if (jwk === undefined) return false;
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const key = await webcrypto.subtle.importKey("jwk", jwk, algorithm, false, ["verify"]);
  const at = jws.lastIndexOf(".");
  const signature = Buffer.from(jws.slice(at + 1), "base64url");
  return webcrypto.subtle.verify(algorithm, key, signature, Buffer.from(jws.slice(0, at)));
}
