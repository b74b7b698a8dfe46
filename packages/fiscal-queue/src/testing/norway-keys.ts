/**
 * RSA keys that were made for tests only, with signatures that `openssl dgst -sha1 -sign` made with them: RSA is deterministic.
 *
 * @module
 */

import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";

const pkcs8Of1024 = [
  "MIICdwIBADANBgkqhkiG9w0BAQEFAASCAmEwggJdAgEAAoGBAM2/LJS1QQNSkydQk/YrpU9V384s+P7s40c8Cdof",
  "ypOKcJoAS6Wkib5MYzk8+GboqEol48wvejiDZUWDwGDw9cNU36P96CjePUIezq4Fk+sC7Gl3KCf7YcslOaId7MS7",
  "Ea2pFt+8UdPJp21fsfNW+vCdJHK+161MY33iTro+soFlAgMBAAECgYEApJ7i97Uy6IqobRt+18fCRAEsylWXgLlf",
  "fH6gT2OCfZyWTdIQtN86ywVpmsGa6xQamwFIC/as7wzK+dzaD3ac3Bbj+56gb7OoZJJXMIAkNL49fGMU6NEFyExG",
  "C133lDJnCIAa5Y97iKI/qr9gGY5VHdv8U0J/p+a5+KLnLPM85qECQQDsCNGnMl70IXoZx5QF43IiekpPv216Tabs",
  "EmiNmd9YIOJs/02nWirY7A6PeepYslZces2/feokPa2umY/IJJ0tAkEA3yZ+gs30CU3p+cBaB7ZEifvMG4ZVcjW8",
  "+jeRG83hAeOkYfmOs6DwhGNVF84cEfq5IYxo3HqDmHb5v7OLtiTIGQJAZpum2HJTSPnMpKxYMv8fPNHAwE5Nf1+G",
  "cxXFkdkUeLFC/XM3BMtz2P01jzXGpGxSkr1n+Bj60mpluINVOAKCuQJBANTkKLYqPrPRvXMka8AHyAPMUcHAuywm",
  "0I/3C113YT8oKt+98sK0vEHRcpEvdeBBTvYOusv9piaC+2pEpPm0xaECQF8LboY+7+R+66fzvheK9uCKPaJtiXYG",
  "oCV6xNkgdsAht9JFE+ifWV0fXWmcLloeGTAI9aupjaRmryH4WO9tpRE=",
];

export const goldenSignature1024: string = [
  "pualKWmul907SMQ8dzGv44JCmMzy5Lro/AdzXg/Et27LppwSC8hS83ccBXdT6qbUJeUZ1TWvo2cdUMkC1K9+01a+",
  "vTZJQL5xG62C5dfR70s2OROlVTlr1+TqNTrpPQj0vLIX3EyFSLVdX2eVkAoH6DIOUCyzCy8x10+k4msadTk=",
].join("");

const pkcs8Of2048 = [
  "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDxSIyJDtzi7pJxJws/lSGZEIN2kivKV+RS2eHD",
  "689ELtzbDLitqiSiFKrUaQsMJAhqieVcqscNA3O1a3Xrmo1cXtt0KDCRgfsl9SEWBm9fS+qrO/Bvw9aCSrVrPFt9",
  "U5dkfKzX+g9OzKtV69j/nY4ggrKcGporXKmwb7g9lOe6gfXiDZ5am7qwFfnAEANEa5TPaKWrzPRM4Tim1jWHCQcR",
  "aOLKURUXnAb9Nfu0VsSV8jnYOex3d3JNi+VgLVqjE+eRZ8/tuE5mWECj3+aH8vS0qafVM3GlaCKb1P8ifFkKCx29",
  "grii5lHdBnbluUXbyueczpOORMgW/aihvrqnewJRAgMBAAECggEAEphxq1D7zVoPa3zTuTpiQOCUzy84BIPWVxvP",
  "cmjyvAmkEBZIh+reYKb43P69ARooU2SuCoCnb11yHhvqdkZeqW0umuLLjnVO8LeWDZNgoz6vtvN7RfPZDQjat0lr",
  "MCsgdnhE3m7ZXex4cnpnKpkfFmqYPx9uPRQKyGwtzgIzQ0yBQVRa2Upt0Y5uXCL6lRYv2w4yk+y3oqZRx1HnRSWg",
  "q6SKm4VUKmhLLWDDFkHT2es9I1FM5WGCJtZGEC0yc6sY/hDx4FWIJGEtFoBdJLQbxbSjHPivDb80d/q3SRUWaS6D",
  "JJSc8U6zf1d0JL9YTxPyPKfGgv4EOAW+t3dSo1fpOQKBgQD8eTA+He91gq73mPM0FmWhQiFBOm+l+sT5kK8lDx+A",
  "aSFSku3m1l+SfbFnjTp5rNkRWB1KNQ3ktHPS2lErhlwBHyKzEcw6C9+lu1EjKZdQ2HakoZWI+R9NxJJxIIEOwBAK",
  "K6ZxxmJJEVIlLZsOT69xo0kIqvM37CKeT4jBaBaDqQKBgQD0p1i4QwuJ2VYPCstmM/VrJe5Qde+61HKAhorH9kRZ",
  "TNp1hYbdmqoP19T9uigDos0KSiyZ6aTFDFJ8Fo6PlXieeQOgDcs5gM3R2PfmfudNRoU+iOWoVTIeyUZBANDjBM6U",
  "BJ8+01wmPbo8w4Qow5mXfAoWDa7S/75/0MyW4UgyaQKBgFchF5YITLBYFjvaa+wI4q/hG4rgONGmFj4uQVNfwbZW",
  "Earmi/WC+96ZRBUBdzGwhgTnTMxkPNQ1tlcJAsQrjSrR7O6xcLKDkH4og9rHqrG60k8EeI+ZscTr1sH1vrQxcheg",
  "csOG/DpNIPU1pPIua9SizjyQink9I8FQn1hnrIVpAoGBAJxOmqlG9IVC3O/JVsBaa+7kEglIADzeZLVmwB4XYf2n",
  "018IS20j1ok+vO7KU6xXBCcR0sMW+lWGlOCAzN5BggnFiSJmDbQUbesncuLJq1+8sX6NmiTdIaN3trHrIooYVR9O",
  "gKt0AEjSYT1XMQWWSnf1IMCMR2i5Sm2A6mVvU2AZAoGAQbkkjQe1RW3iTxAfpG6kfSLEE5PoaCuvQ/3ityCZU3am",
  "OdZUzft2vJAkBBfmgDqwxg5OBJe8nTJD59yJq2SZWAcxb+O71xpYmDj+rRbIuUd0Ypmhe/nA+HTCpwBIKSvszYja",
  "XgVWY6zWVzBxQmb07Aq3eIYV/FAXPyRm58PmWrc=",
];

export const goldenSignature2048: string = [
  "x/Jjy71g++zuKsIurCUZTOLTCVOsq0dLXy+MqMoVj4lQ5PwZc22+PUi57vW3saxzMn4hV77Oxkpec24DQ60yps+M",
  "NnwSqHHRMRXs703kG1h3cPzp3yIhjVWqxl+lZw8rIXBjV1BFQcrQJxr0b1JR0ZcOKoRZng8jbWE+ZWz9xAjHpsE6",
  "pgLLiMjbtvoiByDGTdARd2/lj5XEzS/73762lFtJJP1PSYOhVmxrdahgGxHXKWAVa87SywNtMvfywUgylq1YZzGu",
  "+K1xLa0yA4DvMBbgrKZ5/lvBZOBla2/jYZoirPDrZ0xKIbfG1/Dl8kmML5TYn4uB/Jial0sthboDug==",
].join("");

/** What both signatures are of: the text of the authority's own vector. */
export const goldenText = "0;2016-11-24;10:39:00;2;1.00;0.96";

export const norwayKey1024: KeyObject = keyOf(pkcs8Of1024);
export const norwayKey2048: KeyObject = keyOf(pkcs8Of2048);

/** SPKI DER, base64. */
export function publicKeyText(key: KeyObject): string {
  return createPublicKey(key).export({ format: "der", type: "spki" }).toString("base64");
}

function keyOf(lines: readonly string[]): KeyObject {
  return createPrivateKey({
    key: Buffer.from(lines.join(""), "base64"),
    format: "der",
    type: "pkcs8",
  });
}
