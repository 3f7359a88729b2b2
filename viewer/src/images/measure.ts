import { eventTarget } from "@cornerstonejs/core";
import { annotation, LengthTool, Enums as ToolEnums } from "@cornerstonejs/tools";

type Points = readonly (readonly number[])[];

/** Return the distance of two points in mm. */
export function distance(one: readonly number[], other: readonly number[]): number {
  return Math.hypot(...one.map((each, axis) => each - (other[axis] ?? 0)));
}

/** Call back with the length, mm, and name of each line that is drawn or moved; return how to stop. */
export function onLength(tell: (mm: number) => void): () => void {
  const completed = (event: Event) => {
    const made = (event as CustomEvent<{ annotation: LengthAnnotation }>).detail.annotation;
    const [from, to] = made.data.handles.points;
    if (made.metadata.toolName === LengthTool.toolName && from !== undefined && to !== undefined) {
      tell(distance(from, to));
    }
  };
  const { ANNOTATION_COMPLETED } = ToolEnums.Events;
  eventTarget.addEventListener(ANNOTATION_COMPLETED, completed);
  return () => eventTarget.removeEventListener(ANNOTATION_COMPLETED, completed);
}

interface LengthAnnotation {
  readonly metadata: { readonly toolName: string };
  readonly data: { readonly handles: { readonly points: Points } };
}

/** Take every drawn line and region away. */
export function clearMeasures(): void {
  annotation.state.removeAllAnnotations();
}
