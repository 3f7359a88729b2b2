import { Enums } from "@cornerstonejs/core";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Api } from "../api/client";
import type { Mark } from "../api/records";
import type { ImageInfo } from "../images/dicom";
import { atScreen, gridOf, type Placement, type Point } from "../images/geometry";
import { forget, know, knowStitched } from "../images/loader";
import type { Pixel } from "../images/place";
import { Stage } from "../images/stage";
import type { Outline } from "../look/model";
import type { Look } from "./model";
import { type Foreign, Overlay } from "./overlay";

/** A place that the mouse points at. */
export interface Cursor {
  readonly on: ImageInfo;
  readonly pixel: Pixel;
}

export interface PanesProps {
  readonly api: Api;
  readonly images: readonly ImageInfo[];
  readonly priors: readonly ImageInfo[];
  readonly canvas: ImageInfo | null;
  readonly look: Look;
  /** Marks by their number; `null` keeps the number of one that is not drawn. */
  readonly marks: readonly (Mark | null)[];
  /** Marks of others, where they may be seen. */
  readonly others: readonly Foreign[];
  /** Borders of what the algorithm found, outside blinded reads. */
  readonly outlines?: readonly Outline[];
  /** Where the keyboard aims. */
  readonly aim?: Cursor | null;
  readonly onLook: (change: Partial<Look>) => void;
  readonly onPlace: (on: ImageInfo, pixel: Pixel) => void;
  readonly onStage: (stage: Stage) => void;
  readonly onDrawn: () => void;
}

/** Return the images that a layout shows. */
export function shownOf(props: Pick<PanesProps, "images" | "priors" | "canvas" | "look">) {
  const { images, priors, canvas, look } = props;
  const earlier = look.earlier ? priors : [];
  if (look.layout === "stitched" && canvas !== null) {
    return [canvas, ...earlier];
  }
  const own = images.filter((each) => look.layout !== "one" || each.index === look.chosen);
  return [...own, ...earlier];
}

/** The images of a case. */
export function Panes(props: PanesProps) {
  const { api, images, priors, canvas, look, onStage } = props;
  const stage = useMemo(() => {
    know([...images, ...priors], (address) => api.bytes(address));
    if (canvas !== null) {
      knowStitched(canvas, images);
    }
    return new Stage();
  }, []);
  const drawn = useRef(0);
  const own = useRef<HTMLDivElement>(null);
  const [cursor, setCursor] = useState<Cursor | null>(null);
  const shown = shownOf(props);
  const columns = useGrid(own, shown, stage);
  useEffect(() => {
    onStage(stage);
    return () => {
      stage.close();
      forget([...images, ...priors, ...(canvas === null ? [] : [canvas])]);
    };
  }, []);
  useEffect(() => stage.use(look.tool), [look.tool]);
  useEffect(() => stage.window(look.window, look.from), [look.window]);
  useEffect(() => stage.invert(look.invert), [look.invert]);
  const counted = () => {
    drawn.current += 1;
    stage.window(look.window, null);
    stage.invert(look.invert);
    if (drawn.current === images.length) {
      props.onDrawn();
    }
  };
  const mounted = [...images, ...shown.filter((each) => !images.includes(each))];
  return (
    <div ref={own} class={`panes columns-${columns}`}>
      {mounted.map((info) => (
        <Pane
          key={info.imageId}
          {...props}
          {...{ info, stage }}
          cursor={props.aim ?? cursor}
          hidden={!shown.includes(info)}
          onCursor={setCursor}
          onShown={counted}
        />
      ))}
    </div>
  );
}

/** Return the columns of the grid that shows images largest, and keep the viewports fitted to it. */
function useGrid(
  own: { current: HTMLDivElement | null },
  shown: readonly ImageInfo[],
  stage: Stage,
): number {
  const [size, setSize] = useState<readonly [number, number]>([1, 1]);
  useLayoutEffect(() => {
    const element = own.current;
    if (element === null) {
      return;
    }
    const measured = () => setSize([element.clientWidth, element.clientHeight]);
    const watching = new ResizeObserver(measured);
    watching.observe(element);
    measured();
    return () => watching.disconnect();
  }, []);
  const [columns] = gridOf(shown.length, size[0], size[1]);
  // an image has no size while it is hidden
  const names = shown.map((each) => each.imageId).join(" ");
  useLayoutEffect(() => stage.fit(), [columns, names, size[0], size[1]]);
  return columns;
}

interface PaneProps extends PanesProps {
  readonly info: ImageInfo;
  readonly stage: Stage;
  readonly hidden: boolean;
  readonly cursor: Cursor | null;
  readonly onCursor: (cursor: Cursor | null) => void;
  readonly onShown: () => void;
}

/** Show an image in an element, and tell of its window and place. */
function useImage(props: PaneProps, id: string) {
  const { info, stage } = props;
  const own = useRef<HTMLDivElement>(null);
  const [placed, setPlaced] = useState<Placement | null>(null);
  const [why, setWhy] = useState("");
  useEffect(() => {
    const element = own.current;
    if (element === null) {
      return;
    }
    const moved = () => setPlaced(stage.placement(id));
    const windowed = (event: Event) => {
      const { range } = (event as CustomEvent<{ range: { lower: number; upper: number } }>).detail;
      if (!stage.isSetting) {
        props.onLook({ window: { low: range.lower, high: range.upper }, from: id });
      }
    };
    const quiet = (event: Event) => event.preventDefault();
    element.addEventListener("contextmenu", quiet);
    element.addEventListener(Enums.Events.IMAGE_RENDERED, moved);
    element.addEventListener(Enums.Events.VOI_MODIFIED, windowed);
    stage.show(id, element, info).then(props.onShown, (error: unknown) => setWhy(String(error)));
    return () => {
      element.removeEventListener(Enums.Events.IMAGE_RENDERED, moved);
      element.removeEventListener(Enums.Events.VOI_MODIFIED, windowed);
      stage.hide(id);
    };
  }, []);
  return { own, placed, why };
}

/** Return the name of an image's viewport. */
export function paneId(index: number): string {
  return `image-${index}`;
}

function Pane(props: PaneProps) {
  const { info, look, hidden } = props;
  const { own, placed, why } = useImage(props, paneId(info.index));
  const pressed = (event: PointerEvent) => {
    props.onLook({ chosen: info.index });
    if (look.tool === "mark" && event.button === 0 && placed !== null) {
      props.onPlace(info, atScreen(placed, within(event)));
    }
  };
  const pointed = (event: PointerEvent) => {
    if (placed !== null && event.buttons === 0) {
      props.onCursor({ on: info, pixel: atScreen(placed, within(event)) });
    }
  };
  const chosen = look.chosen === info.index;
  return (
    <div
      class={`pane ${chosen ? "chosen" : ""} ${look.invert ? "inverted" : ""} tool-${look.tool}`}
      hidden={hidden}
      onPointerDownCapture={pressed}
      onPointerMoveCapture={pointed}
      onPointerLeave={() => props.onCursor(null)}
    >
      <div ref={own} class="picture" />
      {placed !== null && (
        <Overlay
          {...props}
          all={[...props.images, ...props.priors]}
          aims={props.aim != null}
          outlines={props.outlines ?? []}
          placed={placed}
        />
      )}
      {why !== "" && <p class="failed">{why}</p>}
    </div>
  );
}

function within(event: PointerEvent): Point {
  const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}
