import {
  cache,
  Enums,
  getRenderingCapabilities,
  getShouldUseCPURendering,
  imageLoader,
  init as initCore,
  metaData,
  RenderingEngine,
  setUseCPURendering,
  type Types,
} from "@cornerstonejs/core";
import {
  addTool,
  annotation,
  EllipticalROITool,
  init as initTools,
  LengthTool,
  PanTool,
  Enums as ToolEnums,
  ToolGroupManager,
  WindowLevelTool,
  ZoomTool,
} from "@cornerstonejs/tools";
import { type ImageInfo, SCHEME, type VoiWindow } from "./dicom";
import type { Placement, Point } from "./geometry";
import { load, metadataOf, planeOf } from "./loader";

/** What dragging with the first mouse button does. */
export type Tool = "window" | "zoom" | "pan" | "length" | "roi" | "mark";
/** How images are drawn. */
export type Drawn = "gpu" | "cpu";

/** Lines and letters of measurements: calm, and legible on dark and bright alike. */
const MEASURE_STYLE = {
  color: "#9fe0b4",
  colorHighlighted: "#d3f5de",
  colorSelected: "#d3f5de",
  textBoxFontFamily: "Inter Variable, system-ui, sans-serif",
  textBoxFontSize: "12px",
  textBoxColor: "#9fe0b4",
  textBoxColorHighlighted: "#d3f5de",
  textBoxColorSelected: "#d3f5de",
} as const;
const ENGINE = "myeloscope";
const GROUP = "reading";
const TOOLS = [WindowLevelTool, ZoomTool, PanTool, LengthTool, EllipticalROITool] as const;
const NAMES: Readonly<Partial<Record<Tool, string>>> = {
  window: WindowLevelTool.toolName,
  zoom: ZoomTool.toolName,
  pan: PanTool.toolName,
  length: LengthTool.toolName,
  roi: EllipticalROITool.toolName,
};
const { MouseBindings } = ToolEnums;

let started = false;

/**
 * Start Cornerstone once. Without a graphics card, or with one that a program imitates, images are
 * drawn on the processor, which is then faster.
 */
export function start(wanted: Drawn | null): Drawn {
  if (!started) {
    started = true;
    initCore();
    const { webgl, softwareRasterizer } = getRenderingCapabilities();
    const own: Drawn = webgl && !softwareRasterizer ? "gpu" : "cpu";
    setUseCPURendering((wanted ?? own) === "cpu", false);
    initTools();
    imageLoader.registerImageLoader(SCHEME, load);
    metaData.addProvider(metadataOf, 10_000);
    for (const each of TOOLS) {
      addTool(each);
    }
    const { style } = annotation.config;
    const { global } = style.getDefaultToolStyles();
    style.setDefaultToolStyles({ global: { ...global, ...MEASURE_STYLE } });
  }
  return getShouldUseCPURendering() ? "cpu" : "gpu";
}

/** Start Cornerstone as an address's search asks (`?draw=cpu`, `?draw=gpu`), or as is faster. */
export function drawnBy(search: string): Drawn {
  const wanted = new URLSearchParams(search).get("draw");
  return start(wanted === "cpu" || wanted === "gpu" ? wanted : null);
}

/** The images on screen: one viewport each. */
export class Stage {
  private readonly engine: RenderingEngine;
  private readonly group;
  private setting = false;
  private readonly shown = new Map<string, ImageInfo>();

  constructor() {
    this.engine = new RenderingEngine(ENGINE);
    ToolGroupManager.destroyToolGroup(GROUP);
    const group = ToolGroupManager.createToolGroup(GROUP);
    if (group === undefined) {
      throw new Error("Cornerstone has no room for our tools.");
    }
    this.group = group;
    for (const each of TOOLS) {
      this.group.addTool(each.toolName);
    }
    this.use("window");
  }

  /** Show an image in an element; ends when it is drawn. */
  async show(id: string, element: HTMLDivElement, info: ImageInfo): Promise<void> {
    this.engine.enableElement({
      viewportId: id,
      element,
      type: Enums.ViewportType.STACK,
      defaultOptions: { background: [0, 0, 0] },
    });
    this.group.addViewport(id, ENGINE);
    this.shown.set(id, info);
    const viewport = this.viewport(id);
    await viewport?.setStack([info.imageId]);
  }

  /** Take an image off the screen. */
  hide(id: string): void {
    this.shown.delete(id);
    this.group.removeViewports(ENGINE, id);
    this.engine.disableElement(id);
  }

  /** Let a tool answer the first mouse button; the wheel zooms, the others pan and zoom. */
  use(tool: Tool): void {
    for (const each of TOOLS) {
      this.group.setToolPassive(each.toolName, { removeAllBindings: true });
    }
    const name = NAMES[tool];
    const primary = { mouseButton: MouseBindings.Primary };
    const bindings = new Map<string, { mouseButton: number }[]>([
      [PanTool.toolName, [{ mouseButton: MouseBindings.Auxiliary }]],
      [
        ZoomTool.toolName,
        [{ mouseButton: MouseBindings.Secondary }, { mouseButton: MouseBindings.Wheel }],
      ],
    ]);
    if (name !== undefined) {
      bindings.set(name, [primary, ...(bindings.get(name) ?? [])]);
    }
    for (const [toolName, each] of bindings) {
      this.group.setToolActive(toolName, { bindings: each });
    }
  }

  /** Set one window for every image but the one that it was dragged on. */
  window({ low, high }: VoiWindow, from: string | null): void {
    this.setting = true;
    this.each((viewport) => {
      if (viewport.id !== from) {
        viewport.setProperties({ voiRange: { lower: low, upper: high } });
        viewport.render();
      }
    });
    this.setting = false;
  }

  /** Whether a change of the window is our own doing, not the reader's. */
  get isSetting(): boolean {
    return this.setting;
  }

  invert(on: boolean): void {
    this.setting = true;
    this.each((viewport) => {
      viewport.setProperties({ invert: on });
      viewport.render();
    });
    this.setting = false;
  }

  /** Put zoom and pan back. */
  reset(): void {
    this.setting = true;
    this.each((viewport) => {
      viewport.resetCamera();
      viewport.render();
    });
    this.setting = false;
  }

  zoom(id: string, times: number): void {
    const viewport = this.viewport(id);
    viewport?.setZoom(viewport.getZoom() * times);
    viewport?.render();
  }

  pan(id: string, by: Point): void {
    const viewport = this.viewport(id);
    const [x, y] = viewport?.getPan() ?? [0, 0];
    viewport?.setPan([x + by.x, y + by.y]);
    viewport?.render();
  }

  /** Fit the viewports to their elements. */
  fit(): void {
    this.engine.resize(true, true);
  }

  /** Return where an image's pixels lie in its element; `null` before it is drawn. */
  placement(id: string): Placement | null {
    const info = this.shown.get(id);
    const viewport = this.viewport(id);
    if (info === undefined || viewport === undefined || !viewport.getImageData()) {
      return null;
    }
    const plane = planeOf(info);
    const at = (row: number, column: number): Types.Point3 =>
      plane.imagePositionPatient.map(
        (each, axis) =>
          each +
          column * plane.columnPixelSpacing * (plane.rowCosines[axis] ?? 0) +
          row * plane.rowPixelSpacing * (plane.columnCosines[axis] ?? 0),
      ) as Types.Point3;
    const [x, y] = viewport.worldToCanvas(at(0, 0));
    const [farX, farY] = viewport.worldToCanvas(at(info.rows, info.columns));
    const step = { x: (farX - x) / info.columns, y: (farY - y) / info.rows };
    if (!(step.x > 0) || !(step.y > 0)) {
      return null; // an element without a size, as while it is hidden
    }
    // The processor's path counts from a pixel's corner, the graphics card's from its centre.
    const shift = getShouldUseCPURendering() ? 0.5 : 0;
    return { origin: { x: x + shift * step.x, y: y + shift * step.y }, step };
  }

  /** Forget measurements and images, and free the screen. */
  close(): void {
    annotation.state.removeAllAnnotations();
    ToolGroupManager.destroyToolGroup(GROUP);
    this.engine.destroy();
    cache.purgeCache();
  }

  private viewport(id: string): Types.IStackViewport | undefined {
    return this.engine.getViewport(id) as Types.IStackViewport | undefined;
  }

  private each(act: (viewport: Types.IStackViewport) => void): void {
    for (const id of this.shown.keys()) {
      const viewport = this.viewport(id);
      if (viewport?.getImageData()) {
        act(viewport);
      }
    }
  }
}
