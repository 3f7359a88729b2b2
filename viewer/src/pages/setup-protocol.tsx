import { useState } from "preact/hooks";
import { capital, REGIONS, TECHNIQUE_WORD } from "../answer/words";
import type { Hidden, Needed, Protocol, Region, Technique } from "../api/records";
import { Button, Field } from "../parts/basics";

interface ProtocolProps {
  readonly protocol: Protocol;
  readonly onSave: (made: Protocol) => void;
}

const SCALES: Readonly<Record<Technique, string>> = {
  "mr-myelography": "paper-mrm/1",
  "radioisotope-cisternography": "paper-ric/1",
};
const NEEDED: readonly (readonly [Needed, string])[] = [
  ["confidence", "confidence"],
  ["findings", "a finding for each grade from 1"],
  ["comment", "comment"],
];
const HIDDEN: readonly (readonly [Hidden, string])[] = [
  ["clinical", "age and sex"],
  ["priors", "earlier examinations"],
];
const SHOWN = [
  ["never", "never"],
  ["after-own-grade", "after the own grade"],
  ["always", "always"],
] as const;
const ORDERS = [
  ["enforced", "read by read"],
  ["free-in-block", "free within a block"],
] as const;
const DISCORDANCE = [
  ["never", "none"],
  ["call", "positive against negative"],
  ["grade", "any difference of grade"],
] as const;

/** What is read, how, and what stays hidden. */
export function ProtocolForm({ protocol, onSave }: ProtocolProps) {
  const [made, setMade] = useState(protocol);
  const set = (change: Partial<Protocol>) => setMade((now) => ({ ...now, ...change }));
  const techniques = made.techniques ?? [];
  const ordered = (chosen: readonly Technique[]) =>
    (Object.keys(SCALES) as Technique[]).filter((each) => chosen.includes(each));
  const choose = (chosen: readonly Technique[]) =>
    set({ techniques: ordered(chosen), scales: ordered(chosen).map((each) => SCALES[each]) });
  return (
    <section class="card padded stack" aria-labelledby="protocol">
      <h2 id="protocol">1. Protocol</h2>
      <div class="settings">
        <Many
          title="Techniques"
          all={(Object.keys(SCALES) as Technique[]).map((each) => [each, TECHNIQUE_WORD[each]])}
          chosen={techniques}
          onChoose={choose}
        />
        <Many
          title="Regions"
          all={REGIONS.map((each): [Region, string] => [each, capital(each)])}
          chosen={made.regions ?? []}
          onChoose={(regions) => set({ regions: REGIONS.filter((each) => regions.includes(each)) })}
        />
        <Many
          title="A read needs beside a grade"
          all={NEEDED}
          chosen={made.required ?? []}
          onChoose={(required) => set({ required })}
        />
        <Many
          title="Readers do not see"
          all={HIDDEN}
          chosen={made.hidden ?? []}
          onChoose={(hidden) => set({ hidden })}
        />
      </div>
      <div class="settings four">
        <One
          title="Order"
          all={ORDERS}
          chosen={made.order ?? "enforced"}
          onChoose={(order) => set({ order })}
        />
        <One
          title="Show the algorithm's reading"
          all={SHOWN}
          chosen={made.algorithm ?? "never"}
          onChoose={(algorithm) => set({ algorithm })}
        />
        <One
          title="Calipers propose a grade"
          all={SHOWN}
          chosen={made.calipers ?? "never"}
          onChoose={(calipers) => set({ calipers })}
        />
        <One
          title="Adjudication"
          all={DISCORDANCE}
          chosen={made.adjudication ?? "never"}
          onChoose={(adjudication) => set({ adjudication })}
        />
        <Count
          title="Reads in a block"
          least={1}
          value={made.block_size ?? 30}
          onCount={(block_size) => set({ block_size })}
        />
        <Count
          title="Washout, days"
          least={0}
          value={made.washout_days ?? 0}
          onCount={(washout_days) => set({ washout_days })}
        />
        <Count
          title="Cases read twice"
          least={0}
          value={made.repeats ?? 0}
          onCount={(repeats) => set({ repeats })}
        />
      </div>
      <div class="actions">
        <Button
          disabled={JSON.stringify(made) === JSON.stringify(protocol)}
          onClick={() => onSave(made)}
        >
          Save the protocol
        </Button>
      </div>
    </section>
  );
}

interface ManyProps<T extends string> {
  readonly title: string;
  readonly all: readonly (readonly [T, string])[];
  readonly chosen: readonly T[];
  readonly onChoose: (chosen: readonly T[]) => void;
}

function Many<T extends string>({ title, all, chosen, onChoose }: ManyProps<T>) {
  const toggle = (value: T) =>
    onChoose(chosen.includes(value) ? chosen.filter((each) => each !== value) : [...chosen, value]);
  return (
    <fieldset class="choices">
      <legend class="label">{title}</legend>
      {all.map(([value, name]) => (
        <label key={value}>
          <input type="checkbox" checked={chosen.includes(value)} onChange={() => toggle(value)} />
          {name}
        </label>
      ))}
    </fieldset>
  );
}

interface OneProps<T extends string> {
  readonly title: string;
  readonly all: readonly (readonly [T, string])[];
  readonly chosen: T;
  readonly onChoose: (chosen: T) => void;
}

function One<T extends string>({ title, all, chosen, onChoose }: OneProps<T>) {
  return (
    <Field label={title}>
      {(id) => (
        <select
          id={id}
          class="input"
          value={chosen}
          onChange={(event) => onChoose(event.currentTarget.value as T)}
        >
          {all.map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface CountProps {
  readonly title: string;
  readonly least: number;
  readonly value: number;
  readonly onCount: (value: number) => void;
}

function Count({ title, least, value, onCount }: CountProps) {
  return (
    <Field label={title}>
      {(id) => (
        <input
          id={id}
          class="input"
          type="number"
          min={least}
          value={value}
          onInput={(event) => onCount(Math.max(least, Number(event.currentTarget.value)))}
        />
      )}
    </Field>
  );
}
