/** So many values, one a second. */
const LENGTH = 120;

/** A small line graph of the last two minutes, from 0 up. */
export class Graph {
  readonly #values: number[] = [];

  constructor(private readonly canvas: HTMLCanvasElement) {}

  add(value: number): void {
    this.#values.push(value);
    if (this.#values.length > LENGTH) this.#values.shift();
    this.#draw();
  }

  #draw(): void {
    const { canvas } = this;
    const ratio = devicePixelRatio;
    const width = Math.round(canvas.clientWidth * ratio);
    const height = Math.round(canvas.clientHeight * ratio);
    if (width === 0) return;
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext('2d')!;
    const top = Math.max(...this.#values) * 1.15 || 1;
    context.strokeStyle = getComputedStyle(canvas).color;
    context.lineWidth = 1.5 * ratio;
    context.beginPath();
    this.#values.forEach((value, n) => {
      const x = width - (this.#values.length - 1 - n) * (width / (LENGTH - 1));
      const y = height - (value / top) * (height - 2 * ratio) - ratio;
      if (n === 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    });
    context.stroke();
  }
}
