/** Sentences that only one licence has, in its official text; the first that fits decides. */
const signs: readonly [id: string, ...parts: RegExp[]][] = [
  ["Apache-2.0", /Apache License/i, /Version 2\.0, January 2004/i],
  ["MIT", /Permission is hereby granted, free of charge, to any person obtaining a copy/i, /THE SOFTWARE IS PROVIDED "AS IS"/i],
  ["BSD-3-Clause", /Redistribution and use in source and binary forms/i, /Neither the name/i],
  ["BSD-2-Clause", /Redistribution and use in source and binary forms/i],
  ["AGPL-3.0-only", /GNU AFFERO GENERAL PUBLIC LICENSE/i, /Version 3/i],
  ["LGPL-3.0-only", /GNU LESSER GENERAL PUBLIC LICENSE/i, /Version 3/i],
  ["GPL-3.0-only", /GNU GENERAL PUBLIC LICENSE/i, /Version 3/i],
  ["GPL-2.0-only", /GNU GENERAL PUBLIC LICENSE/i, /Version 2/i],
  ["MPL-2.0", /Mozilla Public License Version 2\.0/i],
  ["CC-BY-4.0", /Creative Commons Attribution 4\.0 International/i],
  ["CC0-1.0", /CC0 1\.0 Universal/i],
  ["ISC", /Permission to use, copy, modify, and\/or distribute this software for any purpose/i],
];

/** The SPDX identifier of a licence's full text, by sentences of it; undefined for one that is not known. */
export function licenceOfText(text: string): string | undefined {
  const start = text.replace(/\s+/g, " ").slice(0, 12_000);
  return signs.find(([, ...parts]) => parts.every((part) => part.test(start)))?.[0];
}
