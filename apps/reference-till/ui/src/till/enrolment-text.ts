/**
 * What a device's standing with its organisation means for who works at it.
 *
 * @module
 */

export interface EnrolmentText {
  /** It has no links any more. */
  readonly isOver: boolean;
  readonly title: string;
  readonly text: string;
}

/** Undefined where all is well. */
export function enrolmentText(state: string): EnrolmentText | undefined {
  return texts[state];
}

const texts: Readonly<Record<string, EnrolmentText>> = {
  revoked: {
    isOver: true,
    title: "Headquarters has revoked this device.",
    text:
      "It can go on selling, but nothing it records from now on reaches any other device. What it sold before " +
      "counts. Ask headquarters.",
  },
  expired: {
    isOver: true,
    title: "This device’s certificate has expired.",
    text: "Selling goes on; nothing is exchanged with other devices until headquarters has renewed it.",
  },
  expiring: {
    isOver: false,
    title: "This device’s certificate expires soon.",
    text: "It renews itself as soon as it reaches headquarters.",
  },
  pending: {
    isOver: false,
    title: "This device waits for headquarters to let it in.",
    text: "It has no prices until then.",
  },
};

/** As a badge in the list of devices. */
export function deviceStateText(state: string): { readonly tone: string; readonly text: string } {
  const tone =
    state === "active" ? "good" : state === "revoked" || state === "expired" ? "bad" : "alone";
  return { tone, text: stateNames[state] ?? state };
}

const stateNames: Readonly<Record<string, string>> = {
  active: "in use",
  pending: "asks to join",
  revoked: "revoked",
  expired: "expired",
  expiring: "expires soon",
  invited: "invited",
};
