import { KIND_WORD } from "../answer/words";
import type { Mark } from "../api/records";
import type { ImageInfo } from "../images/dicom";
import {
  lowered,
  onScreen,
  type Placement,
  type Point,
  scaleBar,
  sidesOf,
} from "../images/geometry";
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
  /** Whether the keyboard points, and not the mouse, which shows itself. */
  readonly aims: boolean;
}

const LONGEST_BAR = 120;
/** From a mark to its label, a letter's width and a line's height, CSS pixels. */
const [LABEL_GAP, LETTER, LINE] = [11, 7, 15] as const;
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
        W {width} <br />L {level}
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
  const { info, placed, outlines } = props;
  const spacing = info.spacing?.[1] ?? null;
  const longest = Math.min(LONGEST_BAR, (placed.step.x * info.columns) / 4);
  const bar = spacing === null ? null : scaleBar(placed.step.x / spacing, longest);
  const pointed = cursorOn(props);
  const signs = signsOf(props);
  const drops = lowered(
    signs.map(({ at, words }) => ({ ...at, width: LABEL_GAP + words.length * LETTER })),
    LINE,
  );
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
      {signs.map((sign, at) => (
        <MarkSign key={sign.id} {...sign} drop={drops[at] ?? 0} />
      ))}
      {pointed !== null && (
        <path
          class="cursor"
          d={`M${pointed.x - 9} ${pointed.y} h18 M${pointed.x} ${pointed.y - 9} v18`}
        />
      )}
    </svg>
  );
}

/** Return where the place that is pointed at, on another image or by the keyboard, lies on this one. */
function cursorOn({ cursor, aims, info, placed }: OverlayProps): Point | null {
  if (cursor === null || (cursor.on.imageId === info.imageId && !aims)) {
    return null;
  }
  const own = cursor.on.imageId === info.imageId;
  const found = own ? cursor.pixel : carried(cursor.on, info, cursor.pixel);
  return found === null ? null : onScreen(placed, found.row, found.column);
}

interface Sign {
  readonly id: string;
  readonly at: Point;
  readonly words: string;
  /** Colour of somebody else's; `null` for one's own. */
  readonly tone: number | null;
}

/** Return marks with a place, on the image that they were made on and on every other that shows it. */
function signsOf({ marks, others, all, info, placed }: OverlayProps): readonly Sign[] {
  const own = marks.map((mark, at) => ({ id: `own-${at}`, mark, name: `${at + 1}`, tone: null }));
  const foreign = others.map((each, at) => ({ id: `other-${at}`, ...each }));
  return [...foreign, ...own].flatMap(({ id, mark, name, tone }) => {
    const from = all.find((each) => each.index === mark?.image);
    if (mark === null || from === undefined || mark.row == null || mark.column == null) {
      return [];
    }
    const found = carried(from, info, { row: mark.row, column: mark.column });
    const words = `${name} ${mark.segment ?? KIND_WORD[mark.kind]}`;
    return found === null
      ? []
      : [{ id, at: onScreen(placed, found.row, found.column), words, tone }];
  });
}

function MarkSign({ at, words, tone, drop }: Sign & { readonly drop: number }) {
  return (
    <g
      class={tone === null ? "mark" : `mark other tone-${tone % TONES}`}
      transform={`translate(${at.x.toFixed(1)} ${at.y.toFixed(1)})`}
    >
      <circle r="7" />
      <path d="M0 -3 v6 M-3 0 h6" />
      <text x={LABEL_GAP} y={4 + drop}>
        {words}
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
