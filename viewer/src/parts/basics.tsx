import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import type { Grade } from "../api/records";

type ButtonProps = JSX.IntrinsicElements["button"] & {
  readonly look?: "primary" | "quiet" | "danger";
  readonly small?: boolean;
};

export function Button({ look, small, class: extra, ...rest }: ButtonProps) {
  const names = ["button", look ?? "", small ? "small" : "", extra ?? ""].filter(Boolean).join(" ");
  return <button type="button" class={names} {...rest} />;
}

/** A key as it is printed on a keyboard. */
export function Key({ children }: { readonly children: string }) {
  return <kbd>{KEYS[children] ?? children}</kbd>;
}

const KEYS: Readonly<Record<string, string>> = {
  PageDown: "PgDn",
  PageUp: "PgUp",
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  " ": "Space",
};

interface FieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly children: (id: string) => ComponentChildren;
}

/** A label above its control; the control takes the id that it is given. */
export function Field({ label, hint, children }: FieldProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children(id)}
      {hint !== undefined && <span class="hint">{hint}</span>}
    </div>
  );
}

interface PasswordProps {
  readonly label?: string;
  readonly hint?: string;
  readonly value: string;
  /** One that is being chosen, not one that is known: of at least 12 characters. */
  readonly isNew?: boolean;
  readonly autofocus?: boolean;
  readonly onValue: (value: string) => void;
}

/** A password, which the browser may fill in or keep. */
export function PasswordField({ label = "Password", hint, isNew = false, ...rest }: PasswordProps) {
  const { value, autofocus = false, onValue } = rest;
  return (
    <Field label={label} {...(hint === undefined ? {} : { hint })}>
      {(id) => (
        <input
          id={id}
          class="input"
          type="password"
          autocomplete={isNew ? "new-password" : "current-password"}
          minlength={isNew ? 12 : undefined}
          required
          autofocus={autofocus}
          value={value}
          onInput={(event) => onValue(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

interface NoticeProps {
  readonly look?: "warn" | "bad";
  readonly children: ComponentChildren;
}

/** Something that people should know, told to screen readers too. */
export function Notice({ look, children }: NoticeProps) {
  return (
    <div class={`notice ${look ?? ""}`} role={look === "bad" ? "alert" : "status"}>
      {children}
    </div>
  );
}

interface ChipProps {
  readonly look?: "good" | "busy" | "warn" | undefined;
  readonly children: ComponentChildren;
}

export function Chip({ look, children }: ChipProps) {
  return <span class={`chip ${look ?? ""}`}>{children}</span>;
}

/** A grade in its colour, or a dash. */
export function GradeMark({ grade }: { readonly grade: Grade | null }) {
  return grade === null ? (
    <span class="grade grade-0">–</span>
  ) : (
    <span class={`grade grade-${grade}`}>{grade}</span>
  );
}

interface MeterProps {
  readonly value: number;
  readonly of: number;
  readonly label: string;
}

/** How far something is. */
export function Meter({ value, of, label }: MeterProps) {
  return <progress class="meter" max={Math.max(1, of)} value={value} aria-label={label} />;
}

interface DialogProps {
  readonly title: string;
  readonly wide?: boolean;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** A dialog above the page, which waits until it is closed. */
export function Dialog({ title, wide, onClose, children }: DialogProps) {
  const own = useRef<HTMLDialogElement>(null);
  const name = useId();
  useEffect(() => {
    const shown = own.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  const cancelled = (event: Event) => {
    event.preventDefault();
    onClose();
  };
  return (
    <dialog ref={own} class={wide ? "wide" : ""} aria-labelledby={name} onCancel={cancelled}>
      <div>
        <h2 id={name}>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}

interface SureProps {
  readonly title: string;
  /** What is done, as the button says it. */
  readonly does: string;
  readonly onDo: () => void;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** Asks before something that cannot be taken back. */
export function Sure({ title, does, onDo, onClose, children }: SureProps) {
  return (
    <Dialog title={title} onClose={onClose}>
      <p class="muted">{children}</p>
      <div class="actions">
        <Button onClick={onClose}>Back</Button>
        <Button
          look="primary"
          onClick={() => {
            onClose();
            onDo();
          }}
        >
          {does}
        </Button>
      </div>
    </Dialog>
  );
}
