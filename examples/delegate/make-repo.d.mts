/** Makes the repository and answers its commit. */
export function makeRepository(target: string): string;
