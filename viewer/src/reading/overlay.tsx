import { KIND_WORD } from "../answer/words";
import type { Mark } from "../api/records";
import type { ImageInfo } from "../images/dicom";
import { onScreen, type Placement, type Point, scaleBar, sidesOf } from "../images/geometry";
import { carried } from "../images/place";
import { widthLevel } from "../images/windows";
import type { Outline } from "../look/model";
import type { Look } from "./model";
import type { Cursor } from "./panes";

/** Somebody else's mark: its owner's short name, and which of six colours it has. */
export interface Foreign {
  readonly mark: Mark;
  readonly name: string;
  readonly tone: number;
}

interface OverlayProps {
  readonly info: ImageInfo;
  readonly all: readonly ImageInfo[];
  readonly look: Look;
  readonly placed: Placement;
  readonly marks: readonly (Mark | null)[];
  readonly others: readonly Foreign[];
  readonly outlines: readonly Outline[];
  readonly cursor: Cursor | null;
}

const LONGEST_BAR = 120;
/** How many colours tell marks of others apart. */
export const TONES = 6;

/** What stands on an image: what it shows, orientation, window, scale, and marks. */
export function Overlay(props: OverlayProps) {
  const { info, look } = props;
  const { width, level } = widthLevel(look.window);
  const sides = info.orientation === null ? null : sidesOf(info.orientation);
  return (
    <div class="overlay" aria-hidden="true">
      <span class="corner top-left">{info.view}</span>
      <span class="corner top-right">
        W {width} L {level}
      </span>
      {sides !== null && (
        <>
          <span class="side at-left">{sides.left}</span>
          <span class="side at-right">{sides.right}</span>
          <span class="side at-top">{sides.top}</span>
          <span class="side at-bottom">{sides.bottom}</span>
        </>
      )}
      <Drawing {...props} />
    </div>
  );
}

function Drawing(props: OverlayProps) {
  const { info, placed, marks, others, outlines } = props;
  const spacing = info.spacing?.[1] ?? null;
  const longest = Math.min(LONGEST_BAR, (placed.step.x * info.columns) / 4);
  const bar = spacing === null ? null : scaleBar(placed.step.x / spacing, longest);
  const pointed = cursorOn(props);
  return (
    <svg class="drawing" role="presentation">
      {bar !== null && (
        <g class="bar">
          <svg x="12" y="100%" overflow="visible" role="presentation">
            <path d={`M0 -18 v6 h${bar.pixels.toFixed(1)} v-6`} />
            <text x={bar.pixels + 6} y="-11">
              {bar.mm >= 10 ? `${bar.mm / 10} cm` : `${bar.mm} mm`}
            </text>
          </svg>
        </g>
      )}
      {outlines.map((each, at) => (
        <Border key={`outline-${at}`} {...props} outline={each} />
      ))}
      {others.map(({ mark, name, tone }, at) => (
        <MarkSign key={`other-${at}`} {...props} mark={mark} name={name} tone={tone} />
      ))}
      {marks.map(
        (mark, at) =>
          mark !== null && (
            <MarkSign key={`own-${at}`} {...props} mark={mark} name={`${at + 1}`} tone={null} />
          ),
      )}
      {pointed !== null && (
        <path
          class="cursor"
          d={`M${pointed.x - 9} ${pointed.y} h18 M${pointed.x} ${pointed.y - 9} v18`}
        />
      )}
    </svg>
  );
}

/** Return where the place that the mouse points at on another image lies on this one. */
function cursorOn({ cursor, info, placed }: OverlayProps): Point | null {
  if (cursor === null || cursor.on.imageId === info.imageId) {
    return null;
  }
  const found = carried(cursor.on, info, cursor.pixel);
  return found === null ? null : onScreen(placed, found.row, found.column);
}

interface MarkProps extends OverlayProps {
  readonly mark: Mark;
  readonly name: string;
  readonly tone: number | null;
}

/** A mark, on the image that it was made on and on every other that shows its place. */
function MarkSign({ mark, name, tone, all, info, placed }: MarkProps) {
  const from = all.find((each) => each.index === mark.image);
  if (from === undefined || mark.row == null || mark.column == null) {
    return null;
  }
  const found = carried(from, info, { row: mark.row, column: mark.column });
  if (found === null) {
    return null;
  }
  const { x, y } = onScreen(placed, found.row, found.column);
  return (
    <g
      class={tone === null ? "mark" : `mark other tone-${tone % TONES}`}
      transform={`translate(${x.toFixed(1)} ${y.toFixed(1)})`}
    >
      <circle r="7" />
      <path d="M0 -3 v6 M-3 0 h6" />
      <text x="11" y="4">
        {name} {mark.segment ?? KIND_WORD[mark.kind]}
      </text>
    </g>
  );
}

interface BorderProps extends OverlayProps {
  readonly outline: Outline;
}

/** The border of what the algorithm found, on every image that shows it. */
function Border({ outline, all, info, placed }: BorderProps) {
  const from = all.find((each) => each.index === outline.image);
  const points = outline.points.map(([row = 0, column = 0]) =>
    from === undefined ? null : carried(from, info, { row, column }),
  );
  const seen = points.filter((each) => each !== null);
  if (seen.length < 3) {
    return null;
  }
  const drawn = seen.map(({ row, column }) => {
    const { x, y } = onScreen(placed, row, column);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  const names = `outline ${outline.look} ${outline.chosen ? "chosen" : ""}`;
  return <polygon class={names} points={drawn.join(" ")} />;
}
