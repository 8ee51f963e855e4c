/** The store's file in the state root. Apart from the store, which need not be loaded to see whether there is one. */
export const STORE_FILE = "harn.db";
