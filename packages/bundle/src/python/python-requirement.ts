/** Whether a minor version such as `3.11` is one that a version specifier allows, e.g. `>=3.9,<3.13` or `~=3.11`: some release of it, patch numbers aside. */
export function allowsMinor(specifier: string, minor: string): boolean {
  const [major = 0, number = 0] = minor.split(".").map(Number);
  const mine = major * 1000 + number;
  return specifier
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .every((part) => {
      const [, operator = "==", text = ""] = /^(===|==|~=|!=|>=|<=|>|<|=)?\s*v?([\d.]+)(?:\.\*)?/.exec(part) ?? [];
      const numbers = text
        .split(".")
        .filter((piece) => piece !== "")
        .map(Number);
      if (numbers.length === 0) return true;
      const other = numbers[0]! * 1000 + (numbers[1] ?? 0);
      const whole = numbers.length === 1;
      if (operator === ">=" || operator === ">")
        return mine >= other && !(operator === ">" && numbers.length === 2 && mine === other);
      if (operator === "<=") return whole ? major <= numbers[0]! : mine <= other;
      if (operator === "<") return numbers.length > 2 && numbers[2]! > 0 ? mine <= other : mine < other;
      if (operator === "!=") return numbers.length > 2 || mine !== other;
      if (operator === "~=") return numbers.length === 2 ? major === numbers[0] && mine >= other : mine === other;
      return whole ? major === numbers[0] : mine === other;
    });
}

/** The minor version that a specifier names by itself, e.g. `3.11` of `==3.11.*`, else the least it allows; undefined when it says none. */
export function leastMinor(specifier: string): string | undefined {
  const exact = /(?:^|,)\s*(?:===|==|~=|>=|=)?\s*(\d+\.\d+)/.exec(specifier);
  return exact?.[1];
}
