import { createRequire } from 'node:module';
import { createCanvas, GlobalFonts, type SKRSContext2D } from '@napi-rs/canvas';
import { markPng } from './png-mark.js';

/** A rectangle in logical pixels. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export const INK = '#1b1f24';
export const FAINT_INK = '#57606a';
export const GRID = '#d8dee4';
const FAMILY = 'DejaVu Sans';

/** Where text stands against its point. */
export interface TextStyle {
  size?: number;
  bold?: boolean;
  colour?: string;
  align?: 'left' | 'center' | 'right';
  baseline?: 'top' | 'middle' | 'bottom' | 'alphabetic';
  /** Quarter turn against the clock, as for the label of a vertical axis. */
  upright?: boolean;
}

/** A white sheet with text in a font that ships with the program, drawn in logical pixels and written as PNG. */
export class Figure {
  readonly context: SKRSContext2D;
  readonly #canvas;

  /**
   * @param width Logical pixels.
   * @param height Logical pixels.
   * @param density Device pixels per logical pixel; 1.5 keeps text sharp on a screen of high density.
   */
  constructor(
    readonly width: number,
    readonly height: number,
    readonly density = 1.5,
  ) {
    registerFonts();
    this.#canvas = createCanvas(Math.round(width * density), Math.round(height * density));
    this.context = this.#canvas.getContext('2d');
    this.context.scale(density, density);
    this.context.fillStyle = '#ffffff';
    this.context.fillRect(0, 0, width, height);
  }

  /** Writes one line of text. */
  text(text: string, x: number, y: number, style: TextStyle = {}): void {
    const { context } = this;
    context.save();
    this.#font(style);
    context.fillStyle = style.colour ?? INK;
    context.textAlign = style.align ?? 'left';
    context.textBaseline = style.baseline ?? 'alphabetic';
    context.translate(x, y);
    if (style.upright === true) context.rotate(-Math.PI / 2);
    context.fillText(text, 0, 0);
    context.restore();
  }

  /** Width of one line of text in logical pixels. */
  textWidth(text: string, style: TextStyle = {}): number {
    this.context.save();
    this.#font(style);
    const { width } = this.context.measureText(text);
    this.context.restore();
    return width;
  }

  /** The text, cut in the middle with an ellipsis where it is wider than `width`. */
  fit(text: string, width: number, style: TextStyle = {}): string {
    if (this.textWidth(text, style) <= width) return text;
    const characters = [...text];
    for (let keep = characters.length - 1; keep > 1; keep--) {
      const head = Math.ceil(keep / 2);
      const cut = `${characters.slice(0, head).join('')}…${characters.slice(head - keep).join('')}`;
      if (this.textWidth(cut, style) <= width) return cut;
    }
    return '…';
  }

  /** A straight line; half-pixel offsets are the caller's. */
  line(fromX: number, fromY: number, toX: number, toY: number, colour: string, width = 1): void {
    const { context } = this;
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.beginPath();
    context.moveTo(fromX, fromY);
    context.lineTo(toX, toY);
    context.stroke();
  }

  /** Paints device pixels `[height][width][red, green, blue, alpha]` into a box whose corners are whole device pixels. */
  pixels(box: Box, width: number, height: number, rgba: Uint8ClampedArray): void {
    const image = this.context.createImageData(width, height);
    image.data.set(rgba);
    this.context.putImageData(image, Math.round(box.left * this.density), Math.round(box.top * this.density));
  }

  /** The finished picture. */
  png(): Buffer {
    return markPng(this.#canvas.toBuffer('image/png'));
  }

  #font({ size = 12, bold = false }: TextStyle): void {
    this.context.font = `${bold ? 'bold ' : ''}${size}px "${FAMILY}"`;
  }
}

// No system font can be assumed: containers often have none, and text would come out as nothing.
function registerFonts(): void {
  if (GlobalFonts.has(FAMILY)) return;
  const { resolve } = createRequire(import.meta.url);
  for (const file of ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf']) {
    GlobalFonts.registerFromPath(resolve(`dejavu-fonts-ttf/ttf/${file}`), FAMILY);
  }
}
