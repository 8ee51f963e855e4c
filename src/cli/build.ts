/** Names the build that runs; null: the sources themselves, of which nothing compiled is kept. The build puts its own module in the place of this one. */
export const BUILD: string | null = null;
