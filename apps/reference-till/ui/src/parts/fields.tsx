/**
 * Labelled fields and the sentence that says what is wrong.
 *
 * @module
 */

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

export interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly type?: "text" | "search" | "date";
  readonly isNumeric?: boolean;
  readonly isRequired?: boolean;
  readonly hint?: string;
  readonly maxLength?: number;
  readonly autoFocus?: boolean;
  /** What is scanned into it stays there, and is no product. */
  readonly takesScans?: boolean;
}

export function TextField(props: TextFieldProps): JSX.Element {
  const { label, value, onInput, type = "text", hint } = props;
  const id = useId();
  // Attributes that depend on the type are none of ours.
  const typed = { type } as { readonly type: "text" };
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (props.autoFocus === true) field.current?.focus();
  }, []);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        {...typed}
        value={value}
        inputMode={props.isNumeric === true ? "decimal" : undefined}
        required={props.isRequired}
        maxLength={props.maxLength ?? 200}
        autocomplete="off"
        ref={field}
        autofocus={props.autoFocus}
        data-takes-scans={props.takesScans === true ? "" : undefined}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      {hint !== undefined && (
        <p id={`${id}-hint`} class="hint">
          {hint}
        </p>
      )}
    </div>
  );
}

export interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly onChange: (value: string) => void;
}

/** One of a few, all visible. */
export function Choice({ label, value, options, onChange }: ChoiceProps): JSX.Element {
  const name = useId();
  return (
    <fieldset class="choice">
      <legend>{label}</legend>
      <div class="choice-options">
        {options.map(([option, text]) => (
          <label key={option}>
            <input
              type="radio"
              name={name}
              checked={option === value}
              onChange={() => onChange(option)}
            />
            <span>{text}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** One of many. */
export function Pick({ label, value, options, onChange }: ChoiceProps): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}

export function Fault({ children }: { readonly children: ComponentChildren }): JSX.Element | null {
  if (children === undefined || children === null || children === "") return null;
  return (
    <p class="fault" role="alert">
      {children}
    </p>
  );
}

export function Empty({ children }: { readonly children: ComponentChildren }): JSX.Element {
  return <p class="empty">{children}</p>;
}
