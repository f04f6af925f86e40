const shades = [" ", "░", "▒", "▓", "█"];

/** Several 8 × 8 images of 0 to 16 side by side, as lines of text; each pixel is two characters wide. */
export function picture(images: readonly (readonly number[])[]): string[] {
  const row = (image: readonly number[], line: number) =>
    image
      .slice(line * 8, line * 8 + 8)
      .map((value) => shades[Math.min(4, Math.ceil(value / 4))]!.repeat(2))
      .join("");
  return Array.from({ length: 8 }, (_, line) => images.map((image) => row(image, line)).join("    "));
}
