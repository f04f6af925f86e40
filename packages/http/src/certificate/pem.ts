/** PEM with the line end that every reader of it expects. */
export function pem(text: string): string {
  return text.endsWith("\n") ? text : `${text}\n`;
}
