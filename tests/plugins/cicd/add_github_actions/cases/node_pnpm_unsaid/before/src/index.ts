export const day = (n: number): number => n * 86_400;
