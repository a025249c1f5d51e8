export const total = (lines: number[]): number => lines.reduce((a, b) => a + b, 0);
