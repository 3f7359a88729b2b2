import { type Figure, interval, printed } from "../pages/statistics";

interface ForestProps {
  readonly title: string;
  readonly figures: readonly Figure[];
}

const WIDTH = 300;
const ROW = 24;

/** Proportions with their intervals, one line each, on a scale from 0 to 1. */
export function Forest({ title, figures }: ForestProps) {
  const shown = figures.filter((each) => each.value !== null);
  return (
    <figure class="forest">
      <figcaption>{title}</figcaption>
      <table>
        <tbody>
          {shown.map((each) => (
            <tr key={`${each.modality} ${each.reader}`}>
              <th scope="row">
                {each.reader} <span class="muted">{each.modality}</span>
              </th>
              <td class="wide">
                <Line figure={each} />
              </td>
              <td class="number">{printed(each.value)}</td>
              <td class="muted">{interval(each)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {shown.length === 0 && <p class="hint">Not defined: no case that it counts.</p>}
    </figure>
  );
}

function Line({ figure }: { readonly figure: Figure }) {
  const at = (value: number | null) => Math.min(1, Math.max(0, value ?? 0)) * WIDTH;
  const [low, high] = [at(figure.low ?? figure.value), at(figure.high ?? figure.value)];
  return (
    <svg
      class="line"
      viewBox={`-4 0 ${WIDTH + 8} ${ROW}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path class="scale" d={`M0 ${ROW - 3} H${WIDTH} M${WIDTH / 2} ${ROW - 6} v6`} />
      <path class="whisker" d={`M${low} ${ROW / 2} H${high} M${low} 8 v8 M${high} 8 v8`} />
      <rect x={at(figure.value) - 4} y={ROW / 2 - 4} width="8" height="8" />
    </svg>
  );
}
